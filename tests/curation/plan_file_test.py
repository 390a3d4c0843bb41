"""Plans as files: written, read, edited, compared."""

from __future__ import annotations

import pandas as pd
import pytest
import row_tables

from cytoimagenet_tfds import cli, errors, tables
from cytoimagenet_tfds.curation import (
    CurationConfig,
    compare,
    plan_with_summary,
    read_plan,
    read_plan_file,
    write_plan,
)

_CONFIG = CurationConfig(min_images=5, target=20, cap=20)


@pytest.fixture
def rows():
    compounds = ["x"] * 30 + ["y"] * 12 + ["z"] * 7
    return row_tables.make({"compound": compounds, "group": [f"a:{i // 2}" for i in range(49)]})


@pytest.fixture
def made(rows):
    return plan_with_summary(rows, _CONFIG)


def test_a_plan_comes_back_as_it_was(tmp_path, made):
    table, summary = made
    write_plan(tmp_path / "plan.parquet", table, _CONFIG, summary)
    found = read_plan_file(tmp_path / "plan.parquet")
    pd.testing.assert_frame_equal(found.table, table)
    assert (found.config, found.summary, found.edited) == (_CONFIG, summary, False)


def test_an_edited_plan_is_used_and_known_as_edited(tmp_path, made):
    path = tmp_path / "plan.parquet"
    write_plan(path, made[0], _CONFIG, made[1])
    _, metadata = tables.read_with_metadata(path, "plan")
    shuffled = made[0].sample(frac=1, random_state=0)
    tables.write(shuffled, path, "plan", metadata)
    assert not read_plan_file(path).edited
    tables.write(shuffled.iloc[1:], path, "plan", metadata)
    found = read_plan_file(path)
    assert found.edited
    assert found.table["key"].is_monotonic_increasing


def test_a_plan_written_by_hand_needs_no_metadata(tmp_path, made):
    tables.write(made[0], tmp_path / "plan.parquet", "plan")
    found = read_plan_file(tmp_path / "plan.parquet")
    assert (found.config, found.summary) == (None, None)


def test_every_reason_against_a_plan_is_told(tmp_path, made):
    table = made[0].copy()
    one = table.index[table["label"] == "y"]
    table.loc[one[0], "label"] = ""
    table.loc[one[1], "category"] = "colour"
    table.loc[one[2], "category"] = "gene"
    table.loc[one[3], "split"] = "test"
    table.loc[one[4], "crops"] = 5
    table.loc[one[5], "folder"] = "x"
    table.loc[one[6], "excluded"] = "copy"
    table.loc[table["label"] == "z", "group"] = "a:one"
    tables.write(table, tmp_path / "plan.parquet", "plan")
    with pytest.raises(errors.TableError) as caught:
        read_plan(tmp_path / "plan.parquet")
    for words in (
        "1 row has no label", "'colour'", "'y' stands under more than one category",
        "neither train nor validation", "crops outside 0 to 4", "'y' has more than one folder",
        "'x' belongs to more than one label", "`excluded`", "a group that stands in both splits",
        "not in the column of its category",
    ):  # fmt: skip
        assert words in str(caught.value), words


def test_a_paper_split_may_divide_groups(tmp_path, rows):
    config = CurationConfig(min_images=5, split="paper", validation_fraction=0.5)
    table, summary = plan_with_summary(rows, config)
    assert table.groupby("group")["split"].nunique().max() == 2
    write_plan(tmp_path / "plan.parquet", table, config, summary)
    assert len(read_plan(tmp_path / "plan.parquet")) == len(table)


def test_comparison_of_two_plans(made):
    first = made[0]
    assert compare(first, first.sample(frac=1, random_state=0)).equal
    second = first[first["label"] != "z"].iloc[1:].copy()
    gone = first.loc[first["label"] != "z", "label"].iloc[0]
    index = second.index[second["label"] == "x"][:3]
    second.loc[index, "label"] = "y"
    second.loc[second.index[-1], "crops"] = 0
    found = compare(first, second)
    assert not found.equal
    assert (found.classes, found.images) == ((3, 2), (39, 31))
    assert found.only_first == {"z": 7}
    assert found.relabelled == {("x", "y"): 3}
    assert (found.left, found.entered, found.crops, found.moved) == (8, 0, 1, 0)
    lost = {name: int(name == gone) for name in ("x", "y")}
    assert found.sizes["y"] == (12, 15 - lost["y"])
    assert "x -> y" in str(found)


def test_commands_make_check_compare_and_explain(tmp_path, rows, capsys):
    source, first, second = (str(tmp_path / f"{n}.parquet") for n in ("rows", "first", "second"))
    rows["cell_type"] = "U-2 OS"
    tables.write(rows, source, "rows")
    settings = ["--set", "min_images=5", "--set", "target=20", "--set", "cap=20"]
    assert cli.main(["plan", source, "--out", first, *settings]) == 0
    assert "3 classes, 39 images, from 49 rows" not in capsys.readouterr().out  # u2os is a fourth
    assert cli.main(["plan", "--check", first]) == 0
    assert "a plan a build can use: 49 rows, 4 classes" in capsys.readouterr().out
    config = '{"min_images": 5, "seed": 3, "labels": ["x"]}'
    assert cli.main(["plan", source, "--out", second, "--config", config]) == 0
    assert cli.main(["compare", first, second]) == 0
    assert "config.seed: 0 and 3" in capsys.readouterr().out
    key = read_plan(first)["key"].iloc[0]
    (tmp_path / "rejected.csv").write_text(f"key\n{key}\n")
    rejected = ["--rejected", str(tmp_path / "rejected.csv")]
    assert cli.main(["plan", source, "--out", second, "--supplement", first, *rejected]) == 0
    assert len(read_plan(second)) == 48
    capsys.readouterr()
    assert cli.main(["vocabulary", source, "--column", "cell_type"]) == 0
    assert "U-2 OS -> u2os  (Spelling of one cell line)" in capsys.readouterr().out


def test_commands_tell_what_is_wrong(tmp_path, capsys):
    assert cli.main(["plan"]) == 1
    assert "--out" in capsys.readouterr().err
    nothing = str(tmp_path / "nothing")
    assert cli.main(["plan", nothing, "--out", nothing, "--set", "min_images"]) == 1
    assert "FIELD=VALUE" in capsys.readouterr().err
    assert cli.main(["plan", nothing, "--out", nothing, "--config", nothing]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert cli.main(["plan", "--check", nothing]) == 1
    assert "There is no file" in capsys.readouterr().err
    assert cli.main(["bench", "curatio"]) == 1
    assert "Did you mean 'curation'" in capsys.readouterr().err
