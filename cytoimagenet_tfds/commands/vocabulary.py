"""`cytoimagenet vocabulary`: what the vocabulary does to row tables, and what it leaves open."""

from __future__ import annotations

import argparse
import collections
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording

if TYPE_CHECKING:
    import pandas as pd


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("tables", nargs="+", help="row tables as `cytoimagenet table` writes them")
    parser.add_argument("--column", help="only this label column")
    parser.add_argument("--most", type=int, default=30, help="lines per list, 30 by default")


def run(args: argparse.Namespace) -> int:
    """Prints, per column, the values that were replaced and the near-duplicates left."""
    from cytoimagenet_tfds import errors
    from cytoimagenet_tfds.commands import plan
    from cytoimagenet_tfds.curation import vocabulary

    if args.column and args.column not in vocabulary.COLUMNS:
        raise errors.ConfigError(errors.unknown_name("column", args.column, vocabulary.COLUMNS))
    rows = plan.read_rows(args.tables)
    for column in (args.column,) if args.column else vocabulary.COLUMNS:
        print("\n".join(_column(column, rows[column], args.most)))
    return 0


def _column(column: str, cells: pd.Series, most: int) -> list[str]:
    from cytoimagenet_tfds import schema
    from cytoimagenet_tfds.curation import near, vocabulary

    words = vocabulary.default()
    changed: collections.Counter[str] = collections.Counter()
    counts: collections.Counter[str] = collections.Counter()
    for cell, rows in cells.value_counts().items():
        for token in schema.split_tokens(str(cell)):
            written = words.tokens(column, token)
            counts.update(dict.fromkeys(written, int(rows)))
            if written != (token,):
                changed[_change(column, token, written)] += int(rows)
    groups = [
        f"{group.reason}: {'; '.join(f'{value} ({rows:,})' for value, rows in group.values)}"
        for group in near.near_duplicates(column, counts, words)
    ]
    replaced = [f"{rows:>11,}  {text}" for text, rows in changed.most_common()]
    return [
        f"{column}: {wording.counted(len(counts), 'label')}",
        *_lines("replaced (rows, value, what is written, why)", replaced, most),
        *_lines("look alike, no rule yet (in what they differ: values and rows)", groups, most),
    ]


def _change(column: str, token: str, written: tuple[str, ...]) -> str:
    from cytoimagenet_tfds.curation import vocabulary

    rule = vocabulary.default().rule(column, token)
    reason = rule.reason if rule else "a mark or spelling that is no part of the name"
    return f"{token} -> {' and '.join(written) or 'no label'}  ({reason})"


def _lines(heading: str, lines: list[str], most: int) -> list[str]:
    if not lines:
        return []
    more = [f"    and {len(lines) - most:,} more"] if len(lines) > most else []
    return [f"  {heading}: {len(lines):,}", *(f"    {line}" for line in lines[:most]), *more]
