"""Tells images of stained tissue and smears from fluorescence by their pixels.

A stained section under white light is a colour picture on a bright ground. Fluorescence is grey
(the three channels are equal) or, in false colour, on a dark ground.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from cytoimagenet_tfds.sources.tree import Tree

Look = Literal["stained", "bright", "dark", ""]

# Mean of max(R, G, B) - min(R, G, B). The grey images at hand have exactly 0, the stained ones 42
# and 67; the room between leaves place for the noise of a JPEG that was saved as PNG.
_COLOURFUL = 4.0
# Median grey value out of 255. Fluorescence at hand has 0 to 32, stained sections 230 and more.
_BRIGHT = 64.0
_STEP = 2  # every second pixel in both directions is enough
_THREADS = 2  # decoding releases the interpreter lock


def look(image: np.ndarray) -> Look:
    """Returns what an image looks like.

    Args:
      image: [H, W] or [H, W, 3 or 4] of an integer type; a fourth channel is not looked at.

    Returns:
      'stained' for colour on a bright ground, 'bright' for grey on a bright ground (transmitted
      light), 'dark' for everything else (fluorescence).
    """
    scale = 255.0 / float(np.iinfo(image.dtype).max)
    values = image[::_STEP, ::_STEP].astype(np.float32) * scale
    if values.ndim == 2:
        values = values[..., None]
    values = values[..., :3]
    if float(np.median(values.mean(axis=-1))) < _BRIGHT:
        return "dark"
    spread = values.max(axis=-1) - values.min(axis=-1)
    return "stained" if float(spread.mean()) > _COLOURFUL else "bright"


def looks(tree: Tree, paths: Sequence[str]) -> list[Look]:
    """Returns `look` of every file, '' for one that cannot be read (the build counts it)."""
    from cytoimagenet_tfds import errors, images

    def one(path: str) -> Look:
        try:
            return look(images.decode(tree.read_bytes(path), name=path))
        except (errors.ImageError, OSError):
            return ""

    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(one, paths))
