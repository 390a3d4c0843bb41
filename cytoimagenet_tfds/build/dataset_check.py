"""What is wrong with a dataset as a whole: uniqueness, classes, splits, agreement with its plan.

All is done column by column in Arrow: a million examples take seconds, and a kilobyte each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds.build import examples_check

if TYPE_CHECKING:
    import pyarrow as pa

Problem = tuple[str, list[str]]  # what is wrong, and where
_FACTS = ("key", "split", "label", "category", "crops", "written")
_TEXTS = _FACTS[:4]


def of_report(planned: pa.Table) -> pa.Table:
    """Returns what `check` compares of a build's report: less than half of it.

    Args:
      planned: the report, one line per planned row; `label`, `category` and `crops` may be missing.
    """
    import pyarrow as pa

    kept = planned.select([name for name in _FACTS if name in planned.column_names])
    fields = [
        pa.field(field.name, pa.large_string()) if field.name in _TEXTS else field
        for field in kept.schema
    ]
    return kept.cast(pa.schema(fields))


def check(read: pa.Table, planned: pa.Table, facts: Mapping[str, Any]) -> Iterator[Problem]:
    """Yields the problems of a dataset.

    Args:
      read: what identifies each example, as `identities.Identities` gives it.
      planned: the lines of the build's report, as `of_report` gives them.
      facts: the dataset's metadata.
    """
    yield from _unique(read)
    yield from _groups(read)
    yield from _classes(read, facts)
    yield from _plan(read, planned)


def _problem(text: str, where: pa.ChunkedArray) -> Iterator[Problem]:
    if len(where):
        yield text, sorted(where.unique().to_pylist())


def _repeated(values: pa.ChunkedArray) -> pa.Array:
    """Returns what stands more than once."""
    import pyarrow.compute as pc

    counted = pc.value_counts(values)
    return counted.field("values").filter(pc.greater(counted.field("counts"), 1))


def _unique(read: pa.Table) -> Iterator[Problem]:
    import pyarrow as pa
    import pyarrow.compute as pc

    yield from _problem("key stands more than once", _repeated(read["key"]))
    has_name = pc.and_(pc.not_equal(read["label"], ""), pc.not_equal(read["filename"], ""))
    named = read.filter(has_name)
    slash = pa.scalar("/", pa.large_string())
    names = pc.binary_join_element_wise(named["path"], named["filename"], slash)
    yield from _problem("file name stands more than once", _repeated(names))


def _groups(read: pa.Table) -> Iterator[Problem]:
    """No group lies in two splits."""
    import pyarrow.compute as pc

    grouped = read.select(["group", "split"]).filter(pc.not_equal(read["group"], ""))
    pairs = grouped.group_by(["group", "split"]).aggregate([])
    yield from _problem("group lies in more than one split", _repeated(pairs["group"]))


def _classes(read: pa.Table, facts: Mapping[str, Any]) -> Iterator[Problem]:
    import pyarrow.compute as pc

    rules = facts.get("class_rules")
    if not rules:
        return
    counted = pc.value_counts(read["label"].filter(pc.not_equal(read["label"], "")))
    classes, counts = counted.field("values"), counted.field("counts")
    large = classes.filter(pc.greater(counts, rules["cap"]))
    small = classes.filter(pc.less(counts, rules["min_class"]))
    yield from _problem(f"class has more than {rules['cap']:,} images", large)
    yield from _problem(f"class has fewer than {rules['min_class']:,}", small)


def _plan(read: pa.Table, planned: pa.Table) -> Iterator[Problem]:
    """Every planned row gave what the report says, in its split, with its label."""
    import pyarrow.compute as pc

    rows = pc.replace_substring_regex(read["key"], examples_check.CROP, "")
    numbers = pc.index_in(rows, value_set=planned["key"])
    own = planned.drop_columns(["key", "written"]).take(numbers)  # null for a row unknown
    expected = pc.fill_null(pc.equal(own["split"], read["split"]), False)
    yield from _counts(rows, numbers, expected, planned)
    for name in ("label", "category"):
        if name in own.column_names:
            told = pc.and_(pc.not_equal(own[name], ""), pc.not_equal(read["label"], ""))
            wrong = pc.and_(told, pc.not_equal(own[name], read[name]))
            yield from _problem(f"{name} is not that of the plan", read["key"].filter(wrong))
    if "crops" in own.column_names:
        wrong = pc.and_(pc.not_equal(rows, read["key"]), pc.equal(own["crops"], 0))
        yield from _problem("a crop where none was planned", read["key"].filter(wrong))


def _counts(
    rows: pa.ChunkedArray, numbers: pa.ChunkedArray, expected: pa.ChunkedArray, planned: pa.Table
) -> Iterator[Problem]:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = np.bincount(numbers.filter(expected).to_numpy(), minlength=len(planned))
    differ = planned["key"].filter(pa.array(found != planned["written"].to_numpy()))
    strange = rows.filter(pc.invert(expected))
    where = pa.chunked_array([*differ.chunks, *strange.chunks], pa.large_string())
    yield from _problem("images read and images written differ", where)
