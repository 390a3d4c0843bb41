"""From the channels of an image to what a network trained on photographs or grey images sees."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, images

Channels = Literal["concat", "merge"]
Range = Literal["type", "values"]

_TOP = 255.0  # of what networks of Keras take


@dataclasses.dataclass(frozen=True, kw_only=True)
class Method:
    """How the channels of an image become planes of 0 to 255.

    Attributes:
      channels: `concat` gives every channel to the model alone and joins their features; `merge`
        merges them to one plane first.
      normalize: stretch every channel between its 0.1th and 99.9th percentile first.
      raw: range of channels that are not stretched: `type` divides unsigned integers by the largest
        value of their type and takes floats as 0 to 1, `values` takes the numbers as they are, as
        the code of CytoImageNet did, where 16 bits and floats reach the network unscaled.
    """

    channels: Channels = "concat"
    normalize: bool = True
    raw: Range = "type"

    def __post_init__(self) -> None:
        """Raises ConfigError with every value that is not known."""
        problems = errors.Problems()
        for what, value, known in (
            ("way of channels", self.channels, get_args(Channels)),
            ("range", self.raw, get_args(Range)),
        ):
            if value not in known:
                problems.add(errors.unknown_name(what, value, known))
        problems.raise_if_any(errors.ConfigError, "The method is not valid:")

    @property
    def name(self) -> str:
        """Short name for files and tables: `concat-norm`, `merge-raw` ..."""
        stretched = "norm" if self.normalize else "raw" if self.raw == "type" else "values"
        return f"{self.channels}-{stretched}"


METHODS = tuple(
    Method(channels=channels, normalize=normalize)
    for channels in get_args(Channels)
    for normalize in (True, False)
)


def named(name: str) -> Method:
    """Returns the method of a name, such as `concat-norm`."""
    values = [dataclasses.replace(m, raw="values") for m in METHODS if not m.normalize]
    known = {method.name: method for method in (*METHODS, *values)}
    if name not in known:
        raise errors.ConfigError(errors.unknown_name("method", name, known))
    return known[name]


def planes(image: npt.NDArray[Any], method: Method) -> npt.NDArray[np.float32]:
    """Returns what the model sees of an image.

    Args:
      image: [H, W, C], channels apart.
      method: how to make planes of it.

    Returns:
      [P, H, W] float32, P the number of channels or 1; 0 to 255 unless `raw` is `values`.

    Raises:
      ImageError: no pixels, NaN or infinity.
    """
    channels = list(np.moveaxis(image, -1, 0))
    if method.normalize and method.channels == "merge":
        return images.merge(channels).astype(np.float32)[None]
    if method.normalize:
        return np.stack([images.normalize(channel) for channel in channels]) * np.float32(_TOP)
    raw = np.stack([_raw(channel, method.raw) for channel in channels])
    merged: npt.NDArray[np.float32] = raw.mean(axis=0, keepdims=True)
    return merged if method.channels == "merge" else raw


def _raw(channel: npt.NDArray[Any], scale: Range) -> npt.NDArray[np.float32]:
    values = channel.astype(np.float32)
    if not np.isfinite(values).all():
        raise errors.ImageError("not finite", "the image holds NaN or infinity.")
    if scale == "values":
        return values
    top = np.iinfo(channel.dtype).max if channel.dtype.kind == "u" else 1.0
    return values * np.float32(_TOP / top)
