"""The published system for the protein atlas: DenseNet-121, flat head, Adam 0.01, batches of 4.

cytoimagenet train hpa_paper --data hpa_classification --data_dir DIR --out runs/hpa_paper

As the write-up (manthan2305.github.io/projects/1_project) describes it; where it says nothing, the
value is ours: epochs, what a rare label is, strength of the augmentation, ReLU behind the 1x1
convolution, which of its three compositions. Published: macro F1 39.87 at 512 pixels, more than 8
hours of training at high resolution. Not measured with this package.
Other rows of its table: --set model=cytoimagenet_tfds.training.hpa.networks:NAME with NAME of
densenet201, inception_resnet_v2 or all_cnn (the last one with weights=).
Other compositions: --set compose=cytoimagenet_tfds.training.hpa.compositions:NAME with NAME of
grey_green, damped, double_green or rgb.
High resolution: --data hpa_classification/full_size --set image_size=1024.
"""

from __future__ import annotations

from cytoimagenet_tfds.training.recipe import Augmentation, Recipe

RECIPE = Recipe(
    name="hpa_paper",
    task="multilabel",
    target="labels",
    model="cytoimagenet_tfds.training.hpa.networks:densenet121",
    weights="imagenet",
    dropout=0.5,
    image_size=512,
    compose="cytoimagenet_tfds.training.hpa.compositions:double_green",
    augmentation=Augmentation(rotation=360, flips=True, zoom=1.25, shift=0.1),
    rare=1000,
    augment_rare_only=True,
    batch=4,
    epochs=20,
    learning_rate=0.01,
    loss="binary_crossentropy",
    distances=0,
    report="cytoimagenet_tfds.training.hpa.report:write",
)
