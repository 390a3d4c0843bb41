"""What is wrong with a dataset as a whole: uniqueness, classes, splits, agreement with its plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cytoimagenet_tfds.build import examples_check

Problem = tuple[str, list[str]]  # what is wrong, and where


def check(
    read: Sequence[Mapping[str, Any]], planned: pd.DataFrame, facts: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yields the problems of a dataset.

    Args:
      read: what identifies each example, with its split.
      planned: the report of the build, one line per planned row.
      facts: the dataset's metadata.
    """
    columns = ("split", "key", "group", "path", "filename", "label", "category")
    examples = pd.DataFrame(
        {name: pd.Series([one.get(name, "") for one in read], dtype="str") for name in columns}
    )
    examples["row"] = [examples_check.CROP.sub("", key) for key in examples["key"]]
    yield from _unique(examples)
    yield from _groups(examples)
    yield from _classes(examples, facts)
    yield from _plan(examples, planned)


def _problem(text: str, where: pd.Series) -> Iterator[Problem]:
    if len(where):
        yield text, sorted(map(str, where.unique()))


def _unique(examples: pd.DataFrame) -> Iterator[Problem]:
    yield from _problem(
        "key stands more than once", examples.loc[examples["key"].duplicated(), "key"]
    )
    named = examples[(examples["label"] != "") & (examples["filename"] != "")]
    names = named["path"] + "/" + named["filename"]
    yield from _problem("file name stands more than once", names[names.duplicated()])


def _groups(examples: pd.DataFrame) -> Iterator[Problem]:
    """No group lies in two splits."""
    grouped = examples[examples["group"] != ""].groupby("group")["split"].nunique()
    yield from _problem("group lies in more than one split", pd.Series(grouped.index[grouped > 1]))


def _classes(examples: pd.DataFrame, facts: Mapping[str, Any]) -> Iterator[Problem]:
    rules = facts.get("class_rules")
    if not rules:
        return
    counts = examples.loc[examples["label"] != "", "label"].value_counts()
    large, small = counts[counts > rules["cap"]], counts[counts < rules["min_class"]]
    yield from _problem(f"class has more than {rules['cap']:,} images", pd.Series(large.index))
    yield from _problem(f"class has fewer than {rules['min_class']:,}", pd.Series(small.index))


def _plan(examples: pd.DataFrame, planned: pd.DataFrame) -> Iterator[Problem]:
    """Every planned row gave what the report says, in its split, with its label."""
    shared = [name for name in ("label", "category") if name in planned]
    rows = planned.set_index("key")
    counts = examples.groupby(["split", "row"]).size()
    kept = planned[planned["written"] > 0]
    expected = kept.set_index(["split", "key"])["written"].rename_axis(counts.index.names)
    both = pd.concat({"read": counts, "written": expected}, axis=1).fillna(0)
    differ = both[both["read"] != both["written"]]
    where = pd.Series(differ.index.get_level_values(1), dtype="str")
    yield from _problem("images read and images written differ", where)
    known = examples[examples["row"].isin(rows.index) & (examples["label"] != "")]
    for name in shared:
        wanted = rows[name].reindex(known["row"]).to_numpy()
        wrong = known.loc[(known[name].to_numpy() != wanted) & (wanted != ""), "key"]
        yield from _problem(f"{name} is not that of the plan", wrong)
    crops = rows["crops"].reindex(examples["row"]) if "crops" in rows else pd.Series(dtype="int32")
    if len(crops):
        is_crop = (examples["row"] != examples["key"]).to_numpy()
        wrong = examples.loc[is_crop & (crops.to_numpy() == 0), "key"]
        yield from _problem("a crop where none was planned", wrong)
