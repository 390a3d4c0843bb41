"""Which column of a table of measurements says what: plate, well, compound, dose ... or a feature.

Tables of CellProfiler, pycytominer and others name these columns in many ways
(`Image_Metadata_Plate_DAPI`, `Metadata_Well`, `plate`); a name counts without prefix, case, unit
and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from cytoimagenet_tfds import errors

if TYPE_CHECKING:
    import pandas as pd

# Role -> names it has, without prefix, case, unit and punctuation.
ROLES: Mapping[str, tuple[str, ...]] = {
    "plate": ("plate", "plateid", "platename", "platebarcode", "assayplatebarcode", "barcode"),
    "well": ("well", "wellid", "wellname", "wellposition", "wellcoordinate"),
    "compound": ("compound", "compoundname", "drug", "drugname", "pertiname", "perturbation"),
    "concentration": ("concentration", "conc", "dose", "compoundconcentration"),
    "moa": ("moa", "mechanism", "mechanismofaction"),
    "batch": ("batch", "week", "batchid"),
    "control": ("controltype", "perttype"),
    "site": ("site", "fieldid", "fov", "siteid"),
    "table": ("tablenumber",),
    "image": ("imagenumber",),
    "object": ("objectnumber", "cellid"),
}
COMPARTMENTS = ("Cells_", "Cytoplasm_", "Nuclei_")  # of features of CellProfiler

_PREFIX = re.compile(r"^(?:image_metadata_|image_|metadata_)", re.IGNORECASE)
_CHANNEL = re.compile(r"_(?:dapi|tubulin|actin)$", re.IGNORECASE)
UNIT = re.compile(r"[\s_(\[.]+(?P<unit>[munpµμ]?m|[munpµμ]?mol(?:/l)?)[\s)\]]*$", re.IGNORECASE)
_NO_FEATURE = re.compile(
    r"^(?:image_)?metadata_|^(?:image_)?(?:filename|pathname|url)_|^unnamed: \d+$|^replicate$|^$|"
    r"^index$",
    re.IGNORECASE,
)


def roles(
    frame: pd.DataFrame, named: Mapping[str, str], where: str
) -> tuple[dict[str, str], list[str]]:
    """Returns role -> column of a table, and every column that has a role.

    Args:
      frame: the table.
      named: role -> column, where the user says so; a column the table lacks is passed over.
      where: how messages call the table.

    Raises:
      TableError: two columns of one role that differ, or a column that stands twice.
    """
    problems = errors.Problems()
    twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
    if twice:
        raise errors.TableError(f"{where}: the columns {_listed(twice)} stand more than once.")
    by_role: dict[str, list[str]] = {}
    for column in map(str, frame.columns):
        role = _role(column)
        if role:
            by_role.setdefault(role, []).append(column)
    found: dict[str, str] = {}
    for role, columns in by_role.items():
        first = frame[columns[0]].astype(str)
        differing = [name for name in columns[1:] if not first.equals(frame[name].astype(str))]
        if differing and role not in named:
            problems.add(
                f"{', '.join([columns[0], *differing])} could all be the {role}, and they differ: "
                f"say which one, --columns {role}={columns[0]}."
            )
        found[role] = columns[0]
    found.update({role: name for role, name in named.items() if name in frame.columns})
    problems.raise_if_any(errors.TableError, f"{where} is not clear:")
    return found, sorted({*found.values(), *(name for each in by_role.values() for name in each)})


def check_named(named: Mapping[str, str], tables: Mapping[str, pd.DataFrame]) -> None:
    """Raises ConfigError where the user names a role or a column that is nowhere."""
    problems = errors.Problems()
    there = sorted({str(name) for frame in tables.values() for name in frame.columns})
    for role, column in named.items():
        if role not in ROLES:
            problems.add(errors.unknown_name("role of a column", role, ROLES))
        elif column not in there:
            problems.add(errors.unknown_name("column", column, there))
    problems.raise_if_any(errors.ConfigError, "--columns is not right:")


def features(
    frame: pd.DataFrame, taken: Sequence[str], pattern: str
) -> tuple[list[str], list[str]]:
    """Returns the feature columns of a table, and other columns of numbers that are not used.

    Those of CellProfiler's compartments where there are any, otherwise all columns of numbers that
    are no metadata; with a pattern those that match it.

    Raises:
      TableError: there is none.
      ConfigError: the pattern is no regular expression.
    """
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    rest = [str(name) for name in frame.columns if name not in taken]
    if pattern:
        try:
            chosen = [name for name in rest if re.search(pattern, name)]
        except re.error as error:
            raise errors.ConfigError(f"{pattern!r} is no regular expression: {error}") from error
    else:
        rest = [name for name in rest if not _NO_FEATURE.search(name)]
        chosen = [name for name in rest if name.startswith(COMPARTMENTS)]
        chosen = chosen or [
            n for n in rest if is_numeric_dtype(frame[n]) and not is_bool_dtype(frame[n])
        ]
    if not chosen:
        what = f"matches {pattern!r}" if pattern else "holds numbers and is no metadata"
        raise errors.TableError(f"No column {what}; columns: {_listed(rest)}.")
    numbers = [n for n in rest if is_numeric_dtype(frame[n])]
    return chosen, sorted(set(numbers) - set(chosen))


def unit(column: str) -> str:
    """Returns the unit that the name of a column ends with, '' for none."""
    found = UNIT.search(column)
    return found["unit"] if found else ""


def _role(column: str) -> str:
    name = UNIT.sub("", _CHANNEL.sub("", _PREFIX.sub("", column.strip())))
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return next((role for role, names in ROLES.items() if plain in names), "")


def _listed(names: Iterable[str], most: int = 8) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" ... ({len(names):,} in all)" if len(names) > most else "")
