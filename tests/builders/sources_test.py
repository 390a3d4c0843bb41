from __future__ import annotations

import dataclasses
import shutil

import bbbc006_folder
import numpy as np
import pandas as pd
import pytest
import tensorflow_datasets as tfds
import tifffile
import web
from tensorflow_datasets.core.download.checksums import UrlInfo
from trees import rec_rxrx1

from cytoimagenet_tfds import errors, images, schema, sources
from cytoimagenet_tfds.build import source_builder, verify
from cytoimagenet_tfds.builders.cytoimagenet.configs import CytoImageNetConfig
from cytoimagenet_tfds.sources.base import Download

IN_ORDER = tfds.ReadConfig(interleave_cycle_length=1)


@pytest.fixture(scope="module")
def manual_dir(tmp_path_factory):
    """BBBC006 with twenty good images and one of every kind of bad ones."""
    root = tmp_path_factory.mktemp("manual")
    bbbc006_folder.make(root, range(24))
    folder = root / "bbbc006"
    whole = folder / bbbc006_folder.name(20)
    whole.write_bytes(whole.read_bytes()[:300])
    (folder / bbbc006_folder.name(21)).write_text("no image")
    plain = folder / bbbc006_folder.name(22)
    tifffile.imwrite(plain, np.full((1, 1), 9, np.uint8))
    (folder / bbbc006_folder.name(23)).write_bytes(b"")
    return root


@pytest.fixture(scope="module")
def bbbc006(manual_dir, prepare, tmp_path_factory):
    return prepare(
        "bbbc", tmp_path_factory.mktemp("data"), config="bbbc006", manual_dir=manual_dir,
        num_shards=3,
    )  # fmt: skip


def test_broken_files_do_not_stop_a_build_and_are_named(bbbc006):
    report = pd.read_parquet(bbbc006.data_path / "build_report.parquet").set_index("key")
    rejected = report[report["reason"] != ""]
    wells = [key.removeprefix("bbbc006/z_16/") for key in rejected.index]
    assert wells == [f"a{number}_s1_w1.tif" for number in (21, 22, 23, 24)]
    assert rejected["reason"].iloc[2:].tolist() == ["uniform", "empty file"]
    assert rejected["message"].str.len().min() > 10
    assert report["written"].sum() == 20
    text = (bbbc006.data_path / "build_report.txt").read_text()
    for key in rejected.index:
        assert key in text


def test_every_good_image_is_there_whole(bbbc006, manual_dir):
    dataset = bbbc006.as_dataset(split="train", read_config=IN_ORDER)
    examples = list(tfds.as_numpy(dataset))
    assert len({example["key"] for example in examples}) == len(examples) == 20
    for example in examples[:3]:
        path = f"{example['path'].decode()}/{example['filename'].decode()}"
        expected = images.merge([images.read(manual_dir / path)])
        np.testing.assert_array_equal(example["image"][..., 0], expected)
        assert example["organism"] == b"human"
        assert example["pixel_size"] != example["pixel_size"]


def test_a_source_dataset_has_no_class(bbbc006):
    features = bbbc006.info.features
    assert set(features) == {"image", *schema.names("example")} - {"label", "category"}
    assert bbbc006.info.supervised_keys is None
    assert list(bbbc006.info.splits) == ["train"]


def test_the_number_of_shards_is_the_users(bbbc006):
    assert bbbc006.info.splits["train"].shard_lengths == [7, 6, 7]
    assert len(list(bbbc006.data_path.glob("*.tfrecord-*"))) == 3


def test_info_states_source_licence_and_citation(bbbc006):
    source = sources.get("bbbc006")
    info = bbbc006.info
    assert source.description in info.description
    assert source.citation in info.citation
    assert "hua2021cytoimagenet" in info.citation
    assert "CC0-1.0" in (bbbc006.data_path / "LICENSE").read_text()
    assert info.homepage == source.homepage


@pytest.mark.parametrize("file_format", ["array_record", "parquet"])
def test_other_record_formats_hold_the_same(bbbc006, manual_dir, prepare, tmp_path, file_format):
    builder = tfds.builder("bbbc", config="bbbc006", data_dir=tmp_path, file_format=file_format)
    config = tfds.download.DownloadConfig(manual_dir=manual_dir)
    builder.download_and_prepare(download_config=config)
    assert verify.verify(builder).problems == {}
    source = builder.as_data_source(split="train")
    first = next(iter(tfds.as_numpy(bbbc006.as_dataset(split="train", read_config=IN_ORDER))))
    assert source[0]["key"] == first["key"]
    np.testing.assert_array_equal(source[0]["image"], first["image"])


def test_some_examples_for_a_try(manual_dir, prepare, tmp_path):
    builder = prepare(
        "bbbc", tmp_path, config="bbbc006", manual_dir=manual_dir, max_examples_per_split=3
    )
    assert builder.info.splits["train"].num_examples == 3
    assert verify.verify(builder).problems == {}


def test_a_field_without_a_channel_is_rejected_and_named(prepare, tmp_path):
    rec_rxrx1.make(tmp_path / "manual" / "rec_rxrx1")
    builder = prepare("recursion", tmp_path, config="rec_rxrx1", manual_dir=tmp_path / "manual")
    report = pd.read_parquet(builder.data_path / "build_report.parquet").set_index("key")
    field = report.loc["rec_rxrx1/HUVEC-01/Plate4/O23_s2"]
    assert (field["reason"], field["written"]) == ("missing channel", 0)
    assert "f_golgi" in field["message"]
    assert builder.info.splits["train"].num_examples == rec_rxrx1.ROWS - 1


