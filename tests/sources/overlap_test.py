"""Images that two sources share are found; benchmark plates are in none of them."""

from __future__ import annotations

import importlib
import re
import shutil

import pandas as pd
import pytest

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.sources import overlap

BBBC021_NAME = re.compile(r"Week\d+_\d+|BBBC021", re.IGNORECASE)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory) -> pd.DataFrame:
    """The row tables of all sources, each of its simulated download."""
    root = tmp_path_factory.mktemp("all")
    tables = []
    for name in sources.names():
        importlib.import_module(f"trees.{name}").make(root / name)
        tables.append(sources.get(name).table(root / name))
    return pd.concat(tables, ignore_index=True)


def test_shared_groups_of_a_small_table() -> None:
    rows = pd.DataFrame({
        "dir_name": ["b", "a", "a", "c", "c"],
        "group": ["hpa:1", "hpa:1", "hpa:1", "c:2", "c:2"],
    })  # fmt: skip
    assert overlap.shared_groups(rows).to_dict("list") == {
        "group": ["hpa:1"], "sources": ["a|b"], "rows": [3],
    }  # fmt: skip


def test_only_declared_pairs_of_sources_share_images(simulated) -> None:
    """HPA re-used its images of 2018 in 2021; idr0016's leftovers are plates of BBBC022."""
    found = overlap.shared_groups(simulated)
    assert set(found["sources"]) <= {"kag_hpa|kag_hpa_single", "bbbc022|idr0016"}


def test_every_real_id_of_2021_is_one_of_2018(shared_data, tmp_path) -> None:
    later = shared_data("kag_hpa_single", "stan-hua+CytoImageNet", "annotations",
                        "kag_hpa_singlecell_2021_train.csv")  # fmt: skip
    earlier = shared_data("kag_hpa", "stan-hua+CytoImageNet", "annotations",
                          "kag_hpa_2019_train.csv.gz")  # fmt: skip
    tables = []
    for name, table, column, target in (
        ("kag_hpa", earlier, "Id", "train.csv.gz"),
        ("kag_hpa_single", later, "ID", "train.csv"),
    ):
        (tmp_path / name / "train").mkdir(parents=True)
        shutil.copy(table, tmp_path / name / target)
        ids = pd.read_csv(table)[column]
        assert len(ids) == (31_072 if name == "kag_hpa" else 21_806)
        for one in ids[:: len(ids) // 400]:
            (tmp_path / name / "train" / f"{one}_blue.png").touch()
        tables.append(ids)
    assert tables[1].isin(tables[0]).all()
    rows = [sources.get(name).table(tmp_path / name) for name in ("kag_hpa", "kag_hpa_single")]
    both = set(rows[0]["group"]) & set(rows[1]["group"])
    found = overlap.shared_groups(pd.concat(rows))
    assert set(found["group"]) == both
    assert all(group.startswith("hpa:") for group in both)


def test_no_row_is_an_image_of_bbbc021(simulated) -> None:
    for column in ("key", "files", "plate", "batch"):
        assert not simulated[column].str.contains(BBBC021_NAME).any(), column
    assert "bbbc021" not in sources.names()
