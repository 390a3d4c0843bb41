"""Sizes of images from their headers alone."""

from __future__ import annotations

import concurrent.futures
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.tree import Tree

_THREADS = 8  # the work is waiting for the disk

Size = tuple[int, int]  # height, width


def differing(tree: Tree, lines: pd.DataFrame) -> dict[str, str]:
    """Returns the images whose channels differ in size, with the sizes.

    Headers of members of archives and of remote files are not read: rendering finds those.

    Args:
      tree: the folder.
      lines: `path`, `field` and `channel` of every file.
    """
    if "://" in str(tree.root):
        return {}
    rows = lines[~lines["path"].isin(list(tree.members))]
    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        found = list(pool.map(lambda path: size(tree, path), rows["path"]))
    known: dict[str, dict[str, Size]] = {}
    for field, channel, one in zip(rows["field"], rows["channel"], found, strict=True):
        if one is not None:
            known.setdefault(field, {})[channel] = one
    return {
        field: ", ".join(f"{channel} {h} x {w}" for channel, (h, w) in sorted(channels.items()))
        for field, channels in known.items()
        if len(set(channels.values())) > 1
    }


def size(tree: Tree, path: str) -> Size | None:
    """Returns the size of an image, None where its header cannot be read."""
    try:
        with tree.open(path) as file, Image.open(file) as image:
            return image.height, image.width
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        return None  # counted as unreadable when it is rendered
