"""What the best solutions of the protein atlas competition agree on.

cytoimagenet train hpa_best --data hpa_classification --data_dir DIR --out runs/hpa_best

All four stains with a widened first layer, mean and maximum pooling, rare labels seen more often,
focal loss, a low rate with warm-up and cosine, mean over eight views of a test image, thresholds by
the shares of the labels (`test/labels_by_share.csv`). The winner's single network of this kind,
at 768 and 1536 pixels, with the images of release 18 and five folds averaged, has a published macro
F1 of 56.5 on the competition's test images. Not measured with this package.
With the images of release 18: --data hpa_classification/png_external.
Weighted in place of focal loss: --set loss=weighted_binary_crossentropy.
A GPU without tensor cores, or a CPU: --set precision=float32.
"""

from __future__ import annotations

from cytoimagenet_tfds.training.recipe import Augmentation, Recipe

RECIPE = Recipe(
    name="hpa_best",
    task="multilabel",
    target="labels",
    model="cytoimagenet_tfds.training.hpa.networks:pooled_densenet121",
    weights="imagenet",
    dropout=0.5,
    image_size=512,
    compose="cytoimagenet_tfds.training.hpa.compositions:rgby",
    augmentation=Augmentation(
        rotation=360, flips=True, zoom=1.2, shift=0.1, brightness=0.05, contrast=0.1
    ),
    rare=1000,
    rare_copies=16,
    batch=32,
    epochs=45,
    optimizer="adamw",
    learning_rate=0.0003,
    schedule="cosine",
    warmup=2,
    weight_decay=0.01,
    loss="binary_focal_crossentropy",
    keep_best=True,
    precision="mixed_float16",
    distances=0,
    views=8,
    report="cytoimagenet_tfds.training.hpa.report:write",
)
