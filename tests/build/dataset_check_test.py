from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from cytoimagenet_tfds.build import dataset_check, identities

PLANNED = pd.DataFrame({
    "key": ["a", "b#plane=1", "c", "d"], "label": ["x", "y", "x", "x"], "category": ["gene"] * 4,
    "split": ["train", "train", "validation", "train"], "crops": [2, 1, 0, 0],
    "written": [2, 1, 1, 0],
})  # fmt: skip
FACTS = {"class_rules": {"cap": 3, "min_class": 1}}


def _read(**changes):
    """The examples of the plan, column -> {number: another value}."""
    keys = ["a#crop=0", "a#crop=1", "b#plane=1&crop=0", "c"]
    read = [
        {"key": key, "split": "validation" if key == "c" else "train", "group": key[0],
         "label": "y" if key[0] == "b" else "x", "category": "gene", "path": "p",
         "filename": f"{number}.png"}
        for number, key in enumerate(keys)
    ]  # fmt: skip
    for column, values in changes.items():
        for number, value in values.items():
            read[number][column] = value
    return read


def _check(read, facts=FACTS, planned=PLANNED):
    found = identities.Identities()
    for example in read:
        values = dict(example)
        found.add(values.pop("split"), [identities.Identity(**values)])
    report = pa.Table.from_pandas(planned, preserve_index=False)
    lines = dataset_check.of_report(report)
    return dict(dataset_check.check(found.table(), lines, facts))


def test_a_dataset_that_fits_its_plan():
    assert _check(_read()) == {}


@pytest.mark.parametrize(
    ("changes", "problem", "where"),
    [
        ({"key": {1: "a#crop=0"}}, "key stands more than once", ["a#crop=0"]),
        ({"filename": {1: "0.png"}}, "file name stands more than once", ["p/0.png"]),
        ({"group": {3: "a"}}, "group lies in more than one split", ["a"]),
        ({"key": {3: "d"}}, "images read and images written differ", ["c", "d"]),
        ({"split": {3: "train"}}, "images read and images written differ", ["c"]),
        ({"key": {3: "e"}}, "images read and images written differ", ["c", "e"]),
        ({"label": {0: "y"}}, "label is not that of the plan", ["a#crop=0"]),
        ({"category": {0: "sirna"}}, "category is not that of the plan", ["a#crop=0"]),
        ({"key": {3: "c#crop=0"}}, "a crop where none was planned", ["c#crop=0"]),
    ],
)
def test_what_does_not_fit_is_named(changes, problem, where):
    assert _check(_read(**changes))[problem] == where


def test_class_sizes_are_held_to_the_rules_of_the_build():
    facts = {"class_rules": {"cap": 2, "min_class": 2}}
    assert _check(_read(), facts) == {
        "class has more than 2 images": ["x"], "class has fewer than 2": ["y"],
    }  # fmt: skip


def test_an_example_that_is_not_there_is_missed():
    assert _check(_read()[1:]) == {"images read and images written differ": ["a"]}


def test_a_dataset_without_classes_and_groups():
    bare = [{"split": "train", "key": "d"}]
    planned = PLANNED[["key", "split", "written"]].assign(written=[0, 0, 0, 1])
    assert _check(bare, {}, planned) == {}


def test_the_report_may_store_its_texts_in_any_way():
    plain = pa.Table.from_pandas(PLANNED, preserve_index=False)
    coded = plain.set_column(1, "label", plain["label"].combine_chunks().dictionary_encode())
    lines = dataset_check.of_report(coded.append_column("message", plain["key"]))
    assert lines.equals(dataset_check.of_report(plain))
    assert "message" not in lines.column_names
