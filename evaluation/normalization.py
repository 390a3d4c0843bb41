"""How features are normalized before they are compared; every way is declared once.

Where an experiment has negative controls, what varies among them is not the effect of a treatment:
most ways measure the controls, of all plates together or of each plate by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import scaling, sphering

Values: TypeAlias = npt.NDArray[Any]
Protocol = Literal["default", "paper"]


@dataclasses.dataclass(frozen=True)
class Rows:
    """What is known of each row of features.

    Attributes:
      control: [N] True for the negative controls.
      fitted: [N] True for the rows that are classified (treated), or those of the training set.
      plate: [N] plate.
      batch: [N] batch: the week of the experiment.
    """

    control: npt.NDArray[np.bool_]
    fitted: npt.NDArray[np.bool_]
    plate: Sequence[str]
    batch: Sequence[str]

    def of_controls(self, values: Values) -> Values:
        """Returns the features of the controls; raises TableError where there is none."""
        if not self.control.any():
            raise errors.TableError(
                "There is no negative control (DMSO) among the features, and this normalization "
                "measures the controls. Choose 'scaled' or 'none', or add the control wells."
            )
        found: Values = values[self.control]
        return found


@dataclasses.dataclass(frozen=True)
class Normalization:
    """One way to normalize features.

    Attributes:
      text: what it does, in a line.
      controls: it needs negative controls.
      apply: features [N, D] and what is known of the rows -> normalized features [N, D].
    """

    text: str
    controls: bool
    apply: Callable[[Values, Rows], Values]


def _scaled(values: Values, rows: Rows) -> Values:
    return scaling.Scaler.fit(values[rows.fitted]).transform(values)


def _sphering(values: Values, rows: Rows) -> Values:
    return sphering.Sphering.fit(rows.of_controls(values)).transform(values)


def _tvn(values: Values, rows: Rows) -> Values:
    rows.of_controls(values)
    return sphering.typical_variation(values, rows.batch, rows.control.tolist())


def _range(values: Values, rows: Rows) -> Values:
    return scaling.control_range(values, rows.plate, rows.control.tolist())


def _zscore(values: Values, rows: Rows) -> Values:
    return scaling.control_zscore(values, rows.plate, rows.control.tolist())


def _robust(values: Values, rows: Rows) -> Values:
    return scaling.control_zscore(values, rows.plate, rows.control.tolist(), robust=True)


NORMALIZATIONS: Mapping[str, Normalization] = {
    "scaled": Normalization(
        "mean 0 and deviation 1 over the training set, the treated images, or all cells",
        False, _scaled,
    ),
    "sphering": Normalization("whitened on the controls of all plates", True, _sphering),
    "tvn": Normalization(
        "typical variation normalization: sphering, then the controls of every week aligned",
        True, _tvn,
    ),
    "range": Normalization(
        "1st and 99th percentile of each plate's controls become 0 and 1; 0/0 is 0", True, _range
    ),
    "zscore": Normalization("mean 0 and deviation 1 of each plate's controls", True, _zscore),
    "robust": Normalization(
        "as zscore, with median and median absolute deviation", True, _robust
    ),
    "none": Normalization("features as they are", False, lambda values, _: values),
}  # fmt: skip

# Benchmark -> protocol -> what is done when nothing is chosen.
_USUAL: Mapping[str, Mapping[Protocol, str]] = {
    "bbbc021": {"default": "sphering", "paper": "scaled"},
    "coos7": {"default": "scaled", "paper": "scaled"},
    "cyclops": {"default": "scaled", "paper": "scaled"},
}
_WITH_CONTROLS = ("bbbc021",)


def chosen(name: str, benchmark: str, protocol: Protocol) -> str:
    """Returns the normalization of a benchmark: the one named, or its usual one for ''.

    Raises:
      ConfigError: unknown name, or it needs controls and the benchmark has none.
    """
    if not name:
        return _USUAL[benchmark][protocol]
    if name not in NORMALIZATIONS:
        raise errors.ConfigError(errors.unknown_name("normalization", name, NORMALIZATIONS))
    if NORMALIZATIONS[name].controls and benchmark not in _WITH_CONTROLS:
        others = [n for n, one in NORMALIZATIONS.items() if not one.controls]
        raise errors.ConfigError(
            f"The normalization {name!r} measures negative controls, and {benchmark} has none. "
            f"There: {' or '.join(others)}."
        )
    return name


def fitted(name: str, train: Values) -> Callable[[Values], Values]:
    """Returns the transform of a benchmark without controls, fitted on its training set."""
    if name == "none":
        return lambda values: values
    return scaling.Scaler.fit(train).transform


def described() -> str:
    """Returns all names with what they do, for people."""
    return "; ".join(f"{name}: {one.text}" for name, one in NORMALIZATIONS.items())
