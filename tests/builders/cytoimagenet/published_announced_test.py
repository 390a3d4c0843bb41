"""Images of a zip are read once, as its directory announces them; the dataset is the same."""

from __future__ import annotations

import dataclasses
import logging

import cv2
import numpy as np
import pandas as pd
import published
import pytest
from etils import epath

from cytoimagenet_tfds import archives, files, images
from cytoimagenet_tfds.build import division, procedure, rendered
from cytoimagenet_tfds.build import work as work_module
from cytoimagenet_tfds.builders.cytoimagenet.published import pixels, planning

pytestmark = pytest.mark.usefixtures("as_published")

ROWS = published.rows()
CROPS = [f"{row['path']}/{row['filename']}" for row in ROWS if row["crop"] == "True"][:3]
WHOLE = next(f"{row['path']}/{row['filename']}" for row in ROWS if row["crop"] == "False")
CHECKED_FIRST = "Every image is checked now before any is chosen."


def _png(*shape):
    return cv2.imencode(".png", np.full(shape, 7, np.uint8))[1].tobytes()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An archive with three crops and a whole image of another size, two of them the same."""
    root = tmp_path_factory.mktemp("archive")
    changed = {**dict(zip(CROPS, [_png(8, 8), _png(9, 9), _png(9, 9)], strict=True)),
               WHOLE: _png(300, 2)}  # fmt: skip
    published.write_zip(root / "archive.zip", {**published.content(ROWS), **changed})
    return root


def _checked_first(*given, **options):
    return dataclasses.replace(planning_plan(*given, **options), announced=None)


planning_plan = planning.plan


@pytest.fixture
def both(prepare, archive, tmp_path, monkeypatch):
    """The function that builds the archive in both ways: (file format, flags) -> builders."""

    def build(file_format, *flags):
        made = []
        for plan in (planning_plan, _checked_first):
            monkeypatch.setattr(planning, "plan", plan)
            data_dir = tmp_path / plan.__name__
            made.append(prepare("cytoimagenet", data_dir, *flags, config="release",
                                manual_dir=archive, file_format=file_format))  # fmt: skip
        return made

    return build


@pytest.mark.parametrize(
    ("file_format", "flags"),
    [("array_record", ["--direct_num_workers=2"]), ("tfrecord", ["--cyto_engine=processes"])],
)
def test_the_dataset_is_that_of_images_that_are_checked_first(both, file_format, flags, caplog):
    once, twice = both(file_format, *flags)
    assert CHECKED_FIRST not in caplog.text
    written = sorted(path.name for path in once.data_path.glob(f"*.{file_format}*"))
    assert written == sorted(path.name for path in twice.data_path.glob(f"*.{file_format}*"))
    for name in ["features.json", "label.labels.txt", "build_shards.parquet", *written]:
        assert (once.data_path / name).read_bytes() == (twice.data_path / name).read_bytes(), name
    assert once.info.metadata == twice.info.metadata
    found = once.info.metadata["published"]
    assert (found["bounds_of_other_size"], found["same_content"]) == (3, 2)
    tables = [pd.read_parquet(b.data_path / "build_report.parquet") for b in (once, twice)]
    pd.testing.assert_frame_equal(*tables)
    texts = [(b.data_path / "build_report.txt").read_text() for b in (once, twice)]
    assert [" images/s" in text for text in texts] == [True, True]
    assert ["  render: " in text for text in texts] == [False, True]


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_one_damaged_image_has_all_checked_first(prepare, archive, tmp_path, caplog, engine):
    """The one at the end of the last shard, so that all that was written has to go."""
    from tensorflow_datasets import decode

    good = prepare("cytoimagenet", tmp_path / "good", config="release", manual_dir=archive,
                   file_format="array_record")  # fmt: skip
    skip = {"image": decode.SkipDecoding()}
    *_, last = good.as_data_source(split="validation", decoders=skip)
    path = f"{last['path'].decode()}/{last['filename'].decode()}"
    damaged = {**published.content(ROWS), path: last["image"][:-20]}
    published.write_zip(tmp_path / "raw" / "archive.zip", damaged)
    with caplog.at_level(logging.WARNING):
        builder = prepare(
            "cytoimagenet", tmp_path / "data", "--cyto_allow_differences",
            f"--cyto_engine={engine}", config="release", manual_dir=tmp_path / "raw",
            file_format="array_record",
        )  # fmt: skip
    assert f"{CHECKED_FIRST}" in caplog.text
    assert builder.info.metadata["rejected"] == {"truncated": 1}
    assert builder.info.splits.total_num_examples == len(ROWS) - 1
    table = pd.read_parquet(builder.data_path / "build_shards.parquet")
    there = sorted(path.name for path in builder.data_path.glob("*array_record*"))
    assert sorted(table["file"]) == there
    left = [path for path in (tmp_path / "data").rglob("*") if "incomplete" in path.name]
    assert left == []


def test_what_is_announced_is_what_checking_finds(archive, tmp_path):
    made = planning_plan(epath.Path(archive), "group", folder=tmp_path)
    folder = work_module.WorkFolder(str(tmp_path / "work"))
    divided = division.divide(made.rows, 100, "pixels")
    division.write(divided, folder)
    folder.chunks.mkdir()
    step = made.step(folder, divided.digest, dict(made.roots), images.PixelSettings(), run="r")
    for number in range(len(divided.names)):
        step(number)
    checked = rendered.read(folder.chunks, divided).images[:]
    announced = made.announced.images().images[:]
    checked = checked[np.argsort(checked["row"])]
    assert announced["row"].tolist() == list(range(len(ROWS)))
    for name in ("row", "crop", "scaling", "offset", "length", "crc32"):
        np.testing.assert_array_equal(announced[name], checked[name], name)
    for name in ("height", "width", "y_min", "y_max", "x_min", "x_max"):
        assert not announced[name].any()


def test_files_of_a_folder_announce_nothing(tmp_path):
    content = published.content(ROWS)
    published.write_folder(tmp_path / "cytoimagenet", content)
    assert planning_plan(epath.Path(tmp_path), "group").announced is None
    # As little as one that lies beside the zip with all others.
    table = content.pop("metadata.csv")
    published.write_zip(tmp_path / "both" / "cytoimagenet" / "rest.zip", content)
    one = {published.path_of(ROWS, "u2os"): content[published.path_of(ROWS, "u2os")]}
    published.write_folder(tmp_path / "both" / "cytoimagenet", {"metadata.csv": table, **one})
    assert planning_plan(epath.Path(tmp_path / "both"), "group").announced is None


def test_a_few_examples_are_chosen_of_checked_images(prepare, archive, tmp_path, monkeypatch):
    looked_at = []
    check = pixels.CheckChunk._render_all
    monkeypatch.setattr(
        pixels.CheckChunk, "_render_all",
        lambda self, rows, writer: (looked_at.extend(rows), check(self, rows, writer))[1],
    )  # fmt: skip
    builder = prepare("cytoimagenet", tmp_path, config="release", manual_dir=archive,
                      file_format="array_record", max_examples_per_split=3)  # fmt: skip
    assert builder.info.splits.total_num_examples == 6
    assert len(looked_at) == len(ROWS)


def test_the_place_of_a_member_is_read_from_its_reference():
    import pyarrow as pa
    import pyarrow.compute as pc

    span = archives.Span("zip", 12, 345, 6789, 8, 4294967295)
    texts = [str(files.FileRef("a#zip=1.zip/b.png", span=span)), "a.tar/b#tar=1,2", "b.png", ""]
    found = pc.extract_regex(pa.array(texts), archives.ZIP_PLACE).to_pylist()
    assert found == [{"size": "6789", "crc": "4294967295"}, None, None, None]


def test_the_plan_of_a_zip_is_the_same_either_way(archive):
    made = planning_plan(epath.Path(archive), "group")
    assert isinstance(made.announced, procedure.Planned)
    assert made.announced.announced is None
    assert made.announced.rows is made.rows
