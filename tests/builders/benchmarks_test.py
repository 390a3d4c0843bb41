"""The three benchmarks as TFDS datasets, from simulated downloads."""

from __future__ import annotations

import json
import socket
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets.core import file_adapters
from trees_benchmarks import bbbc021, coos7, cyclops

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import owners
from cytoimagenet_tfds.builders.bbbc021.bbbc021_dataset_builder import Bbbc021Config
from cytoimagenet_tfds.builders.coos7.coos7_dataset_builder import Coos7Config
from cytoimagenet_tfds.builders.cyclops import cyclops_dataset_builder

PLATES = list(bbbc021.PREFIX)
BROKEN = "Week1_22141/C05_s4"


@pytest.fixture(scope="module")
def manual_dir(tmp_path_factory):
    """All three, with one truncated file of BBBC021."""
    root = tmp_path_factory.mktemp("manual")
    bbbc021.make(root / "bbbc021")
    name = bbbc021.name("Week1_22141", "C05", 4, 2)
    (path,) = (root / "bbbc021").rglob(name)
    path.write_bytes(path.read_bytes()[:200])
    coos7.make_tiff(root / "coos7")
    coos7.make_hdf5(root / "coos7")
    cyclops.make_tiff(root / "cyclops")
    cyclops.make_hdf5(root / "cyclops")
    return root


@pytest.fixture(scope="module")
def build(manual_dir, prepare, tmp_path_factory):
    def build(name, config=None, **options):
        data_dir = tmp_path_factory.mktemp("data")
        return prepare(name, data_dir, config=config, manual_dir=manual_dir, **options)

    return build


@pytest.fixture(scope="module")
def wells(build):
    return build("bbbc021", Bbbc021Config(plates=PLATES))


def test_bbbc021_holds_every_readable_site_with_its_facts(wells, examples):
    found = {e["key"].decode(): e for e in examples(wells, "train")}
    assert len(found) == 3 * 4 * 2 - 1
    assert BROKEN not in found
    example = found["Week7_34341/C05_s4"]
    assert example["image"].shape == (12, 16, 3)
    assert example["image"].dtype == np.uint16
    names = wells.info.features["label"].names
    assert names[example["label"]] == example["moa"].decode() == "Protein synthesis"
    assert example["concentration"] == np.float32(0.3)
    assert (example["week"], example["site"], example["replicate"]) == (b"Week7", b"4", 1)
    assert names[found["Week1_22123/B02_s1"]["label"]] == "DMSO"


def test_a_broken_image_is_counted_with_its_reason(wells):
    report = pd.read_parquet(wells.data_path / "build_report.parquet").set_index("key")
    assert report.loc[BROKEN, "reason"] == "truncated"
    assert (report.drop(BROKEN)["written"] == 1).all()
    text = (wells.data_path / "build_report.txt").read_text()
    assert "Rows rejected: 1\n  truncated: 1" in text
    assert "left out, taxol control well: 12 rows" in text
    assert wells.info.metadata["channels"] == ["DAPI", "Tubulin", "Actin"]
    assert wells.info.metadata["rejected"] == {"truncated": 1}


def test_what_a_killed_build_left_is_removed(manual_dir, prepare, tmp_path, capsys):
    config = Bbbc021Config(plates=PLATES)
    left = tmp_path / "bbbc021" / config.name / "incomplete.ABC_1.0.0"
    left.mkdir(parents=True)
    (left / owners.NOTE).write_text(f"{socket.gethostname()} {2**22 + 1} 1")  # no such process
    builder = prepare("bbbc021", tmp_path, config=config, manual_dir=manual_dir)
    assert not left.exists()
    assert not (builder.data_path / owners.NOTE).exists()
    assert "Rows rejected: 1" in capsys.readouterr().out


def test_a_second_build_gives_the_same_examples_in_the_same_order(wells, build, examples):
    again = examples(build("bbbc021", Bbbc021Config(plates=PLATES[::-1])), "train")
    for one, other in zip(examples(wells, "train"), again, strict=True):
        assert one["key"] == other["key"]
        assert (one["image"] == other["image"]).all()


def test_wells_without_class_have_minus_one(build, examples):
    builder = build("bbbc021", Bbbc021Config(wells="all_wells", plates=PLATES[:1]))
    labels = {e["compound"].decode(): e["label"] for e in examples(builder, "train")}
    assert labels["5-fluorouracil"] == -1
    assert labels["taxol"] == builder.info.features["label"].str2int("Microtubule stabilizers")


