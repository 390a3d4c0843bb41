"""The published archive, simulated: tiny images with every oddity of the real one."""

from __future__ import annotations

import io
import shutil

import cv2
import numpy as np
import pandas as pd
import published
import pytest
from etils import epath

from cytoimagenet_tfds import cli, errors, images, schema, sources
from cytoimagenet_tfds.build import verify
from cytoimagenet_tfds.builders.cytoimagenet import configs
from cytoimagenet_tfds.builders.cytoimagenet.published import archive, expected, planning, table

ROWS = published.rows()
REAL = expected.PUBLISHED
CONTENT = published.content(ROWS)


@pytest.fixture(scope="module", autouse=True)
def counts():
    """The simulated archive is what was published, here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expected, "PUBLISHED", published.expected(ROWS))
        yield


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    root = tmp_path_factory.mktemp("zipped")
    published.write_zip(root / "archive.zip", CONTENT)
    return root


@pytest.fixture(scope="module")
def built(prepare, zipped, tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("release")
    return prepare(
        "cytoimagenet", data_dir, config="release", manual_dir=zipped, file_format="array_record"
    )


def _read(builder):
    from tensorflow_datasets import decode

    skip = {"image": decode.SkipDecoding()}
    return {s: list(builder.as_data_source(split=s, decoders=skip)) for s in builder.info.splits}


@pytest.fixture(scope="module")
def read(built):
    return _read(built)


def planned(tmp_path, made, split="group"):
    """The plan of an archive with the given files."""
    published.write_zip(tmp_path / "cytoimagenet.zip", made)
    return planning.plan(epath.Path(tmp_path), split)


def path_of(label, number=0):
    rows = [row for row in ROWS if row["label"] == label]
    return f"{rows[number]['path']}/{rows[number]['filename']}"


def test_every_png_is_taken_byte_by_byte_with_its_row(built, read):
    rows = {f"{row['path']}/{row['filename']}": row for row in ROWS}
    examples = [example for split in read.values() for example in split]
    assert len(examples) == len(ROWS) == built.info.splits.total_num_examples
    names = built.info.features["label"].names
    assert names == sorted({row["label"] for row in ROWS})
    for example in examples:
        place = f"{example['path'].decode()}/{example['filename'].decode()}"
        row = rows.pop(place)
        assert example["image"] == CONTENT[place]
        assert names[example["label"]] == row["label"]
        assert schema.CATEGORIES[example["category"]] == row["category"]
        assert bool(example["crop"]) == (row["crop"] == "True")
        sides = (example["y_max"] - example["y_min"], example["x_max"] - example["x_min"])
        assert sides == images.decode_png(example["image"]).shape
        assert (example["y_min"], example["scaling"]) == ((2, 0.5) if example["crop"] else (0, 1))
        for name in ("idx", "dir_name", "microscopy", "database", row["category"]):
            assert example[name].decode() == row[name]
    assert not rows


def test_crops_of_one_source_image_stay_on_one_side(read):
    groups = [{example["group"] for example in split} for split in read.values()]
    assert groups[0].isdisjoint(groups[1])
    total = sum(map(len, read.values()))
    assert 0.08 < len(read["validation"]) / total < 0.12


def test_it_verifies_and_says_that_nothing_differs(built, zipped):
    assert verify.verify(built).problems == {}
    assert built.info.metadata["differences"] == []
    assert built.info.metadata["published"]["split"] == "group"
    assert sorted(path.name for path in zipped.iterdir()) == ["archive.zip"]


def test_the_papers_split_is_scikit_learns_in_file_order(prepare, tmp_path):
    model_selection = pytest.importorskip("sklearn.model_selection")
    published.write_folder(tmp_path / "manual" / "cytoimagenet", CONTENT)
    builder = prepare(
        "cytoimagenet", tmp_path, config="release-paper", manual_dir=tmp_path / "manual",
        file_format="array_record",
    )  # fmt: skip
    frame = pd.read_csv(tmp_path / "manual/cytoimagenet/metadata.csv", keep_default_na=False)
    _, validation = model_selection.train_test_split(
        frame, test_size=0.1, random_state=0, stratify=frame["label"]
    )
    found = {f"{e['path'].decode()}/{e['filename'].decode()}" for e in _read(builder)["validation"]}
    assert found == set(validation["path"] + "/" + validation["filename"])
    assert len(found) == -(-len(ROWS) // 10)


def test_the_column_dset_goes_before_the_draw(tmp_path):
    dset = ["val" if number % 7 == 0 else "train" for number in range(len(ROWS))]
    plan = planned(tmp_path, published.content(ROWS, dset=dset), "paper")
    assert plan.differences == ()
    chosen = set(plan.rows.loc[plan.rows["split"] == "validation", "key"])
    wanted = {f"{r['path']}/{r['filename']}" for r, d in zip(ROWS, dset, strict=True) if d == "val"}
    assert chosen == wanted


def test_a_strange_dset_is_named(tmp_path):
    dset = ["hold-out" if number == 3 else "train" for number in range(len(ROWS))]
    with pytest.raises(errors.TableError, match="the column dset holds 'hold-out'"):
        planned(tmp_path, published.content(ROWS, dset=dset), "paper")


def without(path):
    return {name: data for name, data in CONTENT.items() if name != path}


NUCLEUS = path_of("nucleus")
RENAMED = NUCLEUS.replace("nucleus-", "nuclei-")


@pytest.mark.parametrize(
    ("made", "difference"),
    [
        (without(NUCLEUS), f"1 files of the table are missing: {NUCLEUS.partition('/')[2]}"),
        ({**without(NUCLEUS), RENAMED: CONTENT[NUCLEUS]}, "perhaps renamed: nucleus/nucleus-"),
        ({**CONTENT, "cytoimagenet/nucleus/new.png": b"x"}, "1 images are not in the table: "),
        ({**CONTENT, f"again/{NUCLEUS}": b"x"}, f"1 images lie in two places, the first of which "
         f"counts: again/{NUCLEUS}"),
        ({**CONTENT, "cytoimagenet/notes.txt": b"x"}, "1 other files lie in the archive: "),
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
    assert "1 rows name a file that a row before them names: " in lines
    assert "2 rows of different labels name the same file and are left out: " in lines
    assert len(plan.rows) == len(ROWS) - 1
    assert plan.found[0].excluded == {"row stands twice": 1, "file of two labels": 2}


def test_labels_that_share_a_folder_keep_their_own_files(read, built):
    names = built.info.features["label"].names
    examples = [e for split in read.values() for e in split if e["path"] == b"cytoimagenet/a-b"]
    assert {names[e["label"]] for e in examples} == {"a/b", "a-b"}
    assert len(examples) == 220


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
    assert "1 classes have no category, and no column has their label: u2os" in lines


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
    copy = {**without("metadata.csv"), "metadata.feather": buffer.getvalue()}
    assert planned(tmp_path / "both", {**CONTENT, **copy}).differences == ()
    # pandas had already taken 'null' for missing when the copy was made.
    lost = sum(row["label"] == "null" for row in ROWS)
    plan = planned(tmp_path / "alone", copy)
    assert any(f"{lost:,} rows have no label and are left out" in d for d in plan.differences)
    assert len(plan.rows) == len(ROWS) - lost
    short = io.BytesIO()
    frame.head(5).to_feather(short)
    lines = planned(
        tmp_path / "short", {**CONTENT, "metadata.feather": short.getvalue()}
    ).differences
    assert lines == ("metadata.feather does not list the files of metadata.csv in the same order.",)


def _png(image):
    return cv2.imencode(".png", image)[1].tobytes()


DAMAGED = {
    path_of("u2os", 0): (lambda data: data[: len(data) // 2], "truncated"),
    path_of("u2os", 1): (lambda _: b"", "empty file"),
    path_of("u2os", 2): (lambda data: data[:50] + b"\0" + data[51:], "unreadable"),
    path_of("u2os", 3): (lambda _: _png(np.zeros((8, 9, 3), np.uint8)), "not 8-bit grey"),
    path_of("u2os", 4): (lambda _: _png(np.zeros((8, 9), np.uint16)), "not 8-bit grey"),
    path_of("u2os", 5): (lambda _: b"\xff\xd8\xff\xe0 JPEG", "unknown format"),
}


def test_damaged_images_stop_a_build_unless_they_are_allowed(prepare, tmp_path, capsys):
    damaged = {path: change(CONTENT[path]) for path, (change, _) in DAMAGED.items()}
    made = {**CONTENT, **damaged, "cytoimagenet/human/extra.png": CONTENT[NUCLEUS]}
    published.write_zip(tmp_path / "archive.zip", made)
    words = ["build", "cytoimagenet/release", f"--manual_dir={tmp_path}", f"--data_dir={tmp_path}",
             "--file_format=array_record"]  # fmt: skip
    assert cli.main(words) == 1
    text = capsys.readouterr().err
    assert "is not as published. Nothing was written." in text
    assert "1 images are not in the table: human/extra.png" in text
    assert "--allow_differences" in text

    assert cli.main([*words, "--allow_differences"]) == 0
    builder = verify_and_load(tmp_path)
    assert builder.info.splits.total_num_examples == len(ROWS) - len(DAMAGED)
    differences = "\n".join(builder.info.metadata["differences"])
    assert "1 images are not in the table: human/extra.png" in differences
    for path, (_, reason) in DAMAGED.items():
        assert f"images are left out ({reason}): " in differences, path
    report = pd.read_parquet(builder.data_path / "build_report.parquet").set_index("key")
    for path, (_, reason) in DAMAGED.items():
        assert report.loc[path, "reason"] == reason


def test_a_missing_file_is_a_rejected_row_where_that_is_allowed(prepare, tmp_path):
    published.write_zip(tmp_path / "archive.zip", without(NUCLEUS))
    builder = prepare(
        "cytoimagenet", tmp_path, "--cyto_allow_differences", "--direct_num_workers=2",
        config="release", manual_dir=tmp_path, file_format="array_record",
    )  # fmt: skip
    assert builder.info.metadata["rejected"] == {"missing file": 1}
    assert len(builder.info.metadata["differences"]) == 1


def verify_and_load(data_dir):
    import tensorflow_datasets as tfds

    builder = tfds.builder("cytoimagenet/release", data_dir=data_dir)
    assert verify.verify(builder).problems == {}
    return builder


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
