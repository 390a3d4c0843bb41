"""What each row of a table of measurements is: its own columns, joined with tables given apart.

Tables are joined by what they share: plate and well, the number of the image, compound and
concentration. Nothing is matched by position, and what does not fit is listed from both sides.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from cytoimagenet_tfds import errors, wording

from . import wells_values

if TYPE_CHECKING:
    import pandas as pd

Columns: TypeAlias = dict[str, list[Any]]  # role -> values, one per row
Key: TypeAlias = tuple[Any, ...]

# What tables are joined by, the first that both have.
_KEYS = (
    ("plate", "well"), ("table", "image"), ("image",), ("compound", "concentration"), ("compound",)
)  # fmt: skip
_FACTS = ("plate", "well", "compound", "concentration", "moa", "batch", "control")
_FACTS_OF_COMPOUNDS = ("moa", "control")
CONTROL = "DMSO"  # what every name of the negative control becomes
_SHOWN = 5


@dataclasses.dataclass(frozen=True)
class Known:
    """What a table says of its rows.

    Attributes:
      name: of the table, for messages.
      columns: role -> values in one spelling; compounds as they stand there.
      exact: it holds the same wells as the measurements, no more.
    """

    name: str
    columns: Columns
    exact: bool = False


def known(
    frame: pd.DataFrame, roles: Mapping[str, str], name: str, control: str = CONTROL
) -> Known:
    """Returns the columns of a table that say what its rows are.

    Args:
      frame: the table.
      roles: role -> column.
      name: of the table, for messages.
      control: name of the negative control among the compounds; it has no dose.

    Raises:
      TableError: with every column that has cells which cannot be read.
    """
    problems = errors.Problems()
    columns: Columns = {}
    cells = {role: frame[column].tolist() for role, column in roles.items()}
    names = {wells_values.plain(control), wells_values.plain(CONTROL)}
    controls = [wells_values.plain(cell) in names for cell in cells.get("compound", ())]
    for role, special in (("compound", CONTROL), ("concentration", 0.0)):
        if role in cells and any(controls):
            pairs = zip(cells[role], controls, strict=True)
            cells[role] = [special if is_control else cell for cell, is_control in pairs]
    for role, column in roles.items():
        try:
            columns[role] = wells_values.column(cells[role], role, column)
        except errors.TableError as error:
            problems.add(str(error))
    problems.raise_if_any(errors.TableError, f"{name} has cells that cannot be read:")
    return Known(name, columns)


def joined(rows: Known, others: Sequence[Known], *, partial: bool) -> tuple[Columns, list[str]]:
    """Returns the roles of every row with what the other tables say of it, and what has no row.

    Args:
      rows: the table of measurements.
      others: tables given apart, in any order.
      partial: what only one table has is left out ('' stands for it), not an error.

    Raises:
      TableError: tables that share nothing, contradict each other or do not fit, all of them.
    """
    found, waiting, notes = dict(rows.columns), list(others), []
    while waiting:
        by = {number: _shared(found, other.columns) for number, other in enumerate(waiting)}
        ready = [number for number, shared in by.items() if shared]
        if not ready:
            raise errors.TableError(_nothing_shared(rows, found, waiting))
        other = waiting.pop(ready[0])
        found, note = _with(found, rows.name, other, by[ready[0]], partial=partial)
        notes += [note] if note else []
    return found, notes


def _shared(found: Columns, other: Columns) -> tuple[str, ...]:
    return next((by for by in _KEYS if {*by} <= {*found} and {*by} <= {*other}), ())


def _nothing_shared(rows: Known, found: Columns, waiting: Sequence[Known]) -> str:
    lines = [f"{other.name} says {', '.join(other.columns) or 'nothing that is known'}"
             for other in waiting]  # fmt: skip
    return (
        f"{rows.name} says {', '.join(found) or 'nothing that is known'} of its rows; "
        f"{'; '.join(lines)}: they share neither plate and well, nor the number of the image, nor "
        "the compound. Name the columns: --columns plate=NAME well=NAME ..."
    )


def _with(
    found: Columns, name: str, other: Known, by: Sequence[str], *, partial: bool
) -> tuple[Columns, str]:
    """Returns the rows with the facts of another table, and which of its compounds have no row."""
    by_compound = by[0] == "compound"
    told = _FACTS_OF_COMPOUNDS if by_compound else _FACTS
    facts = [role for role in told if role in other.columns and role not in by]
    keys, theirs = _keys(found, by), _one_per_key(other, by, facts)
    idle = _check_both_sides(name, other, by, keys, theirs, partial=partial)
    result = dict(found)
    problems = errors.Problems()
    for place, role in enumerate(facts):
        values = [theirs[key][place] if key in theirs else "" for key in keys]
        if role in found:
            problem = _disagreement(found[role], values)
            if problem:
                problems.add(f"the {role} in {name} and in {other.name}, {problem}.")
            values = [a if _empty(b) else b for a, b in zip(found[role], values, strict=True)]
        result[role] = values
    problems.raise_if_any(errors.TableError, "Two tables contradict each other:")
    note = (
        f"{wording.counted(len(idle), f'line of {other.name} has', f'lines of {other.name} have')} "
        f"no well here: {_shown(idle)}"
    )
    return result, note if idle and by_compound else ""


def _one_per_key(other: Known, by: Sequence[str], facts: Sequence[str]) -> dict[Key, Key]:
    """Returns key -> facts; raises TableError where lines of one key differ."""
    found: dict[Key, Key] = {}
    columns = [other.columns[role] for role in facts]
    lines = zip(*columns, strict=True) if columns else iter([()] * len(other.columns[by[0]]))
    problems: dict[str, None] = {}
    for key, line in zip(_keys(other.columns, by), lines, strict=True):
        for role, one, again in zip(facts, found.setdefault(key, line), line, strict=True):
            if not _same(one, again):
                problems[f"{_shown([key])} has the {role} {one} and {again}"] = None
    if problems:
        raise errors.TableError(
            f"{other.name} contradicts itself: {'; '.join(list(problems)[:_SHOWN])}."
        )
    return found


def _check_both_sides(
    name: str, other: Known, by: Sequence[str], keys: Sequence[Key], theirs: Mapping[Key, Key],
    *, partial: bool,
) -> list[Key]:  # fmt: skip
    """Returns the keys that only the other table has; raises TableError where keys do not fit.

    A table of wells must know every row. One of compounds knows those of known mechanism: only
    where each side has some that the other lacks has a name probably been spelt in two ways.
    """
    own = set(keys)
    here = sorted(key for key in own - set(theirs) if not _is_control(key))
    there = sorted(key for key in set(theirs) - own if not _is_control(key))
    excused = not here or (by[0] == "compound" and not there)
    fits = not there and not here if other.exact else excused
    if (partial or fits) and own & set(theirs):
        return there
    raise errors.TableError(
        f"{name} and {other.name} do not fit, joined by {' and '.join(by)}.\n"
        f"- only in {name} ({len(here):,}): {_shown(here)}\n"
        f"- only in {other.name} ({len(there):,}): {_shown(there)}\n"
        "Is a name spelt in two ways? If one table simply holds more, say --partial: what only one "
        "has is then left out."
    )


def _disagreement(own: Sequence[Any], values: Sequence[Any]) -> str:
    differing = [
        f"{a} and {b}" for a, b in zip(own, values, strict=True)
        if not (_empty(a) or _empty(b) or _same(a, b))
    ]  # fmt: skip
    if not differing:
        return ""
    return (
        f"{wording.counted(len(differing), 'row')}: "
        f"{'; '.join(list(dict.fromkeys(differing))[:_SHOWN])}"
    )


def _keys(table: Columns, by: Sequence[str]) -> list[Key]:
    spell: Mapping[str, Callable[[Any], Any]] = {
        "compound": wells_values.plain,
        # Doses that are not given are all the same dose.
        "concentration": lambda amount: 0.0 if _empty(amount) else amount,
    }
    columns = [
        [spell[role](value) for value in table[role]] if role in spell else table[role]
        for role in by
    ]
    return list(zip(*columns, strict=True))


def _is_control(key: Key) -> bool:
    return key[0] in (wells_values.plain(CONTROL), "")


def _same(one: Any, other: Any) -> bool:
    if _empty(one) or _empty(other):
        return _empty(one) and _empty(other)
    return bool(one == other or wells_values.plain(one) == wells_values.plain(other))


def _empty(value: Any) -> bool:
    return bool(value == "" or value != value)


def _shown(keys: Sequence[Key]) -> str:
    listed = [" ".join(f"{p:g}" if isinstance(p, float) else str(p) for p in key)
              for key in keys[:_SHOWN]]  # fmt: skip
    return ", ".join(listed) + (" ..." if len(keys) > _SHOWN else "") if keys else "none"
