"""The published archive, simulated: tiny images with every oddity of the real one."""

from __future__ import annotations

import dataclasses
import io
import os
import shutil

import numpy as np
import pandas as pd
import published
import pytest
from etils import epath

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.build import plan_table
from cytoimagenet_tfds.builders.cytoimagenet import configs
from cytoimagenet_tfds.builders.cytoimagenet.published import archive, expected, planning, table

ROWS = published.rows()
REAL = expected.PUBLISHED
CONTENT = published.content(ROWS)

pytestmark = pytest.mark.usefixtures("as_published")


def planned(tmp_path, made, split="group"):
    """The plan of an archive with the given files, its rows as pandas has them."""
    published.write_zip(tmp_path / "cytoimagenet.zip", made)
    plan = planning.plan(epath.Path(tmp_path), split)
    rows = plan_table.take(plan.rows, np.arange(len(plan.rows))).to_pandas()
    return dataclasses.replace(plan, rows=rows)


def test_the_column_dset_goes_before_the_draw(tmp_path):
    dset = ["val" if number % 7 == 0 else "train" for number in range(len(ROWS))]
    plan = planned(tmp_path, published.content(ROWS, dset=dset), "paper")
    assert plan.differences == ()
    wanted = {f"{r['path']}/{r['filename']}" for r, d in zip(ROWS, dset, strict=True) if d == "val"}
    assert _validation(plan) == wanted


def _validation(plan):
    return set(plan.rows.loc[plan.rows["split"] == "validation", "key"])


def test_a_strange_dset_is_named(tmp_path):
    dset = ["hold-out" if number == 3 else "train" for number in range(len(ROWS))]
    with pytest.raises(errors.TableError, match="the column dset holds 'hold-out'"):
        planned(tmp_path, published.content(ROWS, dset=dset), "paper")
    one_sided = published.content(ROWS, dset=["Train"] * len(ROWS))
    with pytest.raises(errors.TableError, match="the column dset says train in every row"):
        planned(tmp_path, one_sided, "paper")
    assert planned(tmp_path, one_sided).differences == ()


NUCLEUS = published.path_of(ROWS, "nucleus")
RENAMED = NUCLEUS.replace("nucleus-", "nuclei-")
WITHOUT = published.without(CONTENT, NUCLEUS)


