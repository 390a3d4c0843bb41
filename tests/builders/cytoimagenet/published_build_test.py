"""Builds of the published archive, simulated: every image byte by byte, and what is damaged."""

from __future__ import annotations

import zlib

import cv2
import numpy as np
import pandas as pd
import published
import pytest

from cytoimagenet_tfds import cli, images, schema
from cytoimagenet_tfds.build import verify

pytestmark = pytest.mark.usefixtures("as_published")

ROWS = published.rows()
CONTENT = published.content(ROWS)
NUCLEUS = published.path_of(ROWS, "nucleus")


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
    # Some of these images have the length and the CRC-32 of another, none its bytes.
    marks = {(len(data), zlib.crc32(data)) for data in map(published.image, range(len(ROWS)))}
    assert len(marks) < len(ROWS)
    assert built.info.metadata["published"]["same_content"] == 0
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


def test_labels_that_share_a_folder_keep_their_own_files(read, built):
    names = built.info.features["label"].names
    examples = [e for split in read.values() for e in split if e["path"] == b"cytoimagenet/a-b"]
    assert {names[e["label"]] for e in examples} == {"a/b", "a-b"}
    assert len(examples) == 220


def _png(image):
    return cv2.imencode(".png", image)[1].tobytes()


U2OS = [published.path_of(ROWS, "u2os", number) for number in range(6)]
DAMAGED = {
    U2OS[0]: (lambda data: data[: len(data) // 2], "truncated"),
    U2OS[1]: (lambda _: b"", "empty file"),
    U2OS[2]: (lambda data: data[:50] + b"\0" + data[51:], "unreadable"),
    U2OS[3]: (
        lambda _: _png(np.zeros((8, 9, 3), np.uint8)),
        "not 8-bit grey",
    ),
    U2OS[4]: (
        lambda _: _png(np.zeros((8, 9), np.uint16)),
        "not 8-bit grey",
    ),
    U2OS[5]: (lambda _: b"\xff\xd8\xff\xe0 JPEG", "unknown format"),
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
    assert "Images that are not in the table: 1 (human/extra.png)" in text
    assert "--allow_differences" in text

    assert cli.main([*words, "--allow_differences"]) == 0
    builder = verify_and_load(tmp_path)
    assert builder.info.splits.total_num_examples == len(ROWS) - len(DAMAGED)
    differences = "\n".join(builder.info.metadata["differences"])
    assert "Images that are not in the table: 1 (human/extra.png)" in differences
    for path, (_, reason) in DAMAGED.items():
        assert f"Images left out as {reason}: " in differences, path
    report = pd.read_parquet(builder.data_path / "build_report.parquet").set_index("key")
    for path, (_, reason) in DAMAGED.items():
        assert report.loc[path, "reason"] == reason


def test_a_missing_file_is_a_rejected_row_where_that_is_allowed(prepare, tmp_path):
    made = {**published.without(CONTENT, NUCLEUS), U2OS[0]: CONTENT[U2OS[1]]}
    published.write_zip(tmp_path / "archive.zip", made)
    builder = prepare(
        "cytoimagenet", tmp_path, "--cyto_allow_differences", "--direct_num_workers=2",
        config="release", manual_dir=tmp_path, file_format="array_record",
    )  # fmt: skip
    assert builder.info.metadata["rejected"] == {"missing file": 1}
    assert len(builder.info.metadata["differences"]) == 1
    assert builder.info.metadata["published"]["same_content"] == 2


def verify_and_load(data_dir):
    import tensorflow_datasets as tfds

    builder = tfds.builder("cytoimagenet/release", data_dir=data_dir)
    assert verify.verify(builder).problems == {}
    return builder
