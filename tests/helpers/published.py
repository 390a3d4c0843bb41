"""A small archive as the published one: one folder per label, and metadata.csv."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cytoimagenet_tfds import schema

COLUMNS = (
    "label", "category", "database", "name", "dir_name", "path", "filename", "idx", "organism",
    "cell_type", "cell_visible", "phenotype", "compound", "sirna", "gene", "microscopy", "channels",
    "crop", "scaling", "x_min", "x_max", "y_min", "y_max",
)  # fmt: skip

# Label -> category, images. Names with everything that a folder cannot have; 'null' and 'na' are
# what pandas would take for missing; 'a/b' and 'a-b' share a folder.
CLASSES = {
    "human": ("organism", 400),
    "u2os": ("cell_type", 300),
    "nucleus": ("cell_visible", 400),
    "1,4-dideoxy (r) [2h]/tri, x": ("compound", 300),
    "balf/serum": ("compound", 200),
    "a/b": ("compound", 120),
    "stage -- late": ("phenotype", 90),
    "a-b": ("phenotype", 100),
    "null": ("sirna", 140),
    "na": ("phenotype", 120),
    "ezh2 targeted": ("gene", 120),
}
SOURCES = {
    "rec_rxrx1": ("Recursion", "RxRx1"),
    "idr0016": ("Image Data Resource", "idr0016"),
    "bbbc022": ("Broad Bioimage Benchmark Collection", "BBBC022"),
    "kag_hpa": ("Kaggle", "HPA"),
}
IMAGES = sum(count for _, count in CLASSES.values())
MICROSCOPY = ("fluorescence", "fluorescence|brightfield|darkfield", "confocal")


def rows() -> list[dict[str, str]]:
    """The lines of the table, classes mixed as in the published one; three crops of each image."""
    made = [row for label in CLASSES for row in _class(label)]
    order = np.random.Generator(np.random.PCG64(5)).permutation(len(made))
    return [made[number] for number in order]


def _class(label: str) -> Iterator[dict[str, str]]:
    category, count = CLASSES[label]
    folder = schema.folder_name(label)
    start = 5000 if label == "a-b" else 0  # what shares a folder must not share names
    for number in range(count):
        dir_name = sorted(SOURCES)[number % len(SOURCES)]
        crop = number % 3 != 0
        bounds = ("0.0", "9.0", "2.0", "10.0") if crop else ("",) * 4
        yield {
            **dict.fromkeys(COLUMNS, ""),
            "label": label, "category": category, "database": SOURCES[dir_name][0],
            "name": SOURCES[dir_name][1], "dir_name": dir_name, "path": f"cytoimagenet/{folder}",
            "filename": schema.file_name(folder, start + number, count),
            "idx": f"{dir_name}-{sorted(CLASSES).index(label) * 1000 + number // 12}",
            "organism": "human" if label != "human" else "human|mouse", category: label,
            "microscopy": MICROSCOPY[number % 3], "crop": str(crop),
            "scaling": "0.5" if crop else "1.0",
            **dict(zip(("x_min", "x_max", "y_min", "y_max"), bounds, strict=True)),
        }  # fmt: skip


def image(number: int) -> bytes:
    """An 8 x 9 image of its own for each number, as a PNG."""
    rng = np.random.Generator(np.random.PCG64(number))
    return cv2.imencode(".png", rng.integers(0, 255, (8, 9), dtype=np.uint8))[1].tobytes()


def content(table: list[dict[str, str]], **further: list[str]) -> dict[str, bytes]:
    """The files of an archive: path -> bytes; `further` columns are added to the table."""
    made = {f"{r['path']}/{r['filename']}": image(n) for n, r in enumerate(table)}
    made["metadata.csv"] = csv_bytes(table, **further)
    made["__MACOSX/._metadata.csv"] = made["cytoimagenet/human/.DS_Store"] = b"debris"
    return made


def path_of(table: list[dict[str, str]], label: str, number: int = 0) -> str:
    """The path of an image of a class."""
    chosen = [row for row in table if row["label"] == label]
    return f"{chosen[number]['path']}/{chosen[number]['filename']}"


def without(made: Mapping[str, bytes], path: str) -> dict[str, bytes]:
    """The files of an archive, all but one."""
    return {name: data for name, data in made.items() if name != path}


def csv_bytes(table: list[dict[str, str]], **further: list[str]) -> bytes:
    text = io.StringIO()
    names = [*table[0], *further]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(table):
        writer.writerow({**row, **{name: values[number] for name, values in further.items()}})
    return text.getvalue().encode()


def write_zip(path: Path, made: Mapping[str, bytes]) -> None:
    """Writes the zip as Kaggle gives it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in made.items():
            archive.writestr(name, data)


def write_folder(root: Path, made: Mapping[str, bytes]) -> None:
    """Writes the archive unpacked."""
    for name, data in made.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


def expected(table: list[dict[str, str]]) -> Any:
    """The counts of a table, computed without the package's own counting."""
    from cytoimagenet_tfds.builders.cytoimagenet.published import expected as counts

    categories: dict[str, set[str]] = {}
    databases: dict[str, set[str]] = {}
    for row in table:
        categories.setdefault(row["category"], set()).add(row["label"])
        databases.setdefault(row["database"], set()).add(row["label"])
    return counts.Expected(
        len(table), len({row["label"] for row in table}),
        {name: len(labels) for name, labels in categories.items()},
        {name: len(labels) for name, labels in databases.items()},
    )  # fmt: skip