def test_a_missing_folder_stops_the_build_before_any_work(prepare, tmp_path):
    with pytest.raises(errors.MissingSourcesError) as caught:
        prepare("bbbc", tmp_path, config="bbbc020", manual_dir=tmp_path / "nowhere")
    text = str(caught.value)
    assert "0 there, 1 missing" in text
    assert f"{tmp_path}/nowhere/bbbc020: https://bbbc.broadinstitute.org/BBBC020" in text
    where = f"--to={tmp_path}/nowhere"
    assert text.endswith(f"Next:\n  cytoimagenet fetch bbbc020 --accept-licence {where}")
    assert not (tmp_path / "bbbc" / ".work").exists()


def test_a_small_public_download_needs_no_manual_step(prepare, manual_dir, tmp_path, monkeypatch):
    """The archive as downloaded; TFDS records its checksum and finds a changed one."""
    site = tmp_path / "site"
    shutil.copytree(manual_dir / "bbbc006", site / "content")
    shutil.make_archive(str(site / "images_z_16"), "zip", site / "content")
    with web.serve(site) as address:
        download = Download(url=f"{address}/images_z_16.zip")
        source = dataclasses.replace(sources.get("bbbc006"), downloads=(download,))
        monkeypatch.setattr(source_builder.SourceBuilder, "source", source)
        checksums = tmp_path / "checksums.tsv"
        checksums.touch()
        cls = tfds.builder_cls("bbbc")
        monkeypatch.setattr(cls, "_checksums_path", checksums)
        monkeypatch.setattr(cls, "url_infos", {})
        builder = prepare("bbbc", tmp_path, config="bbbc006", register_checksums=True)
        assert builder.info.splits["train"].num_examples == 20
        assert builder.info.download_size == (site / "images_z_16.zip").stat().st_size
        assert checksums.read_text().startswith(download.url)
        wrong = {download.url: UrlInfo(size=1, checksum="0" * 64, filename="images_z_16.zip")}
        monkeypatch.setattr(cls, "url_infos", wrong)
        with pytest.raises(Exception, match=r"(?i)checksum|size"):
            prepare("bbbc", tmp_path / "other", config="bbbc006")
        # manual_dir wins where it holds the source.
        builder = prepare("bbbc", tmp_path / "third", config="bbbc006", manual_dir=manual_dir)
        assert builder.info.download_size == 0


def test_full_says_what_is_there_and_what_is_not_before_it_reads(prepare, manual_dir, tmp_path):
    root = tmp_path / "manual"
    root.mkdir()
    (root / "bbbc006").symlink_to(manual_dir / "bbbc006")
    (root / "bbbc010").mkdir()
    with pytest.raises(errors.MissingSourcesError) as caught:
        prepare("cytoimagenet", tmp_path, manual_dir=root)
    text = str(caught.value)
    total = len(sources.names())
    assert f"cytoimagenet/full needs {total} source datasets" in text
    assert f"2 there, {total - 2} missing" in text
    for name in sources.names():
        assert name in text
    assert text.endswith(
        "  tfds build cytoimagenet/sample --imports=cytoimagenet_tfds\n"
        f"  cytoimagenet build --available --manual_dir={root}"
    )


def test_all_folders_that_cannot_be_read_are_named(prepare, manual_dir, tmp_path):
    root = tmp_path / "manual"
    for name in ("bbbc010", "bbbc014"):
        (root / name).mkdir(parents=True)
        (root / name / f"strange_{name}.tif").write_bytes(b"x")
    (root / "bbbc006").symlink_to(manual_dir / "bbbc006")
    config = CytoImageNetConfig(sources=["bbbc006", "bbbc010", "bbbc014"])
    with pytest.raises(errors.MissingSourcesError, match="2 of 3 sources cannot be read") as caught:
        prepare("cytoimagenet", tmp_path, config=config, manual_dir=root)
    assert "strange_bbbc010.tif" in str(caught.value)
    assert "strange_bbbc014.tif" in str(caught.value)


def test_own_rules_make_a_dataset_of_what_is_there(prepare, examples, manual_dir, tmp_path):
    config = CytoImageNetConfig(sources=["bbbc006"], min_images=2, target=8, cap=8)
    builder = prepare("cytoimagenet", tmp_path, config=config, manual_dir=manual_dir)
    assert builder.info.full_name == f"cytoimagenet/{config.curation.name}/1.0.0"
    read = [e for split in builder.info.splits for e in examples(builder, split)]
    assert len(read) <= 8 * builder.info.features["label"].num_classes
    assert verify.verify(builder).problems == {}
    by_name = tfds.builder(f"cytoimagenet/{config.name}", data_dir=tmp_path)
    assert by_name.info.splits.total_num_examples == len(read)


def test_a_class_that_the_checks_leave_too_small_is_dropped(prepare, manual_dir, tmp_path):
    config = CytoImageNetConfig(
        sources=["bbbc006"], min_images=2, min_class=500, cap=500, target=500
    )
    with pytest.raises(errors.BuildError, match="fewer than 500 images; the largest"):
        prepare("cytoimagenet", tmp_path, config=config, manual_dir=manual_dir)
