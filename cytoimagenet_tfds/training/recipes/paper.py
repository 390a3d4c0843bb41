"""EfficientNetB0 from random weights, as published.

cytoimagenet train paper --data cytoimagenet --data_dir DIR --out runs/paper

Published (arXiv 2111.11646): 24 epochs, two weeks on an NVIDIA Tesla K40C; accuracy 13.42 % in
training and 11.32 % in validation over 894 classes, 402 of them without a correct prediction.
Not measured with this package. The published form with maximum pooling: --set pooling=max
"""

from __future__ import annotations

from cytoimagenet_tfds.training.recipe import Augmentation, Recipe

RECIPE = Recipe(name="paper", augmentation=Augmentation(rotation=360))
