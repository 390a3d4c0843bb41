"""COOS-7: a few cells of each split, as TIFF tree and as HDF5 files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from trees import _write

SPLITS = ("train", "test1", "test2", "test3", "test4")
CLASSES = ("ER", "Golgi", "IMM")
CELLS = 2  # of each class in each split


def make_tiff(root: Path, cells: int = CELLS) -> None:
    for split in SPLITS:
        for label in CLASSES:
            for number in range(cells):
                stem = f"CURATED-COOS7/{split}/{label}/plate1_C0{number}_a_b_{number}"
                for channel in ("protein", "nucleus"):
                    _write.image(root, f"{stem}_{channel}.tif", shape=(64, 64), dtype="uint16")
                _write.image(root, f"{stem}_mask.tif", shape=(64, 64))
    _write.debris(root, f"{stem}_protein.tif")


def make_hdf5(root: Path, sizes: dict[str, int] | None = None) -> None:
    import h5py

    root.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        name = "training" if split == "train" else split
        count = (sizes or {}).get(split, 2 * CELLS)
        with h5py.File(root / f"COOS7_v1.1_{name}.hdf5", "w") as file:
            # Chunks that are never written take no space.
            data = file.create_dataset(
                "data",
                (count, 2, 64, 64),
                "uint16",
                chunks=(min(256, count), 2, 64, 64),
                fillvalue=7,
            )
            if sizes is None:
                data[()] = _write.pixels(split, data.shape, "uint16")
            file["labels"] = np.arange(count) % 7