@pytest.mark.parametrize(
    ("made", "difference"),
    [
        (WITHOUT, f"Files of the table that are missing: 1 ({NUCLEUS.partition('/')[2]})"),
        ({**WITHOUT, RENAMED: CONTENT[NUCLEUS]}, "perhaps renamed: 1 (nucleus/nucleus-"),
        ({**CONTENT, "cytoimagenet/nucleus/new.png": b"x"}, "Images that are not in the table: 1"),
        ({**CONTENT, f"again/{NUCLEUS}": b"x"}, f"Images in two places, the first of which "
         f"counts: 1 (again/{NUCLEUS})"),
        ({**CONTENT, "cytoimagenet/notes.txt": b"x"}, "Other files in the archive: 1 ("),
        (published.content(ROWS[:-1]), f"{len(ROWS) - 1:,} images, published were {len(ROWS):,} "
         "(-1)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(tmp_path, made, difference):
    found = planned(tmp_path, made).differences
    assert any(difference in line for line in found), found


def test_every_count_that_differs_is_spelled_out(tmp_path):
    rows = [row for row in ROWS if row["label"] != "balf/serum" and row["dir_name"] != "kag_hpa"]
    lines = "\n".join(planned(tmp_path, published.content(rows)).differences)
    assert f"{len(rows):,} images, published were {len(ROWS):,}" in lines
    assert "10 classes, published were 11 (-1)." in lines
    assert "2 classes of the category compound, published were 3 (-1)." in lines
    assert "0 classes that draw on Kaggle, published were 11 (-11)." in lines


def test_rows_that_name_one_file_twice(tmp_path):
    again = dict(ROWS[0])
    claimed = {**ROWS[1], "label": "human" if ROWS[1]["label"] != "human" else "u2os"}
    rows = [*ROWS, again, claimed]
    content = {**CONTENT, "metadata.csv": published.csv_bytes(rows)}
    plan = planned(tmp_path, content)
    lines = "\n".join(plan.differences)
    assert "Rows that name a file which a row before them names: 1 (" in lines
    assert "Rows of different labels that name the same file, left out: 2 (" in lines
    assert len(plan.rows) == len(ROWS) - 1
    assert plan.found[0].excluded == {"row stands twice": 1, "file of two labels": 2}


def test_a_missing_category_is_found_in_the_columns(tmp_path):
    rows = [{k: v for k, v in row.items() if k != "category"} for row in ROWS]
    plan = planned(tmp_path, published.content(rows))
    assert plan.differences == ("metadata.csv has no column category.",)
    stated = {row["label"]: row["category"] for row in ROWS}
    assert plan.rows["category"].tolist() == [stated[label] for label in plan.rows["label"]]
    some = [{**row, "category": "" if number % 2 else row["category"]}
            for number, row in enumerate(ROWS)]  # fmt: skip
    assert planned(tmp_path / "some", published.content(some)).differences == ()


def test_a_label_in_no_column_has_no_category(tmp_path):
    rows = [{**row, "category": "", row["category"]: ""} if row["label"] == "u2os" else row
            for row in ROWS]  # fmt: skip
    lines = planned(tmp_path, published.content(rows)).differences
    assert "Classes without a category, whose label no column has: 1 (u2os)" in lines


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("fluorescence|brightfield|darkfield", "fluorescence|brightfield|darkfield"),
        ("['fluorescence', 'brightfield']", "fluorescence|brightfield"),
        ("fluorescence (?)", "fluorescence"),
        ("['a'; b]", "a'; b"),
        ("nan", ""),
        ("Actin| nucleus|", "actin|nucleus"),
        ("1,4-dideoxy (r) [2h]", "1,4-dideoxy (r) [2h]"),
    ],
)
def test_cells_of_the_table(text, wanted):
    assert table.cell(text) == wanted


def test_the_feather_copy_stands_in_and_is_compared(tmp_path):
    frame = pd.read_csv(io.BytesIO(CONTENT["metadata.csv"]))
    buffer = io.BytesIO()
    frame.to_feather(buffer)
    copy = {**published.without(CONTENT, "metadata.csv"), "metadata.feather": buffer.getvalue()}
    assert planned(tmp_path / "both", {**CONTENT, **copy}).differences == ()
    # pandas had already taken 'null' for missing when the copy was made.
    lost = sum(row["label"] == "null" for row in ROWS)
    plan = planned(tmp_path / "alone", copy)
    assert any(f"Rows without a label, left out: {lost:,} (" in d for d in plan.differences)
    assert len(plan.rows) == len(ROWS) - lost
    short = io.BytesIO()
    frame.head(5).to_feather(short)
    lines = planned(
        tmp_path / "short", {**CONTENT, "metadata.feather": short.getvalue()}
    ).differences
    assert lines == ("metadata.feather does not list the files of metadata.csv in the same order.",)


def _feather(frame):
    buffer = io.BytesIO()
    frame.to_feather(buffer)
    return {"metadata.feather": buffer.getvalue()}


def test_the_cells_of_the_copy_are_compared(tmp_path):
    frame = pd.read_csv(io.BytesIO(CONTENT["metadata.csv"]), keep_default_na=False)
    frame["microscopy"] = [text.split("|") for text in frame["microscopy"]]
    frame["scaling"] = frame["scaling"].astype("float32")
    assert planned(tmp_path / "same", {**CONTENT, **_feather(frame)}).differences == ()
    frame.loc[:1, "crop"] ^= True
    frame.loc[5, "idx"] = "other"
    frame.at[7, "microscopy"] = ["light"]
    lines = planned(tmp_path / "other", {**CONTENT, **_feather(frame)}).differences
    assert lines == (
        "Cells differ between metadata.csv and metadata.feather: 1 of microscopy, 1 of idx, "
        "2 of crop.",
    )
    broken = {**CONTENT, "metadata.feather": b"damaged"}
    (line,) = planned(tmp_path / "broken", broken).differences
    assert line.startswith("metadata.feather cannot be read: ")


def test_a_split_that_only_the_copy_has_counts(tmp_path):
    frame = pd.read_csv(io.BytesIO(CONTENT["metadata.csv"]), keep_default_na=False)
    frame["dset"] = ["val" if number % 7 == 0 else "train" for number in range(len(ROWS))]
    plan = planned(tmp_path, {**CONTENT, **_feather(frame)}, "paper")
    assert plan.differences == ()
    wanted = {f"{r['path']}/{r['filename']}" for r in ROWS[::7]}
    assert _validation(plan) == wanted


def test_the_reference_draws_by_labels_as_they_stand(tmp_path):
    model_selection = pytest.importorskip("sklearn.model_selection")
    # In sorted order capitals are before all others, so that the classes are drawn in another one.
    rows = [{**row, "label": row["label"].title()} if row["label"] in ("u2os", "null") else row
            for row in ROWS]  # fmt: skip
    plan = planned(tmp_path, published.content(rows), "paper")
    assert plan.differences == ()
    labels = [row["label"] for row in rows]
    places = [f"{row['path']}/{row['filename']}" for row in rows]
    wanted = model_selection.train_test_split(
        places, test_size=0.1, random_state=0, stratify=labels
    )[1]
    assert _validation(plan) == set(wanted)


def test_what_cannot_be_read_of_a_row_is_told(tmp_path):
    rows = [dict(row) for row in ROWS]
    rows[0]["crop"], rows[1]["scaling"], rows[2]["x_min"] = "maybe", "half", "1e30"
    rows[3]["label"] += " "
    lines = "\n".join(planned(tmp_path, published.content(rows)).differences)
    assert "Cells of crop that cannot be read: 1 ('maybe')" in lines
    assert "Cells of scaling that cannot be read: 1 ('half')" in lines
    assert "Cells of x_min that cannot be read: 1 ('1e30')" in lines
    name = ROWS[3]["label"]
    several = "Labels written in several ways, with other letter case or blanks"
    assert f"{several}: 1 ({name})" in lines


def test_a_table_without_rows_is_refused(tmp_path):
    header = CONTENT["metadata.csv"].partition(b"\n")[0]
    with pytest.raises(errors.TableError, match=r"metadata\.csv has no row"):
        planned(tmp_path, {**CONTENT, "metadata.csv": header + b"\n"})


def test_where_the_archive_is_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))
    few = {k: v for k, v in CONTENT.items() if k in ("metadata.csv", NUCLEUS)}
    with pytest.raises(errors.MissingSourcesError, match="needs the published archive") as caught:
        archive.find(epath.Path(tmp_path))
    assert "kagglehub.dataset_download('stanleyhua/cytoimagenet')" in str(caught.value)
    for version in ("2", "10"):
        folder = tmp_path / "cache/datasets/stanleyhua/cytoimagenet/versions" / version
        published.write_folder(folder, few)
    assert archive.find(epath.Path(tmp_path)).root.endswith("versions/10")
    published.write_zip(tmp_path / "cytoimagenet.zip", few)
    assert archive.find(epath.Path(tmp_path)).root == str(tmp_path)
    published.write_folder(tmp_path, few)
    assert archive.find(epath.Path(tmp_path)).root == str(tmp_path)
    shutil.rmtree(tmp_path / "cytoimagenet")
    published.write_zip(tmp_path / "cytoimagenet" / "archive.zip", few)
    found = archive.find(epath.Path(tmp_path))
    assert found.root == str(tmp_path / "cytoimagenet")
    assert found.strangers == ()
    assert len(found.images) == 1


