"""EfficientNetB0 from ImageNet's weights, else as published.

cytoimagenet train paper_imagenet --data cytoimagenet --data_dir DIR --out runs/paper_imagenet

Keras downloads the weights; where there is no network, put its file efficientnetb0_notop.h5 into
~/.keras/models. The author's published weights: --set weights=efficientnetb0_weights-notop.h5
Not measured with this package.
"""

from __future__ import annotations

from cytoimagenet_tfds.training.recipe import Augmentation, Recipe

RECIPE = Recipe(name="paper_imagenet", weights="imagenet", augmentation=Augmentation(rotation=360))
