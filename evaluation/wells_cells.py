"""From rows of a table of measurements, one per cell, site or well, to one row per well."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording

if TYPE_CHECKING:
    import pandas as pd

Level = Literal["auto", "well", "site", "cell"]
Missing = Literal["error", "features", "rows"]
Values = npt.NDArray[np.float64]

_PLACE = ["plate", "well"]
PARTS = ("site", "table", "image", "object")  # roles that tell rows of a well apart
_LARGEST = 1e30  # as `checks.matrix`
_SHOWN = 3


@dataclasses.dataclass(frozen=True)
class Filled:
    """Measurements without holes.

    Attributes:
      values: [N, D].
      rows: [N] numbers of the rows that are left.
      features: [D] names of the features that are left.
      note: what was left out, '' for nothing.
    """

    values: Values
    rows: npt.NDArray[np.int64]
    features: list[str]
    note: str


def numbers(frame: pd.DataFrame, features: Sequence[str]) -> Values:
    """Returns the features as numbers [N, D]; what is no number becomes NaN."""
    import pandas as pd

    chosen = frame[list(features)]
    if any(dtype.kind not in "fiu" for dtype in map(np.dtype, _numpy_types(chosen))):
        chosen = chosen.apply(pd.to_numeric, errors="coerce")
    values: Values = chosen.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def _numpy_types(frame: pd.DataFrame) -> list[Any]:
    return [getattr(dtype, "numpy_dtype", dtype) if hasattr(dtype, "kind") and dtype.kind in "fiu"
            else object for dtype in frame.dtypes]  # fmt: skip


def filled(values: Values, features: list[str], missing: Missing) -> Filled:
    """Returns measurements without NaN, infinity and enormous numbers.

    Args:
      values: [N, D].
      features: [D] names.
      missing: what happens to such values: `error`, or leave out the `features` or the `rows` that
        hold one.

    Raises:
      TableError: there are some and `missing` is `error`, or nothing is left.
    """
    if missing not in get_args(Missing):
        raise errors.ConfigError(errors.unknown_name("rule", missing, get_args(Missing)))
    holes = ~(np.abs(values) <= _LARGEST)
    rows, columns = np.any(holes, axis=1), np.any(holes, axis=0)
    every = np.arange(len(values))
    if not columns.any():
        return Filled(values, every, features, "")
    if missing == "error":
        raise errors.TableError(_holes(holes, features))
    if missing == "features":
        kept = [name for name, bad in zip(features, columns.tolist(), strict=True) if not bad]
        left = wording.counted(int(columns.sum()), "feature is", "features are")
        found = Filled(values[:, ~columns], every, kept, f"{left} left out "
                       "(--missing features): NaN or infinite in some row")  # fmt: skip
    else:
        left = wording.counted(int(rows.sum()), "row is", "rows are")
        found = Filled(values[~rows], every[~rows], features, f"{left} left out "
                       "(--missing rows): NaN or infinite in some feature")  # fmt: skip
    if not found.values.size:
        raise errors.TableError(f"Nothing is left. {_holes(holes, features)}")
    return found


def _holes(holes: npt.NDArray[np.bool_], features: Sequence[str]) -> str:
    counts = holes.sum(axis=0)
    worst = np.argsort(-counts, kind="stable")[:_SHOWN]
    shown = ", ".join(
        f"{features[n]} in {wording.counted(counts[n], 'row')}" for n in worst if counts[n]
    )
    rows, columns = holes.any(axis=1).sum(), (counts > 0).sum()
    return (
        f"{wording.counted(counts.sum(), 'value is', 'values are')} NaN, infinite or beyond "
        f"{_LARGEST:g}: {shown}. Leave out the {columns:,} of {holes.shape[1]:,} features that "
        f"have some (--missing features) or the {rows:,} of {len(holes):,} rows (--missing rows)."
    )


def level_of(rows: pd.DataFrame, level: Level) -> Literal["well", "site", "cell"]:
    """Returns what a row of the table is.

    Args:
      rows: the roles of every row.
      level: `auto` takes a table with object numbers as cells, one whose wells stand more than once
        and that has sites or image numbers as sites, and any other as wells.

    Raises:
      TableError: rows that cannot be told apart: the same well, site or cell twice.
    """
    if level not in get_args(Level):
        raise errors.ConfigError(errors.unknown_name("level", level, get_args(Level)))
    if level in ("site", "cell"):
        return level
    parts = [role for role in PARTS if role in rows] if level == "auto" else []
    again = rows.duplicated([*_PLACE, *parts], keep=False)
    if again.any():
        twice = (rows.loc[again, "plate"] + " " + rows.loc[again, "well"]).drop_duplicates()
        what = " with the same " + " and ".join(parts) if parts else ""
        raise errors.TableError(
            f"{wording.counted(len(twice), 'well stands', 'wells stand')} more than once{what}: "
            f"{', '.join(twice[:_SHOWN])}. Are rows sites or cells? --level site or --level cell "
            "takes the mean of the rows of a well; otherwise remove the copies."
        )
    if "object" in parts:
        return "cell"
    return "site" if rows.duplicated(_PLACE).any() else "well"


def means(values: Values, place: npt.NDArray[np.int64], count: int) -> Values:
    """Returns the mean of the rows of each place, [count, D]; rows are summed in their order."""
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(count))
    sums: Values = np.add.reduceat(values[order], starts, axis=0)
    return sums / np.bincount(place, minlength=count)[:, None]
