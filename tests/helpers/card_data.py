"""Datasets that exist as examples only, for the data card: any size, any label, no TensorFlow."""

from __future__ import annotations

import types

import numpy as np

from cytoimagenet_tfds import images, prepared, schema

NASTY = (
    "</script><script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "a & b < c > d \"quoted\" 'single'",
    "constructor",
    "__proto__",
    "βeta-catenin, 漢字",
    "{{facts}}",
)
SOURCES = (
    ("bbbc006", "Human U2OS cells", "Broad Bioimage Benchmark Collection", "CC0-1.0"),
    ("idr0016", "Wawer", "Image Data Resource", "CC-BY-4.0"),
    ("rec_rxrx1", "RxRx1", "Recursion", "CC-BY-NC-SA-4.0"),
    ("kag_leukemia", "Leukemia", "Kaggle", "unknown"),
)


class _Class:
    def __init__(self, names):
        self.names = list(names)

    def str2int(self, name):
        return self.names.index(name)


def _features(labels):
    plain = {column.name: None for column in schema.columns("example")}
    return plain | {"label": _Class(labels), "category": _Class(schema.CATEGORIES)}


def dataset(labels, per_split=(9, 1), folder=None, metadata=None):
    """Something `card` takes for a prepared dataset with these classes."""
    splits = {"train": per_split[0] * len(labels), "validation": per_split[1] * len(labels)}
    info = types.SimpleNamespace(
        full_name="cytoimagenet/made_up/1.0.0", features=_features(labels), metadata=metadata or {},
        description="First paragraph.\n\nSecond <b>paragraph</b>.",
        homepage="javascript:alert(1)", citation="@article{a,\n title={<i>T</i>}\n}",
        redistribution_info=types.SimpleNamespace(license="As the sources say."),
        splits={name: types.SimpleNamespace(num_bytes=1000) for name in splits},
        file_format=types.SimpleNamespace(value="tfrecord"),
    )  # fmt: skip
    return types.SimpleNamespace(
        name=info.full_name, info=info, metadata=info.metadata, splits=splits,
        classes=tuple(labels), stores_png=True, columns=schema.columns("example"), folder=folder,
        builder=types.SimpleNamespace(builder_config=None),
    )  # fmt: skip


def example(label, number, split="train", side=40, noise=False, **values):
    """One example; its image is a gradient, or noise that compresses badly."""
    name, title, database, licence = SOURCES[number % len(SOURCES)]
    plain = {column.name: column.missing for column in schema.columns("example")}
    given = {
        "key": f"{name}/{label}/{number}", "label": label, "labels": [label],
        "category": schema.CATEGORIES[len(label) % 7], "dir_name": name, "name": title,
        "database": database, "licence": licence, "scaling": 1.0, "microscopy": "fluorescence",
        "group": f"{split}:{number}", "x_min": 0, "y_min": 0, "x_max": side, "y_max": side,
    }  # fmt: skip
    rng = np.random.default_rng(number)
    shape = (side, side + side // 2)
    pixels = rng.integers(0, 256, shape) if noise else np.add.outer(*map(np.arange, shape)) % 256
    return prepared.Example(plain | given | values, images.encode_png(pixels.astype(np.uint8)))


def fill(card, labels, per_split=(9, 1), **how):
    """Shows a card `per_split` images of each class in train and validation."""
    number = 0
    for split, count in zip(("train", "validation"), per_split, strict=True):
        for label in labels:
            for _ in range(count):
                card.see(split, example(label, number, split, **how))
                number += 1
    return card
