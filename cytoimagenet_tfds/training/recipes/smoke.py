"""A small network on small images: shows that everything works, on the sample in a minute.

cytoimagenet train smoke --data cytoimagenet/sample --data_dir DIR --out runs/smoke
"""

from __future__ import annotations

from cytoimagenet_tfds.training.recipe import Augmentation, Recipe

RECIPE = Recipe(
    name="smoke",
    model="small",
    image_size=64,
    augmentation=Augmentation(rotation=360, flips=True),
    batch=32,
    epochs=8,
    learning_rate=0.003,
    schedule="cosine",
    top_k=3,
    shuffle=1000,
    deterministic=True,
    distances=20,
)
