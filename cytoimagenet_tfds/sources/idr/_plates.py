"""Plates and datasets of IDR studies: `plates.tsv` and `filePaths.tsv` name the folder of each.

They have no header and no fixed order of columns; a path begins with `/` or `..`. Where a table
has paths alone the plate is called as its folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from cytoimagenet_tfds.sources.idr._tables import Metadata

# Where IDR's server keeps the submitted tree of a study.
_SERVER = re.compile(r"^.*/(?:filesets|incoming)/[^/]+/")
_FILE = re.compile(r"\.(?:xdce|htd|wpi|xml|mlf|screen|pattern|tiff?|dv|flex)$", re.IGNORECASE)
_NAME = re.compile(r"^.*Dataset:name:")
# Folders that occur in every plate say nothing about which one it is.
_GENERIC = re.compile(r"(?:meas_?\d+|images|data|screen|plates)", re.IGNORECASE)


def read(meta: Metadata, stem: str) -> dict[str, str]:
    """Returns folder (as on the mirror, below the study) -> plate or dataset."""
    folders: dict[str, str] = {}
    for path in meta.find(stem):
        text = meta.tree.read_bytes(path).decode("utf-8-sig", errors="replace")
        for line in text.splitlines():
            cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
            place = next((cell for cell in cells if cell.startswith(("/", ".."))), None)
            if place is not None:
                folder = folder_of(place)
                name = next((cell for cell in cells if cell is not place), "")
                folders[folder] = _NAME.sub("", name) or folder.rsplit("/", 1)[-1]
    return folders


def folder_of(place: str) -> str:
    """Returns the folder of a server path relative to its study.

    >>> folder_of('/uod/idr/filesets/idr0088-cox/20200722-awss3/p1/1013608248/1013608248.wpi')
    '20200722-awss3/p1/1013608248'
    """
    folder = _SERVER.sub("", place).strip("/")
    return folder.rpartition("/")[0] if _FILE.search(folder) else folder


class Folders:
    """Finds the plate of a folder by the longest part of its path that only one plate has."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        self._plate_of: dict[str, str] = {}
        for folder, plate in folders.items():
            parts = folder.casefold().split("/")
            for start in range(len(parts)):
                if not all(_GENERIC.fullmatch(part) for part in parts[start:]):
                    tail = "/".join(parts[start:])
                    shared = self._plate_of.setdefault(tail, plate) != plate
                    self._plate_of[tail] = "" if shared else plate

    def plate(self, folder: str) -> str:
        """Returns the plate of a folder or of a folder around it, '' where none is known."""
        parts = folder.casefold().split("/")
        for length in range(len(parts), 0, -1):
            for start in range(len(parts) - length + 1):
                plate = self._plate_of.get("/".join(parts[start : start + length]))
                if plate:
                    return plate
        return ""

    def plates(self, folders: pd.Series) -> pd.Series:
        """As `plate` for a whole column; each distinct folder is looked up once."""
        found = {folder: self.plate(folder) for folder in folders.unique()}
        return folders.map(found).astype("str")
