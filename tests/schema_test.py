from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds import schema

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)


def test_the_published_columns_are_all_there():
    published = [
        "label", "category", "database", "name", "dir_name", "path", "filename", "idx", "organism",
        "cell_type", "cell_visible", "phenotype", "compound", "sirna", "gene", "microscopy",
        "channels", "crop", "scaling", "x_min", "x_max", "y_min", "y_max",
    ]  # fmt: skip
    assert set(published) <= set(schema.names("example"))


def test_names_are_unique_and_every_column_is_documented():
    names = [column.name for column in schema.COLUMNS]
    assert len(set(names)) == len(names)
    for column in schema.COLUMNS:
        assert column.doc.endswith("."), column.name
        assert column.tables, column.name


def test_a_plan_holds_all_of_a_row_table():
    assert set(schema.names("rows")) <= set(schema.names("plan"))
    assert set(schema.CATEGORIES) <= set(schema.names("rows"))


@pytest.mark.parametrize("kind", ["rows", "plan", "example"])
def test_arrow_schema_has_the_columns_in_order_with_their_docs(kind):
    arrow = schema.arrow_schema(kind)
    assert tuple(arrow.names) == schema.names(kind)
    for column in schema.columns(kind):
        field = arrow.field(column.name)
        assert field.metadata[b"doc"].decode() == column.doc
        assert field.nullable == (column.kind == "float")


def test_missing_values():
    missing = {column.name: column.missing for column in schema.COLUMNS}
    assert missing["compound"] == missing["files"] == ""
    assert missing["bit_depth"] == -1
    assert missing["crop"] is False
    assert missing["labels"] == []
    assert math.isnan(missing["concentration"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ()), ("a", ("a",)), ("a| b|", ("a", "b")), (" | ", ()), ("a|a", ("a", "a"))],
)
def test_split_tokens(text, expected):
    assert schema.split_tokens(text) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ""), (["U2OS"], "u2os"), (["b", "A", "B"], "b|a"), (["a|b"], "a/b"),
        ([" ", "a  b\t c"], "a b c"), (["ISO-8859 µ"], "iso-8859 µ"),
    ],
)  # fmt: skip
def test_join_tokens(values, expected):
    assert schema.join_tokens(values) == expected


@given(st.lists(TEXT))
def test_joined_tokens_are_normal_and_unique(values):
    text = schema.join_tokens(values)
    tokens = schema.split_tokens(text)
    assert schema.join_tokens(tokens) == text
    assert len(set(tokens)) == len(tokens) <= len(values)


@pytest.mark.parametrize(
    ("gene", "expected"),
    [("EZH2", "ezh2 targeted"), ("ezh2 targeted", "ezh2 targeted"), ("", ""), (" ", "")],
)
def test_targeted(gene, expected):
    assert schema.targeted(gene) == expected


@pytest.mark.parametrize(
    ("label", "folder"),
    [
        ("human", "human"),
        ("red blood cell", "red_blood_cell"),
        ("a -- b", "a-b"),
        ("dna/rna", "dna-rna"),
        ("1,2-dioctanoyl", "1_2-dioctanoyl"),
    ],
)
def test_folder_name(label, folder):
    assert schema.folder_name(label) == folder


def test_labels_that_share_a_folder_are_told_apart():
    labels = ["a/b", "a-b", "a -- b", "A-b", "a-b-2"]
    assert schema.folder_names(labels) == {
        "A-b": "A-b", "a -- b": "a-b-2", "a-b": "a-b-3", "a-b-2": "a-b-2-2", "a/b": "a-b-4",
    }  # fmt: skip


@given(st.lists(st.text(alphabet="aAbB -/,2_", min_size=1, max_size=6)), st.randoms())
def test_folders_are_unique_and_do_not_depend_on_order(labels, random):
    folders = schema.folder_names(labels)
    assert set(folders) == set(labels)
    assert len({folder.lower() for folder in folders.values()}) == len(folders)
    shuffled = labels[:]
    random.shuffle(shuffled)
    assert schema.folder_names(shuffled) == folders
    assert not any(set(folder) & set(" /,") for folder in folders.values())


@pytest.mark.parametrize(
    ("number", "size", "expected"),
    [
        (11, 1000, "human-0000001011.png"),
        (0, 1, "human-0.png"),
        (999, 1000, "human-1111100111.png"),
        (0, 512, "human-0000000000.png"),
        (510, 511, "human-111111110.png"),
    ],
)
def test_file_name(number, size, expected):
    assert schema.file_name("human", number, size) == expected


@given(st.integers(1, 3000))
def test_file_names_of_a_class_sort_by_number(size):
    numbers = sorted({0, size // 3, size // 2, size - 1})
    names = [schema.file_name("x", number, size) for number in numbers]
    assert names == sorted(names)
    assert len({len(name) for name in names}) == 1
