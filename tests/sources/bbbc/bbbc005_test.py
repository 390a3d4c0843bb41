from __future__ import annotations

import pandas as pd
import pytest
from trees import _write
from trees import bbbc005 as tree

from cytoimagenet_tfds import sources

AUTHOR = ("bbbc005", "stan-hua+CytoImageNet", "annotations", "author_tables",
          "bbbc005_metadata.csv")  # fmt: skip


def test_masks_with_the_names_of_images_are_told_apart(tmp_path):
    tree.make(tmp_path)
    rows = sources.get("bbbc005").table(tmp_path)
    assert rows["key"].is_unique
    masks = rows[rows["excluded"] == "label mask"]
    assert len(masks) == 4
    assert masks["files"].str.contains("ground_truth").all()
    assert not rows.loc[rows["excluded"] == "", "files"].str.contains("ground_truth").any()


@pytest.mark.parametrize(
    ("folder", "excluded"),
    [
        ("", ""),
        ("BBBC005_v1_images/", ""),
        ("images and ground truth/BBBC005_v1_images/", ""),
        ("BBBC005_v1_ground_truth/", "label mask"),
        ("BBBC005_v1_ground_truth/inside/", "label mask"),
        ("BBBC005_v1_images/Synthetic_2_Ground_Truth/", "label mask"),
    ],
)
def test_the_nearest_folder_decides(tmp_path, folder, excluded):
    _write.empty(tmp_path, [f"{folder}SIMCEPImages_A14_C57_F1_s21_w1.TIF"])
    assert list(sources.get("bbbc005").table(tmp_path)["excluded"]) == [excluded]


def test_a_mask_never_joins_its_image(tmp_path):
    """By field body and nucleus are one row; each mask stays alone."""
    tree.make(tmp_path)
    rows = sources.get("bbbc005").table(tmp_path, rows="field").set_index("key")
    assert rows.loc["bbbc005/A14_C57_F1_s21", "channels"] == "f_cell_body|f_nucleus"
    assert len(rows) == 3 + 4


def test_all_blurs_of_a_scene_stay_together(tmp_path):
    tree.make(tmp_path)
    rows = sources.get("bbbc005").table(tmp_path)
    scene = rows[rows["files"].str.contains("C57")]
    assert set(scene["group"]) == {"bbbc005:C57_s21"}
    assert set(scene["well"]) == {"A14", "P14"}


def test_same_rows_as_the_author(tmp_path, shared_data):
    author = pd.read_csv(shared_data(*AUTHOR), dtype="str", keep_default_na=False)
    author["files"] = author["path"].str.rsplit("/", n=1).str[1] + "/" + author["filename"]
    _write.empty(tmp_path, author["files"])
    rows = sources.get("bbbc005").table(tmp_path)
    both = rows.merge(author, on="files", how="outer", suffixes=("", "_author"), indicator=True)
    assert len(both) == len(author) == 2400
    assert (both["_merge"] == "both").all()
    for column in ("database", "name", "dir_name", "organism", "cell_type", "phenotype"):
        assert (both[column] == both[f"{column}_author"]).all(), column
    assert (both["cell_visible"] == both["cell_component"]).all()
    # His table lists the two folders of masks alone: here they are rows nobody trains on.
    assert set(both["excluded"]) == {"label mask"}
    assert both["well"].str[0].eq("A").all()  # masks exist for images in focus
    assert both["group"].nunique() == 600
