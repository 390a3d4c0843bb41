"""Features in the two forms that a search needs: exact, and shifted to about their mean."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording

from . import checks

Metric = Literal["euclidean", "cosine"]

_SAMPLE = 1024  # rows that give the origin


class Rows:
    """Features in the two forms that the search needs.

    With `cosine` every row is divided by its length: on such rows the squared Euclidean distance
    is twice the cosine distance.
    """

    def __init__(self, features: npt.ArrayLike, what: str, metric: str) -> None:
        if metric not in get_args(Metric):
            raise errors.ConfigError(errors.unknown_name("metric", metric, get_args(Metric)))
        self._features = checks.matrix(features, what)
        self.count: tuple[int, ...] = self._features.shape
        self._lengths = lengths(self._features, what) if metric == "cosine" else None
        # Bytes of a value while it is made ready for the product.
        single = self._features.dtype == np.float32 and self._lengths is None
        self.bytes = 4 if single else 12
        # Whether a product can take the rows as they are.
        self.plain = bool(single and self._features.flags.c_contiguous)

    def exact(self, rows: slice | npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Returns rows as float64, a copy."""
        values: npt.NDArray[np.float64] = np.array(self._features[rows], np.float64)
        if self._lengths is not None:
            values /= self._lengths[rows, None]
        return values

    def single(self, rows: slice) -> npt.NDArray[np.float32]:
        """Returns rows as they are, float32, not copied; for `plain` rows alone."""
        values: npt.NDArray[np.float32] = self._features[rows]
        return values

    def shifted(
        self,
        rows: slice,
        origin: npt.NDArray[np.float32],
        out: npt.NDArray[np.float32] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Returns rows minus the origin: every value is right but for one rounding to float32."""
        values = self._features[rows] if self.bytes == 4 else self.exact(rows)
        if out is None:
            out = np.empty(values.shape, np.float32)
        return np.subtract(values, origin, out=out[: len(values)], casting="same_kind")

    def origin(self) -> npt.NDArray[np.float32]:
        """Returns about the mean row, from some of them."""
        step = -(-self.count[0] // _SAMPLE)
        mean = self.exact(slice(None, None, step)).mean(axis=0)
        return np.asarray(mean, np.float32)


def lengths(features: npt.NDArray[Any], what: str) -> npt.NDArray[np.float64]:
    """Returns the Euclidean length of every row, [N] float64; raises TableError where it is 0."""
    # Divided by the largest value first, so that squares neither overflow nor vanish.
    largest = np.abs(features).max(axis=1).astype(np.float64)
    zero = np.flatnonzero(largest == 0)
    if zero.size:
        raise errors.TableError(
            f"{what}: {wording.counted(zero.size, 'row is', 'rows are')} zero "
            f"({checks.shown(zero)}) and without an angle to others. Leave them out or use the "
            "euclidean metric."
        )
    result = np.empty(len(features))
    step = max(1, 2**22 // features.shape[1])
    for start in range(0, len(features), step):
        part = slice(start, start + step)
        scaled = features[part] / largest[part, None]
        result[part] = largest[part] * np.sqrt((scaled * scaled).sum(axis=1))
    return result
