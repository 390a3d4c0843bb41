"""Usual since the paper: AdamW, cosine schedule with warm-up, label smoothing, more variation.

cytoimagenet train modern --data cytoimagenet --data_dir DIR --out runs/modern

All labels of an image at once: --set task=multilabel --set target=labels --set label_smoothing=0
A GPU without tensor cores, or a CPU: --set precision=float32
Not measured with this package; no score is published for it.
"""

from __future__ import annotations

from cytoimagenet_tfds.training.recipe import Augmentation, Recipe

RECIPE = Recipe(
    name="modern",
    # Nothing that has no counterpart under a microscope: no colour, no cut-out, no mixing.
    augmentation=Augmentation(
        rotation=360, flips=True, zoom=1.25, shift=0.1, brightness=0.1, contrast=0.2
    ),
    batch=256,
    epochs=60,
    optimizer="adamw",
    learning_rate=0.002,
    schedule="cosine",
    warmup=3,
    weight_decay=0.02,
    label_smoothing=0.1,
    keep_best=True,
    precision="mixed_float16",
)
