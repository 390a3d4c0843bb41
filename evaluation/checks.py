"""What every protocol asks of its input, with one message for each thing that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording

_SHOWN = 3  # rows named in a message
_LARGEST = 1e30  # squares of larger values leave float32


def matrix(features: npt.ArrayLike, what: str) -> npt.NDArray[Any]:
    """Returns features as an array [N, D] of floats, not copied where they are float32 or float64.

    Args:
      features: [N, D], N and D at least 1, numbers.
      what: how messages call them.

    Raises:
      TableError: another shape, no numbers, NaN, infinite or enormous values.
    """
    array = np.asarray(features)
    if array.ndim != 2 or 0 in array.shape:
        raise errors.TableError(f"{what} must be of shape [N, D], not {list(array.shape)}.")
    if array.dtype.kind not in "fiub":
        raise errors.TableError(f"{what} must be numbers, not {array.dtype}.")
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    # Minimum and maximum are NaN where one value is, and need no mask of the whole array.
    fits = (array.max(axis=1) <= _LARGEST) & (array.min(axis=1) >= -_LARGEST)
    odd = np.flatnonzero(~fits)
    if odd.size:
        raise errors.TableError(
            f"{what}: {odd.size:,} of {len(array):,} rows hold NaN, infinity or a number beyond "
            f"{_LARGEST:g} ({shown(odd)}). Leave these images out, or find out why the model gives "
            "no number for them."
        )
    return array


def same_length(length: int, **columns: Sequence[Any] | npt.NDArray[Any]) -> None:
    """Raises TableError where a column has another length than the features have rows."""
    problems = errors.Problems()
    for name, values in columns.items():
        if len(values) != length:
            problems.add(
                f"{name} has {wording.counted(len(values), 'value')}, expected {length:,}."
            )
    problems.raise_if_any(errors.TableError, "Every row needs one value of each column:")


def codes(labels: Sequence[Any] | npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Returns the distinct labels, sorted, and the number of each label among them, [N] int64."""
    distinct, numbers = np.unique(column(labels), return_inverse=True)
    return distinct, numbers.reshape(-1)


def column(values: Sequence[Any] | npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Returns the values as an array [N]; a text becomes its letters, as in any sequence."""
    return values if isinstance(values, np.ndarray) else np.asarray(list(values))


def shown(rows: npt.NDArray[Any]) -> str:
    """Returns the first row numbers for a message: 'row 3', 'rows 3, 5, 8 ...'."""
    first = ", ".join(map(str, rows[:_SHOWN].tolist()))
    return f"{'rows' if len(rows) > 1 else 'row'} {first}{' ...' if len(rows) > _SHOWN else ''}"
