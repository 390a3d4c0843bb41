"""Metadata tables of IDR studies: found by file name, read by column, whatever their revision."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

import pandas as pd

from cytoimagenet_tfds import errors, schema, wording
from cytoimagenet_tfds.sources import wells
from cytoimagenet_tfds.sources.idr._kinds import Kind, words
from cytoimagenet_tfds.sources.report import Report
from cytoimagenet_tfds.sources.tree import Tree

_SEPARATORS = {".csv": ",", ".txt": "\t", ".tsv": "\t"}
_PACKED = ("", ".gz", ".zip")
_SUFFIXES = tuple(kind + packed for kind in _SEPARATORS for packed in _PACKED)
_REVISION = r"(?P<revision>[^/]*)\.(?:csv|txt|tsv)(?:\.gz|\.zip)?$"

# Tables that name no well may number its row and column, from 1.
_ROW, _COLUMN = "plate row", "plate column"


class Metadata:
    """The tables below a source's root."""

    def __init__(self, tree: Tree, report: Report) -> None:
        self.tree = tree
        self.report = report

    @functools.cached_property
    def files(self) -> tuple[str, ...]:
        """Paths of all files that may be tables."""
        return tuple(path for path in self.tree.files if path.lower().endswith(_SUFFIXES))

    def find(self, stem: str) -> list[str]:
        """Paths of the tables whose name starts with `stem`: today's name, then newer to older."""
        pattern = re.compile(rf"(?:^|/){stem}{_REVISION}", re.IGNORECASE)
        found = [
            (match["revision"], path) for path in self.files if (match := pattern.search(path))
        ]
        older = sorted((pair for pair in found if pair[0]), reverse=True)
        return [path for _, path in sorted(pair for pair in found if not pair[0]) + older]

    def read(self, kind: Kind) -> pd.DataFrame | None:
        """Returns the lines of all tables of a kind, each key once, or None where there is none.

        Columns are `kind.keys` and `kind.filled`, text, '' where a table says nothing. Wells are
        `A01`. Of two lines with one key the earlier counts.
        """
        found = (self._part(path, kind) for path in self.find(kind.stem))
        parts = [part for part in found if part is not None]
        if not parts:
            return None
        table = pd.concat(parts, ignore_index=True)
        return table[~table.duplicated(list(kind.keys))].reset_index(drop=True)

    def _part(self, path: str, kind: Kind) -> pd.DataFrame | None:
        """Returns one file as declared, or None where it cannot be joined."""
        try:
            raw = self._raw(path, kind)
        except errors.SourceLayoutError as error:
            self.report.fatal(str(error))
            return None
        if raw is None:
            self.report.note(
                "unknown table", f"{path} lacks columns that name {' and '.join(kind.keys)}."
            )
            return None
        part = pd.DataFrame(index=raw.index)
        for column, headers in {**kind.keys, **kind.columns}.items():
            part[column] = _first_filled(raw, [words(header) for header in headers])
        for column, pattern in kind.pooled.items():
            part[column] = _pooled(
                raw, [name for name in map(str, raw) if re.fullmatch(pattern, name)]
            )
        for column in kind.filled if kind.blank else ():
            part[column] = part[column].mask(part[column].str.lower().isin(kind.blank), "")
        if "well" in kind.keys:
            part["well"] = self._wells(part["well"], raw, path)
        self._note_contradictions(part, kind, path)
        return part

    def _note_contradictions(self, part: pd.DataFrame, kind: Kind, path: str) -> None:
        again = ~part.duplicated() & part.duplicated(list(kind.keys))
        if again.any():
            self.report.note(
                "contradicting lines",
                f"{path}: "
                f"{wording.counted(int(again.sum()), 'line contradicts', 'lines contradict')} an "
                "earlier one, which counts.",
                [" ".join(line) for line in part.loc[again, list(kind.keys)].to_numpy()],
            )

    def _raw(self, path: str, kind: Kind) -> pd.DataFrame | None:
        """Reads the wanted columns, their names reduced to words; None where a key lacks."""
        separator, header = self._header(path)
        spelled = {words(name): name for name in reversed(header)}
        keys = {column: [words(name) for name in names] for column, names in kind.keys.items()}
        if {_ROW, _COLUMN} <= set(spelled) and "well" in keys:
            keys["well"] += [_ROW, _COLUMN]
        if any(spelled.keys().isdisjoint(names) for names in keys.values()):
            return None
        wanted = {name for names in keys.values() for name in names}
        wanted |= {words(name) for names in kind.columns.values() for name in names}
        pools = "|".join(f"(?:{pattern})" for pattern in kind.pooled.values()) or r"(?!)"
        taken = {
            name: word
            for word, name in spelled.items()
            if word in wanted or re.fullmatch(pools, word)
        }
        table = self._read(path, sep=separator, usecols=list(taken)).rename(columns=taken)
        return pd.DataFrame({name: table[name].str.strip() for name in table})

    def _header(self, path: str) -> tuple[str, list[str]]:
        """Returns the separator a table has, whatever its suffix says, and its header."""
        name = re.sub(r"\.(gz|zip)$", "", path.lower())
        usual = _SEPARATORS[name[-4:]]
        for separator in dict.fromkeys((usual, ",", "\t", " ")):
            header = [str(column) for column in self._read(path, sep=separator, nrows=0).columns]
            if len(header) > 1:
                return separator, header
        return usual, header

    def _read(self, path: str, **options: object) -> pd.DataFrame:
        """Reads as UTF-8, or as Latin-1 where it is not."""
        try:
            return self.tree.read_table(path, **options)
        except errors.SourceLayoutError as error:
            if not isinstance(error.__cause__, UnicodeDecodeError):
                raise
        return self.tree.read_table(path, encoding="latin-1", **options)

    def _wells(self, values: pd.Series, raw: pd.DataFrame, path: str) -> pd.Series:
        names = {value: _well(value) for value in values.unique()}
        strange = sorted(value for value, name in names.items() if value and not name)
        if strange:
            self.report.note("unknown well", f"{path} names wells that are none.", strange)
        named = values.map(names).astype("str")
        if not {_ROW, _COLUMN} <= set(raw):
            return named
        places = raw[_ROW] + " " + raw[_COLUMN]
        numbered = {place: _numbered(place) for place in places.unique()}
        return named.where(named != "", places.map(numbered).astype("str"))


def _well(value: str) -> str:
    try:
        return wells.normalize(value)
    except ValueError:
        return ""


def _numbered(place: str) -> str:
    found = re.fullmatch(r"(\d+) (\d+)", place)
    return wells.name(int(found[1]), found[2]) if found else ""


def _first_filled(raw: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    result = pd.Series("", index=raw.index, dtype="str")
    for name in names:
        if name in raw:
            result = raw[name] if (result == "").all() else result.mask(result == "", raw[name])
    return result


def _pooled(raw: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    result = pd.Series("", index=raw.index, dtype="str")
    for name in names:
        both = (result != "") & (raw[name] != "")
        result = result + both.map({True: schema.SEPARATOR, False: ""}) + raw[name]
    return result