def test_what_is_no_archive_says_what_it_found(tmp_path):
    published.write_folder(tmp_path / "cytoimagenet", {"readme.md": b"x", "a/b.txt": b"x"})
    with pytest.raises(errors.SourceLayoutError, match=r"There is no metadata.csv") as caught:
        archive.find(epath.Path(tmp_path))
    assert "Found: a/b.txt, readme.md." in str(caught.value)


def test_a_table_without_labels_is_refused(tmp_path):
    rows = [{k: v for k, v in row.items() if k != "label"} for row in ROWS[:3]]
    with pytest.raises(errors.TableError, match=r"has no column label; it has category"):
        planned(tmp_path, {**CONTENT, "metadata.csv": published.csv_bytes(rows)})


def test_the_published_counts():
    assert (REAL.images, REAL.classes) == (890_737, 894)
    assert list(REAL.categories.values()) == [637, 93, 44, 43, 38, 36, 3]
    assert list(REAL.databases.values()) == [651, 450, 202, 27, 1]
    assert sum(REAL.categories.values()) == REAL.classes
    assert {expected.database_of(name) for name in sources.names()} == set(REAL.databases)


def test_published_images_have_no_channels_apart():
    with pytest.raises(errors.ConfigError, match="the published images are merged"):
        configs.CytoImageNetConfig(name="release", multichannel=True)
    assert configs.CytoImageNetConfig(name="release", min_images=5).release is None


def test_a_file_whose_name_is_no_text_is_told(tmp_path):
    few = published.content(ROWS[:1])
    published.write_folder(tmp_path, few)
    folder = next(path.parent for path in (tmp_path / "cytoimagenet").rglob("*.png"))
    odd = folder / os.fsdecode(b"\xff.png")
    try:
        odd.write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes Unicode names alone")
    found = archive.find(epath.Path(tmp_path))
    assert len(found.images) == 1
    assert found.strangers == (ascii(odd.relative_to(tmp_path).as_posix()),)
