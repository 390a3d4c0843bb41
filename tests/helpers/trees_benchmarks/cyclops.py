"""CYCLoPs: one to three cells of each class, as TIFF tree and as HDF5 files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from trees import _write

# In the order of the label table, which is not that of the alphabet.
CLASSES = (
    "SPINDLE", "ACTIN", "BUDNECK", "BUDTIP", "CELLPERIPHERY", "CYTOPLASM", "DEAD", "ENDOSOME", "ER",
    "GHOST", "GOLGI", "MITOCHONDRIA", "NUCLEARPERIPHERY", "NUCLEI", "NUCLEOLUS", "PEROXISOME",
    "SPINDLEPOLE", "VACUOLARMEMBRANE", "VACUOLE",
)  # fmt: skip
JUNK = ("DEAD", "GHOST")


def make_tiff(root: Path, classes: tuple[str, ...] = CLASSES) -> None:
    """The tree, in an outer folder; the class is the folder's, whatever else lies there."""
    for number, label in enumerate(classes):
        for cell in range(1 + number % 3):
            for channel in ("gfp", "rfp"):
                _write.image(
                    root, f"cyclops/{label}/{label}_{cell}_{channel}.tif", shape=(64, 64),
                    dtype="float32",
                )  # fmt: skip
    _write.debris(root, f"cyclops/{label}/{label}_0_gfp.tif")


def make_hdf5(root: Path, dtype: str = "float32", names: str = "Index1_columns") -> None:
    """Three files of 19 cells, one of each class."""
    import h5py

    root.mkdir(parents=True, exist_ok=True)
    for part in ("train", "valid", "test"):
        with h5py.File(root / f"Chong_{part}_set.hdf5", "w") as file:
            file["data1"] = _write.pixels(part, (len(CLASSES), 8192), dtype)
            file["Index1"] = np.eye(len(CLASSES), dtype="int8")
            file[names] = np.array([name.encode() for name in CLASSES])
