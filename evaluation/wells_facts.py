"""What the wells of a table of measurements are, in the columns of the benchmark BBBC021."""

from __future__ import annotations

import collections
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.builders.bbbc021 import tables

from . import wells_values
from .facts import Facts
from .wells_join import CONTROL, Columns

_WEEK = re.compile(r"(Week\d+)_")
_MECHANISMS = {wells_values.plain(name): name for name in tables.MECHANISMS}
_SHOWN = 3


class Well(NamedTuple):
    """One well: the columns of the benchmark that its protocol needs."""

    plate: str
    well: str
    compound: str
    concentration: float
    moa: str
    label: str
    control: str
    week: str


def one_per_key(keys: Sequence[str], rows: Columns) -> Columns:
    """Returns the columns of each key, sorted by key; raises TableError where its rows differ."""
    first: dict[str, int] = {}
    for number, key in enumerate(keys):
        first.setdefault(key, number)
    problems: dict[str, str] = {}
    for role in ("compound", "concentration", "moa", "control", "batch"):
        values = rows[role]
        for number, key in enumerate(keys):
            one, other = values[first[key]], values[number]
            if one != other and not (one != one and other != other):
                problems.setdefault(key, f"{key} has the {role} {one} and {other}")
    if problems:
        shown = "; ".join(list(problems.values())[:_SHOWN])
        raise errors.TableError(
            f"{wording.counted(len(problems), 'well holds', 'wells hold')} two things: {shown}."
        )
    order = [first[key] for key in sorted(first)]
    return {role: [values[number] for number in order] for role, values in rows.items()}


def facts(rows: Columns, name: str) -> tuple[Facts, npt.NDArray[np.bool_], str]:
    """Returns what the wells are, which of them count, and how many of each kind there are.

    Args:
      rows: one value per well and role, sorted by key.
      name: of the table.
    """
    spelling: dict[str, str] = {}
    for compound in rows["compound"]:
        spelling.setdefault(wells_values.plain(compound), compound)
    lines = zip(*(rows[role] for role in ("plate", "well", "compound", "concentration", "moa",
                                          "control", "batch")), strict=True)  # fmt: skip
    wells = [
        _well(plate, well, spelling[wells_values.plain(compound)], *rest)
        for plate, well, compound, *rest in lines
    ]
    kept = np.array([well.moa != "" for well in wells], np.bool_)
    counting = [well for well in wells if well.moa]
    columns: dict[str, npt.NDArray[Any]] = {
        role: np.array([getattr(well, role) for well in counting]) for role in Well._fields
    }
    keys = np.array([f"{well.plate}/{well.well}" for well in counting], np.str_)
    return Facts(name, keys, columns), kept, _counted(wells)


def _well(
    plate: str, well: str, compound: str, amount: float, moa: str, control: str, batch: str
) -> Well:
    mechanism = _MECHANISMS.get(wells_values.plain(moa), moa)
    dose = 0.0 if amount != amount else amount
    week = _WEEK.match(plate)
    batch = batch or (week[1] if week else "")
    if CONTROL in (compound, mechanism) or control == "negative":
        return Well(plate, well, compound, 0.0, CONTROL, CONTROL, "negative", batch)
    # The taxol wells of a plate of BBBC021 are its positive controls, no replicates.
    if plate in tables.PLATES and tables.control((compound.casefold(), dose), well):
        control = "positive"
    return Well(plate, well, compound, dose, mechanism, mechanism, control, batch)


def _counted(wells: Sequence[Well]) -> str:
    counts = collections.Counter(well.control for well in wells if well.moa)
    unknown = sum(not well.moa for well in wells)
    kinds = {"": "treated", "negative": CONTROL, "positive": "positive control"}
    found = [f"{counts[role]:,} {kind} wells" for role, kind in kinds.items() if counts[role]]
    return ", ".join([*found, *([f"{unknown:,} of unknown mechanism left out"] * bool(unknown))])
