"""What was published, and how an archive differs from it.

The counts are those of the dataset's page and of the paper (arXiv 2111.11646).
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from cytoimagenet_tfds.builders.cytoimagenet.published import lines

SHOWN = 3

# How the names of sources begin in each database.
_DATABASES = {
    "rec_": "Recursion",
    "idr": "Image Data Resource",
    "bbbc": "Broad Bioimage Benchmark Collection",
    "kag_": "Kaggle",
    "cil_": "Cell Image Library",
}


@dataclasses.dataclass(frozen=True)
class Expected:
    """Counts of the published dataset.

    Attributes:
      images: number of images.
      classes: number of classes.
      categories: category -> classes.
      databases: database -> classes that draw on it; a class counts in each of them.
    """

    images: int
    classes: int
    categories: Mapping[str, int]
    databases: Mapping[str, int]


PUBLISHED = Expected(
    images=890_737,
    classes=894,
    categories={
        "compound": 637, "phenotype": 93, "cell_type": 44, "gene": 43, "cell_visible": 38,
        "sirna": 36, "organism": 3,
    },
    databases={
        "Recursion": 651, "Image Data Resource": 450, "Broad Bioimage Benchmark Collection": 202,
        "Kaggle": 27, "Cell Image Library": 1,
    },
)  # fmt: skip


def count(found: lines.Lines) -> Expected:
    """Returns the counts of a table."""
    classes = found.pairs("category")
    drawn = {(label, database_of(source)) for label, source in found.pairs("dir_name")}
    return Expected(
        len(found),
        len({label for label, _ in classes}),
        _counts(category for _, category in classes),
        _counts(database for _, database in drawn),
    )


def database_of(dir_name: str) -> str:
    """Returns the database of a source, 'unknown' where its short name tells none."""
    return next(
        (name for start, name in _DATABASES.items() if dir_name.startswith(start)), "unknown"
    )


def compare(found: Expected, wanted: Expected) -> list[str]:
    """Returns every count that differs, one sentence each."""
    lines: list[str] = []
    for what in ("images", "classes"):
        lines += _differs(what, getattr(found, what), getattr(wanted, what))
    for what, of in (
        ("categories", "classes of the category"),
        ("databases", "classes that draw on"),
    ):
        first, second = getattr(found, what), getattr(wanted, what)
        for name in sorted({*first, *second}):
            lines += _differs(f"{of} {name or '(none)'}", first.get(name, 0), second.get(name, 0))
    return lines


def listed(what: str, names: Sequence[str], count: int | None = None) -> list[str]:
    """Returns a line with a count and the first names, nothing for no names.

    Args:
      what: what they are, for any number of them.
      names: all of them, or the first ones.
      count: how many there are, None for as many as `names`.
    """
    if not names:
        return []
    count = len(names) if count is None else count
    shown = ", ".join(sorted(names)[:SHOWN])
    return [f"{what}: {count:,} ({shown}{' ...' if count > SHOWN else ''})"]


def _differs(what: str, found: int, wanted: int) -> Iterable[str]:
    if found != wanted:
        yield f"{found:,} {what}, published were {wanted:,} ({found - wanted:+,})."


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(collections.Counter(values).items()))
