"""Reading the row tables of the sources a build needs, or saying what is not there."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from etils import epath

from cytoimagenet_tfds import errors

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources import Source


@dataclasses.dataclass(frozen=True)
class Found:
    """What was read of one source.

    Attributes:
      dir_name: short name of the source.
      root: its folder.
      rows: rows of its table.
      excluded: reason -> rows that are left out unless asked for.
      findings: what was expected and not found, one sentence each.
    """

    dir_name: str
    root: str
    rows: int
    excluded: dict[str, int]
    findings: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Gathered:
    """The row tables of all sources of a build.

    Attributes:
      rows: all rows, columns `schema.names('rows')`, sources in the order given.
      found: one entry per source.
    """

    rows: pd.DataFrame
    found: tuple[Found, ...]

    @property
    def roots(self) -> dict[str, str]:
        """Folder of each source."""
        return {found.dir_name: found.root for found in self.found}


def available(wanted: Iterable[Source], base: epath.Path) -> tuple[str, ...]:
    """Returns the dir_names of the sources whose folder lies below `base`."""
    return tuple(source.dir_name for source in wanted if (base / source.dir_name).is_dir())


def gather(
    what: str, wanted: Sequence[Source], base: epath.Path, advice: Sequence[str] = ()
) -> Gathered:
    """Reads the tables of all wanted sources.

    Args:
      what: name of the dataset, for messages.
      wanted: the sources it needs.
      base: folder that holds one folder per source, called as its `dir_name`.
      advice: lines that end the message when a source is missing.

    Raises:
      MissingSourcesError: folders are missing or cannot be read; all of them at once, what is
        there as well, and where to get the rest.
    """
    import pandas as pd

    there = set(available(wanted, base))
    tables: list[pd.DataFrame] = []
    found: list[Found] = []
    broken: dict[str, str] = {}
    for source in wanted:
        if source.dir_name not in there:
            continue
        root = str(base / source.dir_name)
        logging.getLogger(__name__).info("Reading the tables of %s", root)
        try:
            table, report = source.table_and_report(root)
        except (errors.SourceLayoutError, errors.TableError) as error:
            broken[source.dir_name] = str(error)
            continue
        tables.append(table)
        findings = tuple(map(str, report.findings))
        found.append(Found(source.dir_name, root, len(table), _excluded(table), findings))
    if len(found) < len(wanted):
        missing = [source for source in wanted if source.dir_name not in there]
        raise errors.MissingSourcesError(_message(what, base, found, missing, broken, advice))
    return Gathered(pd.concat(tables, ignore_index=True), tuple(found))


def _excluded(table: pd.DataFrame) -> dict[str, int]:
    counts = table.loc[table["excluded"] != "", "excluded"].value_counts().sort_index()
    return {str(reason): int(count) for reason, count in counts.items()}


def _message(
    what: str,
    base: epath.Path,
    found: Sequence[Found],
    missing: Sequence[Source],
    broken: dict[str, str],
    advice: Sequence[str],
) -> str:
    total = len(found) + len(missing) + len(broken)
    lines = [
        f"{what} needs {total} source datasets, each in its own folder below {base}: "
        f"{len(found)} there, {len(missing)} missing, {len(broken)} not readable. "
        "Nothing was built."
    ]
    if found:
        lines.append("There:")
        lines += [f"- {entry.dir_name}: {entry.rows:,} rows" for entry in found]
    if missing:
        lines.append("Missing, with where to get it:")
        lines += [f"- {base / source.dir_name}: {_where(source)}" for source in missing]
    if broken:
        lines.append("Not readable:")
        lines += ["- " + text.replace("\n", "\n  ") for text in broken.values()]
    return "\n".join([*lines, *advice])


def _where(source: Source) -> str:
    manual = " ".join(source.manual.split())
    return f"{source.homepage}{f' ({manual})' if manual else ''}"
