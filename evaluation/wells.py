"""Measurements of BBBC021 as a table (CellProfiler and others) in place of features of images.

A row is a well, a site or a cell; the rows of a well are averaged. What a well holds stands in the
table itself, in tables given apart (`BBBC021_v1_image.csv`, `BBBC021_v1_moa.csv`), or in the
prepared dataset.
"""

from __future__ import annotations

import dataclasses
import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds import errors, tables, wording

from . import wells_cells, wells_columns, wells_facts, wells_join
from .facts import Facts
from .table import FeatureTable

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = ("plate", "well", "compound", "moa")
_DATASET = ("plate", "well", "compound", "concentration", "moa", "week")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """How a table of measurements is read.

    Attributes:
      table: the table, CSV (also `.gz`) or Parquet.
      annotations: tables that say what wells, images or compounds are, in any order.
      columns: role -> column, where names are not understood (`wells_columns.ROLES`).
      features: regular expression of the feature columns, '' to find them.
      level: what a row is, see `wells_cells.level_of`.
      missing: what happens to NaN, see `wells_cells.filled`.
      control: name of the negative control among the compounds.
      partial: what only one of the tables has is left out instead of an error.
    """

    table: Path
    annotations: tuple[Path, ...] = ()
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    features: str = ""
    level: wells_cells.Level = "auto"
    missing: wells_cells.Missing = "error"
    control: str = "DMSO"
    partial: bool = False


@dataclasses.dataclass(frozen=True)
class Measured:
    """Measurements, one row per well.

    Attributes:
      table: features keyed `plate/well`, float64.
      facts: what the wells are, as of a prepared dataset.
      notes: what was found and left out, for the report.
    """

    table: FeatureTable
    facts: Facts
    notes: tuple[str, ...]


def read(
    options: Options, dataset: Callable[[], Facts | None] | None = None, *, beside: bool = False
) -> Measured:
    """Reads a table of measurements.

    Args:
      options: which, and how.
      dataset: returns the facts of the prepared dataset; asked where no table says what wells hold.
      beside: the table stands beside features of the dataset, and must hold the same wells.

    Raises:
      TableError: with everything that lacks, contradicts itself or does not fit, from both sides.
      ConfigError: roles, columns or rules that are not known.
    """
    own = str(options.table)
    frames = {str(path): _frame(path) for path in (options.table, *options.annotations)}
    wells_columns.check_named(options.columns, frames)
    roles = {name: wells_columns.roles(frame, options.columns, name)
             for name, frame in frames.items()}  # fmt: skip
    names, unused = wells_columns.features(frames[own], roles[own][1], options.features)
    told = [wells_join.known(frames[name], roles[name][0], name, options.control)
            for name in frames]  # fmt: skip
    rows, absent = _rows(own, told, options, dataset, beside=beside)
    numbers = wells_cells.numbers(frames[own], names)
    whole = wells_cells.filled(numbers, names, options.missing)
    rows = rows.iloc[whole.rows].reset_index(drop=True)
    level = wells_cells.level_of(rows, options.level)
    values, columns = _per_well(whole.values, rows)
    facts, kept, counts = wells_facts.facts(columns, own)
    notes = [
        f"{wording.counted(len(numbers), 'row')}, one per {level}; "
        f"{wording.counted(len(whole.features), 'feature')}, {whole.features[0]} to "
        f"{whole.features[-1]}",
        counts, whole.note, *_of_features(values, unused), *absent,
    ]  # fmt: skip
    table = FeatureTable(facts.keys, values[kept], {"input": options.table.name})
    return Measured(table, facts, tuple(filter(None, notes)))


def _rows(
    own: str,
    told: Sequence[wells_join.Known],
    options: Options,
    dataset: Callable[[], Facts | None] | None,
    *,
    beside: bool,
) -> tuple[pd.DataFrame, list[str]]:
    """Returns the roles of every row of the first table, and what the others have beyond it."""
    columns, absent = wells_join.joined(told[0], told[1:], partial=options.partial)
    if dataset is not None and (beside or not {*_NEEDED} <= {*columns}):
        known = dataset()
        others = [] if known is None else [_of_dataset(known)]
        here = wells_join.Known(own, columns)
        columns, _ = wells_join.joined(here, others, partial=options.partial)
    return _complete(columns, own), absent