@pytest.mark.parametrize(("layout", "classes"), [("tiff", ["ER", "Golgi", "IMM"]), ("hdf5", None)])
def test_coos7_keeps_its_five_splits(build, examples, layout, classes):
    builder = build("coos7", Coos7Config(layout=layout, allow_differences=True))
    size = 6 if classes else 4
    counts = {name: info.num_examples for name, info in builder.info.splits.items()}
    assert counts == dict.fromkeys(coos7.SPLITS, size)
    assert builder.info.features["label"].names == (classes or ["0", "1", "2", "3"])
    found = examples(builder, "test3")
    assert {e["key"].decode().split("/")[0] for e in found} == {"test3"}
    assert {(e["image"].shape, e["image"].dtype.name) for e in found} == {((64, 64, 2), "uint16")}


def test_coos7_refuses_other_counts(build):
    with pytest.raises(errors.SourceLayoutError) as caught:
        build("coos7")
    text = str(caught.value)
    assert "test4 has 6 cells, expected 30,772." in text
    assert "Never confirmed on a real file" in text


@pytest.mark.parametrize(
    ("config", "splits", "classes"),
    [
        (None, {"train": 35}, 17),
        ("tiff_merged_spindle", {"train": 35}, 16),
        ("hdf5_with_dead_and_ghost", {"train": 19, "validation": 19, "test": 19}, 19),
    ],
)
def test_cyclops(build, examples, config, splits, classes):
    builder = build("cyclops", config)
    assert {n: info.num_examples for n, info in builder.info.splits.items()} == splits
    feature = builder.info.features["label"]
    assert feature.num_classes == classes
    for example in examples(builder, "train"):
        merged = {b"SPINDLEPOLE": b"SPINDLE"} if classes == 16 else {}
        own = example["localization"]
        assert feature.int2str(example["label"]).encode() == merged.get(own, own)
        assert example["image"].dtype == np.float32


def test_parquet_holds_every_example(build, monkeypatch):
    monkeypatch.setattr(file_adapters.ParquetFileAdapter, "_BATCH_SIZE", 10)
    builder = build("cyclops", file_format="parquet")
    assert len({example["key"] for example in builder.as_data_source(split="train")}) == 35


def test_prepared_data_is_read_by_name_alone_and_at_random(build):
    builder = build("cyclops")
    loaded = tfds.builder_from_directory(builder.data_path)
    assert loaded.info.features["label"].names[0] == "ACTIN"
    assert "unknown: none is stated" in loaded.info.redistribution_info.license
    assert json.loads((builder.data_path / "metadata.json").read_text())["channels"]


def test_a_folder_that_is_not_there_is_named_with_what_to_do(tmp_path, prepare):
    with pytest.raises(errors.MissingSourcesError) as caught:
        prepare("cyclops", tmp_path / "data", manual_dir=tmp_path)
    assert f"{tmp_path}/cyclops" in str(caught.value)
    assert "stanleyhua/cyclops-protein-loc" in str(caught.value)


def test_a_split_without_a_usable_image_says_so(tmp_path, prepare):
    cyclops.make_tiff(tmp_path / "cyclops")
    for path in (tmp_path / "cyclops").rglob("*_gfp.tif"):
        path.write_bytes(b"")
    with pytest.raises(errors.BuildError, match="none of the 35 images of the split train"):
        prepare("cyclops", tmp_path / "data", manual_dir=tmp_path)


def test_configs_are_found_by_name_and_the_bare_name_builds_one():
    for name, default in {"bbbc021": "annotated", "coos7": "tiff", "cyclops": "tiff"}.items():
        cls = tfds.builder_cls(name)
        assert [config.name for config in cls.BUILDER_CONFIGS] == [default]
        assert cls().builder_config.name == default
        assert all(cls(config=known).builder_config.name == known for known in cls.builder_configs)
    assert set(tfds.builder_cls("bbbc021").builder_configs) == {
        "annotated", "with_taxol_controls", "all_wells",
    }  # fmt: skip


class CyclopsTest(tfds.testing.DatasetBuilderTestCase):
    """TFDS' own contract of builders."""

    DATASET_CLASS = cyclops_dataset_builder.Builder
    SPLITS = {"train": 35}  # noqa: RUF012

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cyclops.make_tiff(Path(folder.name) / "cyclops")
        cls.EXAMPLE_DIR = folder.name
        super().setUpClass()
