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
    from cytoimagenet_tfds.sources.base import Rows


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


def check_there(
    what: str, wanted: Sequence[Source], base: epath.Path, advice: Sequence[str] = ()
) -> None:
    """Raises MissingSourcesError where the folder of a wanted source is not below `base`."""
    there = available(wanted, base)
    missing = [source for source in wanted if source.dir_name not in there]
    if missing:
        raise errors.MissingSourcesError(_missing_message(what, base, there, missing, advice))


def gather(
    what: str,
    wanted: Sequence[Source],
    base: epath.Path,
    advice: Sequence[str] = (),
    rows: Rows | None = None,
) -> Gathered:
    """Reads the tables of all wanted sources.

    Args:
      what: name of the dataset, for messages.
      wanted: the sources it needs.
      base: folder that holds one folder per source, called as its `dir_name`.
      advice: lines that end the message when a source is missing.
      rows: 'field' or 'channel' in the place of each source's own rule.

    Raises:
      MissingSourcesError: folders are missing: all of them, what is there, and where to get the
        rest, before any table is read; or tables cannot be read: all of those.
    """
    import pandas as pd

    check_there(what, wanted, base, advice)
    tables: list[pd.DataFrame] = []
    found: list[Found] = []
    broken: dict[str, str] = {}
    for source in wanted:
        root = str(base / source.dir_name)
        logging.getLogger(__name__).info("Reading the tables of %s", root)
        try:
            table, report = source.table_and_report(root, rows=rows)
        except (errors.SourceLayoutError, errors.TableError) as error:
            broken[source.dir_name] = str(error)
            continue
        tables.append(table)
        findings = tuple(map(str, report.findings))
        found.append(Found(source.dir_name, root, len(table), _excluded(table), findings))
    if broken:
        lines = ["- " + text.replace("\n", "\n  ") for text in broken.values()]
        heading = (
            f"{what}: {len(broken)} of {len(wanted)} sources cannot be read. Nothing was built."
        )
        raise errors.MissingSourcesError("\n".join([heading, *lines, *advice]))
    return Gathered(pd.concat(tables, ignore_index=True), tuple(found))


def _excluded(table: pd.DataFrame) -> dict[str, int]:
    counts = table.loc[table["excluded"] != "", "excluded"].value_counts().sort_index()
    return {str(reason): int(count) for reason, count in counts.items()}


def _missing_message(
    what: str,
    base: epath.Path,
    there: Sequence[str],
    missing: Sequence[Source],
    advice: Sequence[str],
) -> str:
    lines = [
        f"{what} needs {len(there) + len(missing)} source datasets, each in its own folder below "
        f"{base}: {len(there)} there, {len(missing)} missing. Nothing was built."
    ]
    if there:
        lines += ["There:", *(f"- {name}" for name in there)]
    lines.append("Missing, with where to get it:")
    lines += [f"- {base / source.dir_name}: {_where(source)}" for source in missing]
    return "\n".join([*lines, *advice])


def _where(source: Source) -> str:
    manual = " ".join(source.manual.split())
    return f"{source.homepage}{f' ({manual})' if manual else ''}"
