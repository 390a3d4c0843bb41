"""Images given more than once: the same files, or the same picture at another size and quality."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, files, images
from cytoimagenet_tfds.builders.hpa_classification import pixels
from cytoimagenet_tfds.sources import content

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.tree import Tree

_COMPARED = ("green", "blue")
_SIDE, _LOW = 64, 16  # pixels of the reduced image, lowest frequencies kept in each direction
_WORDS = _LOW * _LOW // 64  # 64-bit words of one channel's hash
_FLAT = 1.0  # grey levels; an image that varies less has no picture to compare
_BLOCK = 256  # images compared with all others at a time

Hashes = npt.NDArray[np.uint64]


def same_files(tree: Tree, lines: pd.DataFrame) -> dict[str, str]:
    """Returns id -> digest for the images whose protein and nucleus files are those of another."""
    digests: dict[str, dict[str, str]] = {}
    for colour in _COMPARED:
        rows = lines[lines["channel"] == colour]
        found = content.twins(tree, rows["path"].tolist())
        digests[colour] = dict(zip(rows["field"], found, strict=True))
    green, blue = (digests[colour] for colour in _COMPARED)
    return {
        name: digest + blue[name] for name, digest in green.items() if digest and blue.get(name, "")
    }


def clusters(names: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Returns name -> first name of its cluster, for names that are linked to another.

    Args:
      names: all names.
      links: pairs (name, digest): names with one digest are the same image.
    """
    import pandas as pd

    column = pd.Series([*names, *(name for name, _ in links)], dtype="str")
    joined = content.joined(column, [""] * len(names) + [digest for _, digest in links])
    both = dict(zip(column, joined, strict=True))
    return {name: text.split("+")[0] for name, text in both.items() if "+" in text}


def picture_hash(image: npt.NDArray[np.uint8]) -> Hashes | None:
    """Returns 256 bits of a picture that scaling and JPEG hardly change; None for a flat one.

    A bit tells whether a low frequency of the cosine transform is above the median of all.

    Args:
      image: [H, W] uint8.

    Returns:
      [4] uint64.
    """
    reduced = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    if reduced.std() < _FLAT:
        return None
    low = cv2.dct(reduced)[:_LOW, :_LOW].ravel()
    return np.packbits(low > np.median(low)).view(np.uint64)


def hash_rows(rows: pd.DataFrame, roots: Mapping[str, str]) -> dict[str, Hashes]:
    """Returns key -> [8] uint64 of the protein and the nucleus; rows without a picture lack.

    Args:
      rows: `key`, `dir_name`, `files` and `missing`; reads two files of each row.
      roots: dir_name -> folder.
    """
    wanted = [pixels.COLOURS.index(colour) for colour in _COMPARED]

    def one(key: str, dir_name: str, text: str) -> tuple[str, Hashes | None]:
        references = files.split(text)
        try:
            stains = [_read(roots[dir_name], references[number]) for number in wanted]
        except errors.ImageError:
            return key, None  # rejected with its reason when it is rendered
        parts = [picture_hash(stain) for stain in stains]
        if any(part is None for part in parts):
            return key, None
        return key, np.concatenate([part for part in parts if part is not None])

    usable = rows[(rows["missing"] == "") & (rows["excluded"] == "")]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = pool.map(one, usable["key"], usable["dir_name"], usable["files"])
        return {key: value for key, value in found if value is not None}


def _read(root: str, reference: files.FileRef) -> npt.NDArray[np.uint8]:
    data = files.read_bytes(root, reference)
    image = pixels.one_stain(images.decode(data, reference.plane, reference.path))
    if image.dtype != np.uint8:
        raise errors.ImageError("not 8 bits", f"{reference.path} is {image.dtype}.")
    return np.asarray(image, dtype=np.uint8)


def similar(hashes: Mapping[str, Hashes], limit: int = 30) -> list[tuple[str, str]]:
    """Returns links between images whose hashes differ in few bits.

    Two different pictures differ in about half of the 256 bits of a channel.

    Args:
      hashes: name -> [8] uint64.
      limit: bits that may differ, in each of the two channels.

    Returns:
      Pairs (name, digest), two for every pair of similar images.
    """
    names = sorted(hashes)
    if not names:
        return []
    table = np.stack([hashes[name] for name in names])
    links: list[tuple[str, str]] = []
    for start in range(0, len(names), _BLOCK):
        block = table[start : start + _BLOCK]
        first, second = np.nonzero(_distance(block, table[start:], 0) <= limit)
        for a, b in zip(first + start, second + start, strict=True):
            if a < b and _distance(table[[a]], table[[b]], _WORDS)[0, 0] <= limit:
                digest = f"{names[a]} {names[b]}"
                links += [(names[a], digest), (names[b], digest)]
    return links


def _distance(a: Hashes, b: Hashes, word: int) -> npt.NDArray[np.uint16]:
    """Returns [A, B] bits that differ in one channel, whose words begin at `word`."""
    total: npt.NDArray[np.uint16] = np.zeros((len(a), len(b)), dtype=np.uint16)
    for number in range(word, word + _WORDS):
        total += np.bitwise_count(a[:, None, number] ^ b[None, :, number])
    return total
