"""Pixels: read any format, normalize, merge, check, crop, encode.

Knows neither tables nor Beam nor TensorFlow. Images are [H, W] uint8, uint16 or float32, or
[H, W, 3] uint8 for colour; what becomes part of a dataset is [H, W] uint8.
"""

from __future__ import annotations

from cytoimagenet_tfds.images.apart import (
    MAX_CHANNELS,
    Apart,
    keep_apart,
    merge_apart,
    standardize_apart,
)
from cytoimagenet_tfds.images.crops import Window, crop_windows
from cytoimagenet_tfds.images.encode import decode_png, encode_png
from cytoimagenet_tfds.images.formats.blob import MAX_PIXELS
from cytoimagenet_tfds.images.intact import check_grey_png, png_size
from cytoimagenet_tfds.images.levels import to_grey
from cytoimagenet_tfds.images.merging import merge
from cytoimagenet_tfds.images.quality import rejection
from cytoimagenet_tfds.images.reading import decode, decode_file, plane_count, read
from cytoimagenet_tfds.images.standard import (
    RENDERER_VERSION,
    PixelSettings,
    Standardized,
    standardize,
)
from cytoimagenet_tfds.images.stretch import normalize, percentiles

__all__ = [
    "MAX_CHANNELS",
    "MAX_PIXELS",
    "RENDERER_VERSION",
    "Apart",
    "PixelSettings",
    "Standardized",
    "Window",
    "check_grey_png",
    "crop_windows",
    "decode",
    "decode_file",
    "decode_png",
    "encode_png",
    "keep_apart",
    "merge",
    "merge_apart",
    "normalize",
    "percentiles",
    "plane_count",
    "png_size",
    "read",
    "rejection",
    "standardize",
    "standardize_apart",
    "to_grey",
]
