"""Keras models from prepared datasets: recipes, input pipelines, runs and what is learnt from them.

A `Recipe` says what to train and how; `cytoimagenet train` runs it. Keras and TensorFlow are
imported by the modules that need them, not here. The floating-point work is Keras', so
`KERAS_BACKEND` is respected; what only TensorFlow can do says so.

Which weights exist: the author of CytoImageNet published `efficientnetb0_weights-notop.h5`, which
`Recipe(weights=PATH)` loads; Keras downloads those of ImageNet for `weights='imagenet'`. No weights
come with this package. The published training from random weights took 24 epochs, two weeks
on an NVIDIA Tesla K40C.
"""

from __future__ import annotations

from cytoimagenet_tfds.training.recipe import Augmentation, Recipe

__all__ = ["Augmentation", "Recipe"]
