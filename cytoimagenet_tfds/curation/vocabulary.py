"""One spelling for one thing, over all datasets: rules as data, applied to distinct values.

The rules are lines of `vocabulary.tsv`: column (or `*` for the seven label columns), kind, value,
replacement (empty: no label; several joined by `|`), control role and reason. Kinds are

- `value`: a whole value of a cell;
- `part`: a text removed wherever it stands;
- `distinct`: `value` and `replacement` look alike and are two things; nothing is written.

Values of genes stand without ' targeted'.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
from collections.abc import Iterable, Mapping
from importlib import resources

import pandas as pd

from cytoimagenet_tfds import errors, schema

COLUMNS = (*schema.CATEGORIES, "microscopy")
KINDS = ("value", "part", "distinct")
_EVERY = "*"


@dataclasses.dataclass(frozen=True)
class Rule:
    """One line of the vocabulary; the fields are its columns."""

    column: str
    kind: str
    value: str
    replacement: str
    control: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """Rules, looked up by column and value."""

    rules: tuple[Rule, ...]

    @functools.cached_property
    def _values(self) -> Mapping[tuple[str, str], Rule]:
        # Later rules win, and those of a column over those of every column.
        every = [rule for rule in self.rules if rule.kind == "value" and rule.column == _EVERY]
        own = [rule for rule in self.rules if rule.kind == "value" and rule.column != _EVERY]
        found = {(name, r.value): r for r in every for name in schema.CATEGORIES}
        return found | {(rule.column, rule.value): rule for rule in own}

    def _parts(self, column: str) -> tuple[str, ...]:
        columns = (column, _EVERY) if column in schema.CATEGORIES else (column,)
        return tuple(r.value for r in self.rules if r.kind == "part" and r.column in columns)

    def rule(self, column: str, token: str) -> Rule | None:
        """Returns the rule for one value, None where it stays as it is."""
        return self._values.get((column, _bare(column, self._without_parts(column, token))))

    def _without_parts(self, column: str, token: str) -> str:
        text = token.lower()
        for part in self._parts(column):
            text = text.replace(part, " ")
        return " ".join(text.split())

    def tokens(self, column: str, token: str) -> tuple[str, ...]:
        """Returns what is written for one value: one, several, or none where it is no label."""
        text = self._without_parts(column, token)
        rule = self._values.get((column, _bare(column, text)))
        if rule is None:
            return (text,) if text else ()
        values = schema.split_tokens(rule.replacement)
        return tuple(map(schema.targeted, values)) if column == "gene" else values

    def clean(self, column: str, cell: str) -> str:
        """Returns the cell in the vocabulary's words; each value once."""
        found = [text for token in schema.split_tokens(cell) for text in self.tokens(column, token)]
        return schema.join_tokens(found)

    def control(self, column: str, cell: str) -> str:
        """Returns the control role that a value of the cell stands for, '' for none."""
        rules = (self.rule(column, token) for token in schema.split_tokens(cell))
        return next((rule.control for rule in rules if rule and rule.control), "")

    def extended(self, replacements: Iterable[tuple[str, str, str]]) -> Vocabulary:
        """Returns a vocabulary with more rules, which win: (column or '*', value, replacement)."""
        more = tuple(Rule(c, "value", v, r, "", "own rule") for c, v, r in replacements)
        # A rule for every column must win over the package's rule of a single one, too.
        spread = tuple(
            dataclasses.replace(rule, column=name)
            for rule in more
            for name in (schema.CATEGORIES if rule.column == _EVERY else (rule.column,))
        )
        return Vocabulary(self.rules + spread)


def _bare(column: str, text: str) -> str:
    return text.removesuffix(schema.TARGETED) if column == "gene" else text


@functools.cache
def default() -> Vocabulary:
    """Returns the vocabulary of the package."""
    text = resources.files(__package__).joinpath("vocabulary.tsv").read_text(encoding="utf-8")
    lines = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    vocabulary = Vocabulary(tuple(Rule(**line) for line in lines))
    check(vocabulary)
    return vocabulary


def chosen(enabled: bool, replacements: Iterable[tuple[str, str, str]]) -> Vocabulary:
    """Returns the vocabulary that a config asks for."""
    return (default() if enabled else Vocabulary(())).extended(replacements)


def check(vocabulary: Vocabulary) -> None:
    """Raises TableError with every rule that lacks a reason, repeats or feeds another."""
    problems = errors.Problems()
    seen: set[tuple[str, ...]] = set()
    for rule in vocabulary.rules:
        where = f"{rule.column}: {rule.value!r}"
        if rule.column not in (_EVERY, *COLUMNS):
            problems.add(errors.unknown_name("column", rule.column, (_EVERY, *COLUMNS)))
        if rule.kind not in KINDS:
            problems.add(errors.unknown_name("kind of rule", rule.kind, KINDS))
        if not rule.reason:
            problems.add(f"{where} has no reason.")
        if not rule.value or rule.value != " ".join(rule.value.lower().split()):
            problems.add(f"{where} is not written in lower case with single spaces.")
        pair = rule.replacement if rule.kind == "distinct" else ""
        identity = (rule.column, rule.kind, rule.value, pair)
        if identity in seen:
            problems.add(f"{where} stands more than once.")
        seen.add(identity)
        for column in schema.CATEGORIES if rule.column == _EVERY else (rule.column,):
            for token in schema.split_tokens(rule.replacement) if rule.kind == "value" else ():
                if vocabulary.rule(column, token) is not None:
                    problems.add(f"{where} becomes {token!r}, which another rule replaces again.")
    problems.raise_if_any(errors.TableError, "The vocabulary is not valid:")


def standardize(rows: pd.DataFrame, vocabulary: Vocabulary | None = None) -> pd.DataFrame:
    """Returns a copy of a table with its label columns and `microscopy` in the vocabulary's words.

    A value that stands for a control role fills `control` where that is empty.
    """
    vocabulary = vocabulary or default()
    result = rows.copy()
    for name in COLUMNS:
        codes, cells = pd.factorize(rows[name])
        texts = pd.Series([vocabulary.clean(name, cell) for cell in cells], dtype="str")
        result[name] = texts.take(codes).set_axis(rows.index)
        roles = pd.Series([vocabulary.control(name, cell) for cell in cells], dtype="str")
        if roles.any():
            role = roles.take(codes).set_axis(rows.index)
            result["control"] = result["control"].where(result["control"] != "", role)
    return result
