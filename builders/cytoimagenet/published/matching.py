"""Rows of the published table and files of the archive brought together, in the database."""

from __future__ import annotations

import collections
import dataclasses
import itertools
from collections.abc import Iterable, Sequence

from cytoimagenet_tfds.builders.cytoimagenet.published import archive, expected, lines

_TWICE, _TWO_LABELS, _NO_LABEL = "row stands twice", "file of two labels", "no label"

_MISSING = """SELECT DISTINCT place FROM line
    WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.place = line.place) ORDER BY place"""
_UNKNOWN = """SELECT place FROM file
    WHERE NOT EXISTS (SELECT 1 FROM line WHERE line.place = file.place) ORDER BY place"""
_AGAIN = """SELECT place, number, label FROM line
    WHERE place IN (SELECT place FROM line GROUP BY place HAVING count(*) > 1)
    ORDER BY place, number"""

JOINED = """SELECT line.number, line.place, line.idx, line.numbers, file.reference, file.head
    FROM line LEFT JOIN file ON file.place = line.place
    WHERE NOT EXISTS (SELECT 1 FROM left_out WHERE left_out.number = line.number)
    ORDER BY line.place"""
"""The rows that can be told apart, each with its file or none, in the order of their places."""


@dataclasses.dataclass(frozen=True)
class Matched:
    """How rows and files fit together; the rows themselves are what `JOINED` gives.

    Attributes:
      count: rows that can be told apart.
      left_out: reason -> rows that cannot.
      differences: one sentence for each kind of what does not fit.
    """

    count: int
    left_out: dict[str, int]
    differences: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _Places:
    """Places that one side alone has.

    Attributes:
      counts: folder -> how many.
      first: folder -> the first ones; folders in sorted order.
    """

    counts: dict[str, int]
    first: dict[str, list[str]]

    def listed(self, what: str) -> list[str]:
        shown = itertools.islice(itertools.chain.from_iterable(self.first.values()), expected.SHOWN)
        said: list[str] = expected.listed(what, list(shown), sum(self.counts.values()))
        return said


def match(found: lines.Lines, there: archive.Archive, differences: Sequence[str] = ()) -> Matched:
    """Finds the file of each row by folder and name.

    Args:
      found: the table, see `table.read`.
      there: the archive.
      differences: what differs already.
    """
    found.store.run("CREATE INDEX line_place ON line (place)")
    missing, unknown = _places(found, _MISSING), _places(found, _UNKNOWN)
    _leave_out(found)
    said = [
        *missing.listed("Files of the table that are missing"),
        *unknown.listed("Images that are not in the table"),
        *_renamed(missing, unknown),
        *expected.listed("Images in two places, the first of which counts", there.twice),
        *expected.listed("Other files in the archive", there.strangers),
        *_listed(found, "Rows that name a file which a row before them names", _TWICE),
        *_listed(found, "Rows of different labels that name the same file, left out",
                 _TWO_LABELS),
        *_listed(found, "Rows without a label, left out", _NO_LABEL),
    ]  # fmt: skip
    reasons = (_TWICE, _TWO_LABELS, _NO_LABEL)
    left_out = {reason: count for reason in reasons if (count := _count(found, reason))}
    count = len(found) - sum(left_out.values())
    return Matched(count, left_out, (*differences, *said))


def _places(found: lines.Lines, query: str) -> _Places:
    counts: collections.Counter[str] = collections.Counter()
    first: dict[str, list[str]] = {}
    for (place,) in found.store.rows(query):
        folder = place.rpartition("/")[0]
        counts[folder] += 1
        if counts[folder] <= expected.SHOWN:
            first.setdefault(folder, []).append(place)
    return _Places(counts, first)


def _renamed(missing: _Places, unknown: _Places) -> list[str]:
    """Missing and unknown files of one folder that are as many were perhaps renamed."""
    folders = [name for name, n in missing.counts.items() if unknown.counts.get(name) == n]
    pairs = [
        f"{old} -> {new.rpartition('/')[2]}"
        for name in folders
        for old, new in zip(missing.first[name], unknown.first[name], strict=True)
    ]
    count = sum(missing.counts[name] for name in folders)
    said: list[str] = expected.listed(
        "Missing and unknown images of one folder, perhaps renamed", pairs, count
    )  # fmt: skip
    return said


def _leave_out(found: lines.Lines) -> None:
    """Notes rows that name a file again or that of another label, and those without a label."""
    store = found.store
    store.run("CREATE TABLE left_out (number INTEGER PRIMARY KEY, place TEXT, reason TEXT)")
    for place, several in itertools.groupby(list(store.rows(_AGAIN)), key=lambda row: row[0]):
        rows = [(number, label) for _, number, label in several]
        reason = _TWICE if len({label for _, label in rows}) == 1 else _TWO_LABELS
        _note(found, [number for number, _ in rows[reason == _TWICE :]], place, reason)
    labels = found.codes["label"].values()
    nameless = labels.index("") if "" in labels else -1
    store.run(
        "INSERT OR IGNORE INTO left_out SELECT number, place, ? FROM line WHERE label = ?",
        _NO_LABEL, nameless,
    )  # fmt: skip


def _note(found: lines.Lines, numbers: Iterable[int], place: str, reason: str) -> None:
    for number in numbers:
        found.store.run("INSERT INTO left_out VALUES (?, ?, ?)", number, place, reason)


def _listed(found: lines.Lines, what: str, reason: str) -> list[str]:
    query = "SELECT place FROM left_out WHERE reason = ? ORDER BY place LIMIT ?"
    first = [place for (place,) in found.store.rows(query, reason, expected.SHOWN)]
    said: list[str] = expected.listed(what, first, _count(found, reason))
    return said


def _count(found: lines.Lines, reason: str) -> int:
    return int(found.store.value("SELECT count(*) FROM left_out WHERE reason = ?", reason))