def _of_features(values: wells_cells.Values, unused: Sequence[str]) -> Iterator[str]:
    if unused:
        more = " ..." if len(unused) > 3 else ""
        columns = wording.counted(len(unused), "other column", "other columns")
        yield (f"{columns} of numbers not taken as features: "
               f"{', '.join(unused[:3])}{more}")  # fmt: skip
    constant = int((values.max(axis=0) == values.min(axis=0)).sum())
    if constant:
        features = wording.counted(constant, "feature is", "features are")
        yield f"{features} the same in every well, which tells nothing"


def _frame(path: Path) -> pd.DataFrame:
    """Returns a table from Parquet, or from text with commas, semicolons or tabs."""
    import pandas as pd

    try:
        if path.suffix == ".parquet":
            found: pd.DataFrame = tables.read_arrow(path).to_pandas().reset_index()
            return found
        opened: Any = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig") as file:
            head = file.readline()
        separator = max(",;\t", key=head.count)
        names = [name.strip().strip('"') for name in head.rstrip("\n").split(separator)]
        # pandas would rename the second of two columns of one name.
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise errors.TableError(
                f"{path}: the columns {', '.join(twice[:5])} stand more than once. Of two header "
                "lines, as CellProfiler writes for objects, one must be made: Cells_AreaShape_Area."
            )
        return pd.read_csv(path, sep=separator, low_memory=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        if isinstance(error, errors.TableError):
            raise
        raise errors.TableError(f"{path} cannot be read as a table: {error}") from error


def _of_dataset(facts: Facts) -> wells_join.Known:
    import pandas as pd

    frame = pd.DataFrame({role: facts[role] for role in _DATASET})
    frame["concentration"] = [float(f"{value:.6g}") for value in frame["concentration"]]
    roles = {("batch" if name == "week" else name): name for name in _DATASET}
    return dataclasses.replace(wells_join.known(frame, roles, facts.name), exact=True)


def _complete(columns: wells_join.Columns, name: str) -> pd.DataFrame:
    """Returns the rows with every role; raises TableError where one cannot be had."""
    import pandas as pd

    rows = pd.DataFrame(columns)
    problems = errors.Problems()
    for role in _NEEDED:
        if role not in rows:
            problems.add(
                f"no column says the {role}, such as {', '.join(wells_columns.ROLES[role][:2])}"
            )
        elif role in _NEEDED[:2] and (rows[role] == "").any():
            problems.add(
                f"{wording.counted(int((rows[role] == '').sum()), 'row has', 'rows have')} no "
                f"{role}"
            )
    problems.raise_if_any(
        errors.TableError,
        f"{name} is not complete. Name the columns (--columns plate=NAME ...), or give the tables "
        "that say it (--annotations BBBC021_v1_image.csv BBBC021_v1_moa.csv), or the prepared "
        "dataset (--data_dir):",
    )
    for role, value in (("concentration", np.nan), ("batch", ""), ("control", "")):
        if role not in rows:
            rows[role] = value
    return rows


def _per_well(
    values: wells_cells.Values, rows: pd.DataFrame
) -> tuple[wells_cells.Values, wells_join.Columns]:
    """Returns the mean of the rows of each well, and what the wells are, sorted by key."""
    order = [part for part in wells_cells.PARTS if part in rows]
    if order:  # so that no order of the file is left in a sum
        rows = rows.sort_values(order, kind="stable")
        values = values[rows.index.to_numpy()]
    keys = (rows["plate"] + "/" + rows["well"]).tolist()
    distinct, place = np.unique(keys, return_inverse=True)
    columns = {str(role): rows[role].tolist() for role in rows}
    found = wells_facts.one_per_key(keys, columns)
    return wells_cells.means(values, place.reshape(-1), len(distinct)), found
