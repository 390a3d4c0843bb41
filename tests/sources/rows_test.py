from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import files, schema, tables
from cytoimagenet_tfds.sources import rows
from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.report import Report

CHANNELS = (
    Channel(code="1", name="f_nucleus", visible="nucleus"),
    Channel(code="2", name="f_actin", visible="actin"),
    Channel(code="t", name="brightfield", microscopy="brightfield", merge=False),
)


@pytest.fixture
def source():
    return Source(
        dir_name="toy", name="Toy", database="Toys", description="Made up.", homepage="https://x.org",
        licence="CC0-1.0", licence_page="https://x.org", citation="@misc{toy}", rows="field",
        read=lambda tree, report: pd.DataFrame(), channels=CHANNELS,
        constants={"organism": "human", "cell_type": "u2os"},
    )  # fmt: skip


@pytest.fixture
def assembled(source):
    """Returns (lines, **changes of the source) -> (table by key, report)."""

    def assemble(lines: dict[str, list[object]], mode: str = "field", **changes: object):
        report = Report()
        changed = dataclasses.replace(source, **changes)
        table = rows.assemble(changed, pd.DataFrame(lines), report, rows=mode)
        tables.check(table, "rows")
        assert list(table.columns) == list(schema.names("rows"))
        return table.set_index("key", drop=False), report

    return assemble


def field(name: str, *channels: str) -> dict[str, list[object]]:
    return {
        "path": [f"{name}_{channel}.tif" for channel in channels],
        "field": [name] * len(channels), "channel": list(channels),
    }  # fmt: skip


def test_channels_are_merged_in_declared_order(assembled):
    table, report = assembled(field("a", "2", "t", "1"))
    assert list(table.index) == ["toy/a", "toy/a_t.tif"]
    merged, transmitted = table.loc["toy/a"], table.loc["toy/a_t.tif"]
    assert merged["files"] == "a_1.tif|a_2.tif"
    assert merged["channels"] == "f_nucleus|f_actin"
    assert merged["cell_visible"] == "nucleus|actin"
    assert merged["microscopy"] == "fluorescence"
    assert transmitted["microscopy"] == "brightfield"
    assert transmitted["cell_visible"] == ""
    assert set(table["field"]) == {"toy/a"}
    assert set(table["group"]) == {"toy:toy/a"}
    assert report.findings == []


def test_by_channel_nothing_is_merged(assembled):
    table, _ = assembled(field("a", "1", "2", "t"), mode="channel")
    assert list(table.index) == ["toy/a_1.tif", "toy/a_2.tif", "toy/a_t.tif"]
    assert list(table["cell_visible"]) == ["nucleus", "actin", ""]
    assert set(table["missing"]) == {""}


def test_a_missing_channel_is_named(assembled):
    table, report = assembled(field("a", "2"))
    assert table.loc["toy/a", "missing"] == "f_nucleus"
    assert [(f.kind, f.examples) for f in report.findings] == [("missing channel", ("a",))]


def test_an_optional_channel_is_never_missing(assembled):
    channels = (CHANNELS[0], dataclasses.replace(CHANNELS[1], optional=True))
    table, report = assembled(field("a", "1"), channels=channels)
    assert table.loc["toy/a", "missing"] == ""
    assert report.findings == []


def test_constants_and_defaults(assembled):
    table, _ = assembled(field("a", "1", "2"), bit_depth=12, pixel_size=0.5, segmented=True)
    row = table.loc["toy/a"]
    assert (row["organism"], row["cell_type"], row["database"]) == ("human", "u2os", "Toys")
    assert (row["bit_depth"], row["pixel_size"], row["segmented"]) == (12, 0.5, True)
    assert row["compound"] == row["excluded"] == ""
    assert math.isnan(row["concentration"])


def test_a_value_of_the_reader_goes_before_constant_and_channel(assembled):
    lines = field("a", "1", "2") | {"cell_type": ["HeLa", "HeLa"], "cell_visible": ["DNA", ""]}
    table, _ = assembled(lines)
    assert table.loc["toy/a", "cell_type"] == "hela"
    assert table.loc["toy/a", "cell_visible"] == "dna|actin"


def test_an_empty_value_of_the_reader_takes_the_constant(assembled):
    table, _ = assembled(field("a", "1", "2") | {"organism": ["", ""]})
    assert table.loc["toy/a", "organism"] == "human"


def test_values_a_join_did_not_find_are_empty(assembled):
    lines = field("a", "1", "2") | {"compound": [np.nan, np.nan], "cell_visible": [np.nan] * 2}
    table, _ = assembled(lines)
    assert table.loc["toy/a", "compound"] == ""
    assert table.loc["toy/a", "cell_visible"] == "nucleus|actin"


