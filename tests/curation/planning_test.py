"""The plan as a whole: columns, crops, splits, subsets, bad input."""

from __future__ import annotations

import pandas as pd
import pytest
import row_tables

from cytoimagenet_tfds import errors, schema, tables
from cytoimagenet_tfds.curation import (
    CurationConfig,
    Summary,
    crops_per_image,
    plan,
    plan_with_summary,
    subsets,
    supplement,
)

_COMPOUNDS = ["x"] * 30 + ["y"] * 12 + ["z"] * 7 + ["w"] * 3


def _rows(**columns) -> pd.DataFrame:
    return row_tables.make({"organism": ["human"] * 52, "compound": _COMPOUNDS, **columns})


def _sizes(table: pd.DataFrame) -> dict[str, int]:
    return table["label"].value_counts().to_dict()


def test_a_plan_has_the_columns_of_the_schema_and_sorted_keys():
    rows = _rows(excluded=["histopathology"] + [""] * 51)
    table = plan(rows, CurationConfig(min_images=5, target=20, cap=20))
    tables.check(table, "plan")
    assert tuple(table.columns) == schema.names("plan")
    assert table["key"].is_monotonic_increasing
    # y and z take their rows first, then x; human finds w's three rows and x's other nine.
    assert _sizes(table) == {"x": 20, "y": 12, "human": 12, "z": 7}
    assert "a/0.tif" not in set(table["key"])
    assert table.set_index("key").loc["a/35.tif", ["label", "category", "folder"]].tolist() == [
        "y", "compound", "y",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("size", "crops"),
    [(2, 4), (399, 4), (400, 3), (549, 3), (550, 2), (999, 2), (1000, 1), (5000, 1)],
)
def test_crops_by_class_size(size, crops):
    assert crops_per_image(size, CurationConfig()) == crops


def test_crops_stand_in_the_plan():
    config = CurationConfig(min_images=5, target=20, cap=20, crops_per_image=((8, 4), (20, 2)))
    crops = plan(_rows(), config).groupby("label")["crops"].unique().map(list).to_dict()
    assert crops == {"x": [1], "y": [2], "human": [2], "z": [4]}


def test_modalities_put_rows_back():
    rows = _rows(excluded=["histopathology"] * 12 + ["copy"] * 2 + [""] * 38)
    config = CurationConfig(min_images=28, modalities=("histopathology",))
    table, summary = plan_with_summary(rows, config)
    assert _sizes(table) == {"x": 28}
    assert set(table["excluded"]) == {""}
    assert summary.dropped == {"copy": 2}


def test_filters_by_source_licence_and_category():
    rows = pd.concat([
        row_tables.make({"organism": ["human"] * 9, "gene": ["a targeted"] * 9}, "one"),
        row_tables.make({"organism": ["mouse"] * 9, "licence": ["unknown"] * 9}, "two"),
    ], ignore_index=True)  # fmt: skip
    config = {"min_images": 2}
    assert _sizes(plan(rows, CurationConfig(**config, sources=("two",)))) == {"mouse": 9}
    by_licence = plan(rows, CurationConfig(**config, licences=("CC0-1.0",)))
    assert _sizes(by_licence) == {"human": 9}
    by_category = plan(rows, CurationConfig(**config, categories=("gene",)))
    assert _sizes(by_category) == {"a targeted": 9}


def test_labels_keep_the_images_they_have_beside_all_others():
    config = {"min_images": 5, "target": 20, "cap": 20}
    whole = plan(_rows(), CurationConfig(**config))
    some, summary = plan_with_summary(_rows(), CurationConfig(**config, labels=("human", "w", "q")))
    kept = whole.loc[whole["label"] == "human", "key"].tolist()
    assert some["key"].tolist() == kept
    assert summary.asked_and_absent == {"q": "in no row", "w": "3 rows, fewer than 5"}
    filled = plan(_rows(), CurationConfig(**config, labels=("human",), supplement=True))
    assert len(filled) == 20
    assert set(kept) < set(filled["key"])


