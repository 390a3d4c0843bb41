"""Scaling of features: fitted on a training set, or per plate on its controls."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import checks

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Scaler:
    """Takes every feature to mean 0 and standard deviation 1 over the rows it was fitted on.

    A feature that is constant there is only shifted.

    Attributes:
      centre: [D] mean of each feature.
      spread: [D] standard deviation of each feature (of the population), 1 where it is 0.
    """

    centre: Floats
    spread: Floats

    @classmethod
    def fit(cls, features: npt.ArrayLike) -> Scaler:
        """Measures the features of a training set [N, D]."""
        values = checks.matrix(features, "features")
        centre = values.mean(axis=0, dtype=np.float64)
        spread = values.std(axis=0, dtype=np.float64)
        # A constant float32 column has a deviation of the rounding of its mean.
        spread[values.max(axis=0) == values.min(axis=0)] = 1.0
        return cls(centre, spread)

    def transform(self, features: npt.ArrayLike) -> npt.NDArray[Any]:
        """Returns scaled features [N, D] in their own precision, a copy."""
        values = checks.matrix(features, "features")
        if values.shape[1] != len(self.centre):
            raise errors.TableError(
                f"The scaler was fitted on {len(self.centre):,} features, not {values.shape[1]:,}."
            )
        centre, spread = self.centre.astype(values.dtype), self.spread.astype(values.dtype)
        scaled: npt.NDArray[Any] = (values - centre) / spread
        return scaled


def control_range(
    features: npt.ArrayLike,
    plate: Sequence[str],
    control: Sequence[bool],
    low: float = 1.0,
    high: float = 99.0,
) -> Floats:
    """Takes a percentile range of each plate's controls to 0 and 1 (Ljosa et al. 2013).

    Args:
      features: [N, D], one row per well or image.
      plate: [N] plate of each row.
      control: [N] True for the negative controls (DMSO).
      low: percentile that becomes 0.
      high: percentile that becomes 1.

    Returns:
      [N, D] float64. A feature whose controls have no spread on a plate is 0 on that plate.

    Raises:
      TableError: NaN, columns of different length, a plate without controls.
    """

    def edges(controls: Floats) -> tuple[Floats, Floats]:
        bottom, top = np.percentile(controls, [low, high], axis=0)
        return bottom, top - bottom

    return _per_plate(features, plate, control, edges)


def control_zscore(
    features: npt.ArrayLike,
    plate: Sequence[str],
    control: Sequence[bool],
    *,
    robust: bool = False,
) -> Floats:
    """Takes each plate's controls to mean 0 and standard deviation 1.

    Args:
      features: [N, D], one row per well or image.
      plate: [N] plate of each row.
      control: [N] True for the negative controls (DMSO).
      robust: median and 1.4826 times the median absolute deviation instead.

    Returns:
      [N, D] float64. A feature whose controls have no spread on a plate is 0 on that plate.

    Raises:
      TableError: NaN, columns of different length, a plate without controls.
    """

    def mean(controls: Floats) -> tuple[Floats, Floats]:
        return controls.mean(axis=0), controls.std(axis=0)

    def median(controls: Floats) -> tuple[Floats, Floats]:
        centre = np.median(controls, axis=0)
        return centre, 1.4826 * np.median(np.abs(controls - centre), axis=0)

    return _per_plate(features, plate, control, median if robust else mean)


def _per_plate(
    features: npt.ArrayLike,
    plate: Sequence[str],
    control: Sequence[bool],
    measure: Callable[[Floats], tuple[Floats, Floats]],
) -> Floats:
    """Subtracts and divides by what `measure` finds in the controls of each plate."""
    values = checks.matrix(features, "features")
    checks.same_length(len(values), plate=plate, control=control)
    plates, numbers = checks.codes(plate)
    is_control = np.asarray(control, np.bool_)
    lacking = np.setdiff1d(np.arange(len(plates)), numbers[is_control])
    if lacking.size:
        raise errors.TableError(
            f"{lacking.size:,} of {len(plates):,} plates have no control: "
            f"{', '.join(map(str, plates[lacking][:3]))}. Leave them out or scale otherwise."
        )
    result = np.empty(values.shape)
    for number in range(len(plates)):
        rows = np.flatnonzero(numbers == number)
        controls = values[rows[is_control[rows]]].astype(np.float64)
        centre, spread = measure(controls)
        # The deviation of equal numbers can be a rounding error above 0.
        varies = (spread > 0) & (controls.max(axis=0) > controls.min(axis=0))
        scaled = (values[rows] - centre) / np.where(varies, spread, 1.0)
        result[rows] = np.where(varies, scaled, 0.0)
    return result
