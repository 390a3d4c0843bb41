"""Removing the variation that controls show: sphering, and typical variation normalization."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording

from . import checks
from .scaling import Floats, Scaler


@dataclasses.dataclass(frozen=True)
class Sphering:
    """Whitens features so that controls vary alike in every direction.

    Features are first scaled to mean 0 and standard deviation 1 over the controls. With the
    covariance C of the scaled controls the transform is (C + eps)^(-1/2), which keeps the axes.

    Attributes:
      scaler: fitted on the controls.
      axes: [R, D] principal axes of the controls, R at most the number of controls.
      factors: [R] factor along each axis beyond that of all other directions.
      floor: factor of the directions in which controls do not vary: eps^(-1/2).
    """

    scaler: Scaler
    axes: Floats
    factors: Floats
    floor: float

    @classmethod
    def fit(cls, controls: npt.ArrayLike, eps: float = 1e-2) -> Sphering:
        """Measures controls [N, D], at least two; eps above 0 limits the weight of quiet axes."""
        values = checks.matrix(controls, "controls").astype(np.float64)
        if eps <= 0 or not np.isfinite(eps):
            raise errors.ConfigError(f"eps must be above 0, not {eps}.")
        if len(values) < 2:
            raise errors.TableError("Sphering needs two controls at least, found one.")
        scaler = Scaler.fit(values)
        # Scaled controls have mean 0, so that their singular values give the covariance: with few
        # controls far less work than the covariance itself.
        _, singular, axes = np.linalg.svd(scaler.transform(values), full_matrices=False)
        variances = singular**2 / (len(values) - 1)
        floor = eps**-0.5
        return cls(scaler, axes, (variances + eps) ** -0.5 - floor, floor)

    def transform(self, features: npt.ArrayLike) -> Floats:
        """Returns whitened features [N, D] float64."""
        values = self.scaler.transform(np.asarray(features, np.float64))
        whitened: Floats = values * self.floor
        whitened += ((values @ self.axes.T) * self.factors) @ self.axes
        return whitened


def typical_variation(
    features: npt.ArrayLike,
    batch: Sequence[str],
    control: Sequence[bool],
    eps: float = 1e-2,
) -> Floats:
    """Typical variation normalization (TVN, Ando et al. 2017): sphering, then batches aligned.

    After sphering on all controls, each batch is whitened with the covariance of its own controls
    and coloured with that of all controls (CORAL; both plus the identity, without which few
    controls have no inverse).

    Args:
      features: [N, D], one row per well or image.
      batch: [N] batch of each row.
      control: [N] True for the negative controls.
      eps: see `Sphering.fit`.

    Returns:
      [N, D] float64.

    Raises:
      TableError: NaN, columns of different length, a batch with fewer than two controls.
      ConfigError: eps not above 0.
    """
    values = checks.matrix(features, "features")
    checks.same_length(len(values), batch=batch, control=control)
    is_control = np.asarray(control, np.bool_)
    batches, numbers = checks.codes(batch)
    counts = np.bincount(numbers[is_control], minlength=len(batches))
    few = [f"{name} ({count})" for name, count in zip(batches, counts, strict=True) if count < 2]
    if few:
        raise errors.TableError(
            f"{wording.counted(len(few), 'batch has', 'batches have')} fewer than two controls: "
            f"{', '.join(few[:3])}."
        )
    white = Sphering.fit(values[is_control], eps).transform(values)
    colour = _Power(white[is_control], 0.5)
    result = np.empty_like(white)
    for number in range(len(batches)):
        rows = numbers == number
        result[rows] = colour(_Power(white[rows & is_control], -0.5)(white[rows]))
    return result


class _Power:
    """Multiplies rows by (covariance of the controls + identity)^exponent.

    Few controls vary in few directions; in all others the matrix is the identity, so that no matrix
    of all pairs of features is needed.
    """

    def __init__(self, controls: Floats, exponent: float) -> None:
        centred = controls - controls.mean(axis=0)
        _, singular, self._axes = np.linalg.svd(centred, full_matrices=False)
        variances = singular**2 / (len(controls) - 1)
        self._factors = (variances + 1) ** exponent - 1

    def __call__(self, rows: Floats) -> Floats:
        moved: Floats = rows + ((rows @ self._axes.T) * self._factors) @ self._axes
        return moved