def test_unseen_classes_are_the_largest_below_the_threshold_of_unused_rows():
    phenotype = ["p"] * 2 + [""] * 40 + ["p"] * 2 + [""] * 8
    rows = _rows(organism=[""] * 52, phenotype=phenotype)
    seen = plan(rows, CurationConfig(min_images=7, target=20, cap=20))
    assert _sizes(seen) == {"x": 20, "y": 12, "z": 7}
    config = CurationConfig(min_images=7, target=20, cap=20, unseen=2)
    table = plan(rows, config)
    assert set(_sizes(table)) <= {"p", "w"}
    assert _sizes(table)["w"] == 3
    assert not set(table["key"]) & set(seen["key"])


def test_rejected_rows_are_replaced():
    config = CurationConfig(min_images=5, target=20, cap=20)
    before = plan(_rows(), config)
    rejected = before.loc[before["label"].isin(["x", "z"]), "key"].iloc[::4].tolist()
    table, summary = supplement(_rows(), before, rejected, config)
    assert not set(rejected) & set(table["key"])
    lost = before.loc[before["key"].isin(rejected), "label"].value_counts().to_dict()
    # human holds all rows that were left, so nothing is there to fill the others with.
    assert _sizes(table) == {"x": 20 - lost["x"], "y": 12, "human": 13, "z": 7 - lost["z"]}
    fewer = before[before["label"] != "human"].reset_index(drop=True)
    table, summary = supplement(_rows(), fewer, rejected, config)
    assert _sizes(table) == {"x": 20, "y": 12, "z": 7 - lost["z"]}
    assert summary.images == len(table)


def test_a_plan_of_other_rows_is_not_supplemented():
    before = plan(_rows(), CurationConfig(min_images=5))
    before.loc[0, ["key", "label"]] = ["b/0.tif", "new"]
    with pytest.raises(errors.TableError, match=r"(?s)1 row of the plan.*b/0.tif.*'new'"):
        supplement(_rows(), before, [], CurationConfig(min_images=5))


@pytest.mark.parametrize("split", ["group", "paper"])
def test_both_splits_hold_every_class(split):
    rows = _rows(group=[f"a:{i // 3}" for i in range(52)])
    table = plan(rows, CurationConfig(min_images=5, target=20, cap=20, split=split))
    assert (table.groupby("label")["split"].nunique() == 2).all()
    if split == "group":
        assert (table.groupby("group")["split"].nunique() == 1).all()


def test_rows_without_a_group_are_groups_of_their_own():
    table = plan(_rows(group=[""] * 52), CurationConfig(min_images=5))
    assert table["group"].tolist() == table["key"].tolist()


def test_another_seed_draws_other_rows():
    config = {"min_images": 5, "target": 10, "cap": 10}
    first = plan(_rows(), CurationConfig(**config))
    second = plan(_rows(), CurationConfig(**config, seed=1))
    assert _sizes(first) == _sizes(second)
    assert first["key"].tolist() != second["key"].tolist()


def test_the_summary_counts_what_the_plan_holds():
    rows = _rows(microscopy=["fluorescence|brightfield"] * 26 + ["confocal"] * 26)
    rows.loc[3, "missing"] = "f_actin"
    config = CurationConfig(min_images=5, target=30, cap=30)
    table, summary = plan_with_summary(rows, config)
    assert (summary.rows, summary.labels, summary.candidates) == (52, 5, 4)
    assert summary.images == len(table) == 49
    assert summary.skipped == (("human", "organism", 52, 3, (("x", 30), ("y", 12), ("z", 7))),)
    assert summary.by_category() == {"compound": 3}
    assert summary.by_database() == {"Image Data Resource": 3}
    assert summary.licences == {"CC0-1.0": 49}
    assert summary.missing_channels == 1
    by_label = {entry.label: entry for entry in summary.classes}
    assert by_label["x"].modalities == 3
    assert by_label["y"].datasets == 1
    assert [entry.images for entry in summary.classes] == [7, 12, 30]
    assert {entry.noise for entry in summary.classes} == {0.0}
    assert Summary.from_json(summary.to_json()) == summary
    assert "Skipped: human (organism, 52 rows, 3 left); taken by x (30)" in str(summary)


