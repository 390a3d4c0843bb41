"""Labels of the Human Protein Atlas competitions, on small cells and on the real tables."""

from __future__ import annotations

import pandas as pd
import pytest
from trees import kag_hpa_single as tree_2021

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.sources.kaggle import _hpa, kag_hpa_single

LABELS = kag_hpa_single.LABELS


@pytest.mark.parametrize(
    ("cell", "visible"),
    [
        ("8|5|0", "nucleoplasm|nuclear bodies|intermediate filaments"),
        ("13|13", "cell membrane"),
        ("2|3", "nucleoli"),
        ("6|7", "golgi"),  # both frequent: er goes first, the last one stays
        ("6|7|2|14|9", "actin"),
        ("6", "er"),
        ("6|16", "cell body"),
        ("18", ""),
        ("18|6", "er"),
        ("", ""),
    ],
)
def test_visible(cell, visible):
    assert LABELS.visible(cell) == visible
    assert not LABELS.is_odd(cell)


@pytest.mark.parametrize("cell", ["19", "-1", "x", "8 5", "8|x", "8|1.0", "²"])
def test_odd_cells(cell):
    assert LABELS.is_odd(cell)


def test_odd_cells_are_reported(tmp_path):
    tree_2021.make(tmp_path)
    table = (tmp_path / "train.csv").read_text().replace("8|5|0", "8|5|77")
    (tmp_path / "train.csv").write_text(table)
    rows, report = sources.get("kag_hpa_single").table_and_report(tmp_path)
    [finding] = [f for f in report.findings if f.kind == "unknown label"]
    assert finding.examples == ("5c27f04c-bb99-11e8-b2b9-ac1f6b6435d0",)
    green = rows.set_index("key").loc[f"kag_hpa_single/{finding.examples[0]}_green.png"]
    assert green["cell_visible"] == "nuclear bodies|intermediate filaments"


def test_a_missing_list_of_test_fields_is_only_noted(tmp_path):
    tree_2021.make(tmp_path)
    expected = sources.get("kag_hpa_single").table(tmp_path)
    (tmp_path / "sample_submission.csv").unlink()
    rows, report = sources.get("kag_hpa_single").table_and_report(tmp_path)
    pd.testing.assert_frame_equal(rows, expected)
    assert {f.kind for f in report.findings} == {"missing table", "not in table", "count"}


@pytest.fixture
def real_2021(shared_data):
    path = shared_data(
        "kag_hpa_single", "stan-hua+CytoImageNet", "annotations",
        "kag_hpa_singlecell_2021_train.csv",
    )  # fmt: skip
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def test_the_real_table_of_2021(real_2021):
    counts = pd.Series(0, index=LABELS.structures)
    for cell, number in real_2021["Label"].value_counts().items():
        assert not LABELS.is_odd(cell)
        counts[[LABELS.structures[n] for n in LABELS.numbers(cell)]] += number
    # Images of each structure as the reference lists them; cells like '13|13' count once.
    assert counts.tolist() == [
        8797, 1095, 2451, 1262, 1425, 1792, 775, 1846, 964, 998, 818, 78, 1734, 3111, 2013, 252,
        5685, 593, 34,
    ]  # fmt: skip
    visible = real_2021["Label"].map(LABELS.visible)
    assert (visible == "").sum() == 34
    assert not visible.str.contains(r"(?:^|\|)er\|").any()


def test_every_field_of_2021_is_one_of_2018(real_2021, shared_data):
    path = shared_data(
        "kag_hpa", "stan-hua+CytoImageNet", "annotations", "kag_hpa_2019_train.csv.gz"
    )
    fields_2018 = set(pd.read_csv(path)["Id"])
    assert len(real_2021) == 21806
    assert set(real_2021["ID"]) <= fields_2018


def test_the_full_table_in_one_reading(real_2021, tmp_path, monkeypatch):
    from cytoimagenet_tfds.sources import tree

    real_2021.to_csv(tmp_path / "train.csv", index=False)
    names = [f"train/{i}_{c.code}.png" for i in real_2021["ID"] for c in _hpa.CHANNELS]
    monkeypatch.setattr(tree.Tree, "files", tuple(sorted([*names, "train.csv"])))
    rows = sources.get("kag_hpa_single").table(tmp_path)
    assert len(rows) == 4 * 21806
    assert rows["group"].nunique() == 21806
    labels = rows["cell_visible"].str.split("|").explode().value_counts()
    assert labels["nucleus"] == 21806
    assert labels["er"] == 21806 + 476
    assert labels["centrosome"] == 1734