def test_genes_are_marked_and_labels_are_normal(assembled):
    lines = field("a", "1", "2") | {
        "gene": ["EZH2 | Foo", "EZH2 | Foo"], "phenotype": [" B| a|B"] * 2,
    }  # fmt: skip
    table, _ = assembled(lines)
    assert table.loc["toy/a", "gene"] == "ezh2 targeted|foo targeted"
    assert table.loc["toy/a", "phenotype"] == "b|a"


def test_groups_with_a_colon_are_global(assembled):
    lines = {
        "path": ["a.tif", "b.tif", "c.tif"], "field": ["a", "b", "c"],
        "group": ["hpa:1", "well", ""],
    }  # fmt: skip
    table, _ = assembled(lines, channels=())
    assert list(table["group"]) == ["hpa:1", "toy:well", "toy:toy/c"]


def test_an_undeclared_channel_is_left_out_and_reported(assembled):
    table, report = assembled(field("a", "1", "2", "9"))
    assert table.loc["toy/a", "files"] == "a_1.tif|a_2.tif"
    assert [(f.kind, f.examples) for f in report.findings] == [("unknown channel", ("a_9.tif",))]


@pytest.mark.parametrize("canonical", [True, False])
def test_a_download_unpacked_twice_gives_each_image_once(assembled, canonical):
    lines = {
        "path": ["y/a_1.tif", "x/a_1.tif", "x/a_2.tif", "y/a_2.tif"], "field": ["a"] * 4,
        "channel": ["1", "1", "2", "2"],
    }  # fmt: skip
    if canonical:
        lines["canonical"] = ["a_1.tif", "a_1.tif", "a_2.tif", "a_2.tif"]
    table, report = assembled(lines)
    assert list(table["files"]) == ["x/a_1.tif|x/a_2.tif"]
    assert [(f.kind, f.count) for f in report.findings] == [("duplicate file", 2)]


def test_planes_and_regions_of_one_file(assembled):
    lines = {
        "path": ["a.flex"] * 3, "field": ["a"] * 3, "plane": [0, 2, 2],
        "region": ["", "", "1,2,3,4"],
    }  # fmt: skip
    table, _ = assembled(lines, channels=())
    assert list(table.index) == [
        "toy/a.flex", "toy/a.flex#plane=2", "toy/a.flex#plane=2&region=1,2,3,4",
    ]  # fmt: skip
    assert files.split(table["files"].iloc[2]) == (files.FileRef("a.flex", 2, (1, 2, 3, 4)),)


def test_names_with_separators_are_escaped(assembled):
    lines = {"path": ["50% a|b#1.tif"], "field": ["50% a|b#1"]}
    table, _ = assembled(lines, channels=())
    assert list(table["files"]) == ["50%25 a%7Cb%231.tif"]
    assert files.split(table["files"].iloc[0]) == (files.FileRef("50% a|b#1.tif"),)


def test_two_rows_of_one_key_are_fatal(source):
    lines = pd.DataFrame({
        "path": ["x/a.tif", "y/a.tif"], "field": ["a_t.tif", "b"], "channel": ["1", "t"],
        "canonical": ["a_1.tif", "a_t.tif"],
    })  # fmt: skip
    report = Report()
    rows.assemble(source, lines, report, rows="field")
    assert report.fatals == [
        "1 row shares its key with another row. Names that did not fit: toy/a_t.tif."
    ]


def test_a_reader_without_the_needed_columns_is_a_bug(assembled):
    with pytest.raises(KeyError, match=r"toy must return the columns \['field'\]"):
        assembled({"path": ["a.tif"]})


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12t")), unique=True, min_size=1),
       st.randoms(use_true_random=False))  # fmt: skip
def test_order_of_the_lines_does_not_matter_and_each_file_is_used_once(pairs, random):
    toy = Source(
        dir_name="toy", name="Toy", database="Toys", description="", homepage="", licence="x",
        licence_page="", citation="", rows="field", read=lambda tree, report: pd.DataFrame(),
        channels=CHANNELS,
    )  # fmt: skip

    def assemble(lines: list[tuple[str, str]]) -> pd.DataFrame:
        frame = pd.DataFrame(lines, columns=["field", "channel"], dtype="str")
        frame["path"] = frame["field"] + frame["channel"]
        return rows.assemble(toy, frame, Report(), rows="field")

    shuffled = pairs[:]
    random.shuffle(shuffled)
    table = assemble(pairs)
    pd.testing.assert_frame_equal(assemble(shuffled), table)
    used = [str(ref) for text in table["files"] for ref in files.split(text)]
    assert sorted(used) == sorted(name + channel for name, channel in pairs)
    assert table["key"].is_unique
    assert table["key"].is_monotonic_increasing
