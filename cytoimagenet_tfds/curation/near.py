"""Values that look like two spellings of one thing and that no rule has decided on."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator, Mapping

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.curation.vocabulary import Vocabulary

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_VARIANTS = (("sulph", "sulf"), ("ae", "e"), ("oe", "e"), ("our", "or"), ("ph", "f"))
_SALT_NAMES = """
acetate bromide calcium chloride citrate dihydrate dihydrochloride disodium fumarate hcl hydrate
hydrobromide hydrochloride iodide maleate mesylate monohydrate nitrate phosphate potassium salt
sodium sulfate tartrate trihydrate tosylate
"""
_SALTS = frozenset(_SALT_NAMES.split())
_LETTERS = 7  # shorter names that differ in one letter are mostly two things


@dataclasses.dataclass(frozen=True)
class Group:
    """Values of one column that look alike.

    Attributes:
      column: the column.
      reason: in what they differ.
      values: (value, rows), the most rows first.
    """

    column: str
    reason: str
    values: tuple[tuple[str, int], ...]


def near_duplicates(column: str, counts: Mapping[str, int], vocabulary: Vocabulary) -> list[Group]:
    """Returns groups of values that look alike, those with most rows first.

    Args:
      column: the label column.
      counts: value -> rows, in the vocabulary's words.
      vocabulary: its `distinct` rules name pairs that are two things.
    """
    distinct = {
        frozenset((rule.value, rule.replacement))
        for rule in vocabulary.rules
        if rule.kind == "distinct" and rule.column in (column, "*")
    }
    seen: set[frozenset[str]] = set(distinct)
    found = []
    for reason, values in _alike(column, sorted(counts)):
        pairs = {frozenset(pair) for pair in itertools.combinations(values, 2)}
        if pairs <= seen:
            continue
        seen |= pairs
        ordered = sorted(values, key=lambda value: (-counts[value], value))
        found.append(Group(column, reason, tuple((value, counts[value]) for value in ordered)))
    return sorted(found, key=lambda group: (-sum(n for _, n in group.values), group.values))


def _alike(column: str, values: list[str]) -> Iterator[tuple[str, list[str]]]:
    keys = dict(_KEYS)
    if column == "compound":
        keys["a salt or hydrate"] = _without_salt
    for reason, key in keys.items():
        groups: dict[str, list[str]] = {}
        for value in values:
            groups.setdefault(key(value), []).append(value)
        yield from ((reason, group) for name, group in groups.items() if name and len(group) > 1)
    # Symbols of genes and numbers of siRNAs differ in one letter and are never the same.
    if column not in ("gene", "sirna"):
        yield from (("one letter", list(pair)) for pair in _one_letter(values))


def _words(value: str) -> list[str]:
    return _NOT_WORD.sub(" ", value.removesuffix(schema.TARGETED)).split()


def _collapsed(value: str) -> str:
    return "".join(_words(value))


def _singular(value: str) -> str:
    return "".join(word.removesuffix("s") for word in _words(value))


def _sorted_words(value: str) -> str:
    return " ".join(sorted(_words(value)))


def _one_spelling(value: str) -> str:
    text = _collapsed(value)
    for variant, other in _VARIANTS:
        text = text.replace(variant, other)
    return text


def _without_salt(value: str) -> str:
    return "".join(word for word in _words(value) if word not in _SALTS)


_KEYS: dict[str, Callable[[str], str]] = {
    "spaces and signs": _collapsed,
    "singular and plural": _singular,
    "order of words": _sorted_words,
    "British and American spelling": _one_spelling,
}


def _one_letter(values: list[str]) -> Iterator[tuple[str, str]]:
    """Yields pairs of longer values one letter apart, digits alike, without comparing all pairs."""
    buckets: dict[str, list[str]] = {}
    for value in values:
        if sum(map(str.isalpha, value)) >= _LETTERS:
            for variant in {value, *(value[:i] + value[i + 1 :] for i in range(len(value)))}:
                buckets.setdefault(variant, []).append(value)
    pairs = {pair for group in buckets.values() for pair in itertools.combinations(group, 2)}
    for first, second in sorted(pairs):
        if _digits(first) == _digits(second) and _one_apart(first, second):
            yield first, second


def _digits(value: str) -> list[str]:
    return re.findall(r"\d+", value)


def _one_apart(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    start = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b),
                 len(short))  # fmt: skip
    return short[start + (len(short) == len(long)) :] == long[start + 1 :]