def test_noise_is_the_share_of_rows_with_another_class():
    rows = row_tables.make({"phenotype": ["a|b"] * 3 + ["a"] * 9 + ["b"] * 6,
                            "organism": ["human"] * 6 + [""] * 12})  # fmt: skip
    _, summary = plan_with_summary(rows, CurationConfig(min_images=2, categories=("phenotype",)))
    noise = {entry.label: (entry.noise, entry.noise_in_category) for entry in summary.classes}
    assert noise == {"b": (0.3333, 0.3333), "a": (0.0, 0.0)}


def test_labels_that_share_a_folder_are_told_apart_and_reported():
    rows = row_tables.make({"compound": ["a/b"] * 3 + ["a-b"] * 3})
    table, summary = plan_with_summary(rows, CurationConfig(min_images=2))
    assert table.groupby("label")["folder"].first().to_dict() == {"a-b": "a-b", "a/b": "a-b-2"}
    assert summary.shared_folders == {"a/b": "a-b-2"}


def test_bad_tables_are_refused_with_every_problem():
    rows = _rows().drop(columns=["gene", "licence"])
    rows["bit_depth"] = "8"
    rows.loc[1, "compound"] = None
    rows.loc[2, "key"] = rows.loc[3, "key"]
    with pytest.raises(errors.TableError) as caught:
        plan(rows, CurationConfig(min_images=2))
    for words in ("'gene' is missing", "'licence' is missing", "'bit_depth'", "'compound' has 1",
                  "a/3.tif"):  # fmt: skip
        assert words in str(caught.value)


def test_a_config_that_does_not_fit_the_table_is_refused_with_every_problem():
    config = CurationConfig(
        min_images=2, sources=("aa", "b"), licences=("GPL",), modalities=("histology",)
    )
    with pytest.raises(errors.ConfigError) as caught:
        plan(_rows(), config)
    for words in ("'aa'. Did you mean 'a'", "'b'", "'GPL'", "CC0-1.0", "'histology'"):
        assert words in str(caught.value)


def test_no_class_is_an_error_that_says_why():
    with pytest.raises(errors.ConfigError, match=r"(?s)human \(52\).*min_images=287"):
        plan(_rows(), CurationConfig())
    with pytest.raises(errors.ConfigError, match="empty"):
        plan(_rows().iloc[:0], CurationConfig())


def test_lists_of_the_reference():
    assert subsets.names() == ("toy_20", "toy_50", "unseen_20")
    assert [len(subsets.labels(name)) for name in subsets.names()] == [20, 50, 20]
    assert "uv inactivated sars-cov-2" in subsets.labels("toy_20")
    for label in subsets.labels("toy_50"):
        assert schema.join_tokens([label]) == label
    with pytest.raises(errors.ConfigError, match=r"'toy_21'. Did you mean"):
        subsets.labels("toy_21")


def test_distant_classes():
    distances = pd.DataFrame({"label": ["b", "a", "c"], "between": [0.9, 0.81, 0.8]})
    assert subsets.distant(distances) == ("a", "b")
    assert subsets.distant(distances, 0.85) == ("b",)
    with pytest.raises(errors.TableError, match="'between' is missing; there are label, mean"):
        subsets.distant(distances.rename(columns={"between": "mean"}))
    bad = pd.DataFrame({"label": ["a", "a"], "between": ["0.9", "far"]})
    with pytest.raises(errors.TableError, match=r"(?s)more than once: a.*1 value is no number"):
        subsets.distant(bad)
