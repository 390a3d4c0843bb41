"""Plates, wells, compounds and doses in one spelling, whatever table they come from."""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cytoimagenet_tfds import errors, wording

from . import wells_columns

_WELL = re.compile(r"([A-P])[\s_-]*0*(\d{1,2})")
_NUMBER = re.compile(r"(?P<number>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?)\s*(?P<unit>\S*)")
# Unit, case folded -> micromolar.
_UNITS = {
    **dict.fromkeys(("", "um", "μm", "umol/l", "μmol/l", "micromolar"), 1.0),
    **dict.fromkeys(("nm", "nmol/l", "nanomolar"), 1e-3),
    **dict.fromkeys(("pm", "pmol/l"), 1e-6),
    **dict.fromkeys(("mm", "mmol/l", "millimolar"), 1e3),
    **dict.fromkeys(("m", "mol/l", "molar"), 1e6),
}
_EMPTY = ("", "nan", "none", "na", "n/a", "<na>", "null")
_CONTROLS = {
    "negative": ("negcon", "negative", "negativecontrol", "vehicle", "ctlvehicle", "dmso"),
    "positive": ("poscon", "positive", "positivecontrol", "ctlpositive"),
}


def plain(value: Any) -> str:
    """Returns a name without case, spaces and punctuation: two spellings of one name are equal."""
    folded = unicodedata.normalize("NFKC", text(value)).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def text(value: Any) -> str:
    """Returns a cell as text, '' where it is empty; a whole number loses its '.0'."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = " ".join(str(value).split())
    return "" if found.casefold() in _EMPTY else found


def plate(value: Any) -> str:
    """Returns a plate; one of BBBC021 under its full name, also where only its number stands."""
    from cytoimagenet_tfds.builders.bbbc021 import tables

    found = text(value)
    number = re.search(r"(?<!\d)(\d{5})\D*$", found)
    return {known[-5:]: known for known in tables.PLATES}.get(number[1], found) if number else found


def well(value: Any) -> str:
    """Returns a well as B02; raises ValueError where it is none."""
    found = _WELL.fullmatch(text(value).upper())
    if not found:
        raise ValueError("no well such as B02")
    return f"{found[1]}{int(found[2]):02d}"


def control(value: Any) -> str:
    """Returns negative, positive or ''."""
    name = plain(value)
    return next((role for role, names in _CONTROLS.items() if name in names), "")


def concentration(value: Any, column: str = "") -> float:
    """Returns a dose in micromolar, NaN where none is given.

    Args:
      value: a number, or text with or without a unit (`0.3`, `300 nM`, `3e-1 µM`).
      column: name of its column, whose unit counts where the value has none.

    Raises:
      ValueError: no number, a unit that is no molar concentration, or a comma that may divide
        thousands.
    """
    found = text(value)
    if not found:
        return math.nan
    parsed = _NUMBER.fullmatch(found.casefold().replace("µ", "μ"))
    if not parsed:
        raise ValueError("no number with a unit")
    if re.search(r",\d{3}(?!\d)", parsed["number"]):
        raise ValueError("a comma that may divide thousands")
    written = parsed["unit"] or wells_columns.unit(column).casefold().replace("µ", "μ")
    if written not in _UNITS:
        raise ValueError(f"the unit {written!r}")
    # Six digits: 300 nM and 0.3 µM are the same dose.
    return float(f"{float(parsed['number'].replace(',', '.')) * _UNITS[written]:.6g}")


_READ: Mapping[str, Callable[[Any], Any]] = {"plate": plate, "well": well, "control": control}


def column(values: Sequence[Any], role: str, name: str) -> list[Any]:
    """Returns the values of a column in one spelling.

    Raises:
      TableError: values that cannot be read, the first of them named.
    """
    read: Callable[[Any], Any] = _READ.get(role, text)
    if role == "concentration":
        read = functools.partial(concentration, column=name)
    known: dict[Any, Any] = {}
    wrong: dict[str, str] = {}
    for value in values:
        if value in known or value != value:  # NaN is never found again
            continue
        try:
            known[value] = read(value)
        except ValueError as error:
            known[value] = ""
            wrong[str(value)] = str(error)
    if wrong:
        shown = "; ".join(f"{value!r}: {reason}" for value, reason in list(wrong.items())[:3])
        raise errors.TableError(
            f"column {name}: {wording.counted(len(wrong), 'value is', 'values are')} no {role} "
            f"({shown})."
        )
    nothing = math.nan if role == "concentration" else ""
    return [known.get(value, nothing) for value in values]
