from __future__ import annotations

import zlib

import numpy as np
import pytest
import tensorflow_datasets as tfds
from trees import bbbc006 as bbbc006_tree
from trees import bbbc022 as bbbc022_tree

from cytoimagenet_tfds import curation, errors, images, sources
from cytoimagenet_tfds.build import examples_apart, multichannel, verify
from cytoimagenet_tfds.builders.cytoimagenet import configs, sample_images

SAME = (
    "key", "label", "category", "idx", "path", "filename", "crop", "scaling", "y_min", "y_max",
    "x_min", "x_max", "group", "cell_visible", "microscopy", "concentration",
)  # fmt: skip
STAINS = [b"f_ctip2", b"f_brn2", b"f_rorb"]


@pytest.fixture(scope="module")
def raw_twin(twins):
    return twins[True]


@pytest.fixture(scope="module")
def twin(twins):
    return twins[False]


def _by_key(examples):
    return {example["key"]: example for example in examples}


@pytest.fixture(scope="module")
def merged_examples(sample, examples):
    return {split: _by_key(examples(sample, split)) for split in sample.info.splits}


def _same(first, second):
    return np.array_equal(first, second, equal_nan=isinstance(first, float | np.floating))


def test_the_raw_twin_merges_to_the_sample_pixel_by_pixel(raw_twin, merged_examples):
    for split, expected in merged_examples.items():
        found = _by_key(raw_twin.as_data_source(split=split))
        assert sorted(found) == sorted(expected)
        for key, example in found.items():
            other = expected[key]
            assert example["image"].dtype == np.uint16
            assert [name for name in SAME if not _same(example[name], other[name])] == []
            np.testing.assert_array_equal(multichannel.merged(example), other["image"][..., 0])


def test_the_stretched_twin_has_the_same_examples_and_reads_without_tensorflow(
    twin, merged_examples
):
    several = 0
    for split, expected in merged_examples.items():
        found = _by_key(twin.as_data_source(split=split))
        assert sorted(found) == sorted(expected)
        for key, example in found.items():
            assert example["image"].dtype == np.uint8
            other = expected[key]["image"][..., 0].astype(int)
            again = multichannel.merged(example)
            if example["own"].sum() == 1 and not example["colour"]:
                np.testing.assert_array_equal(again, other)
            elif not example["crop"]:
                several += 1
                assert np.abs(again - other).max() <= 1
    assert several > 3


def test_every_channel_has_its_name(twin):
    seen = {}
    for example in twin.as_data_source(split="train"):
        assert len(example["channels"]) == example["image"].shape[2] == len(example["low"])
        assert (example["high"] >= example["low"]).all()
        assert len(example["files"].split(b"|")) == (
            1 if example["colour"] else len(example["own"])
        )
        seen.setdefault(example["dir_name"].decode(), set()).add(tuple(example["channels"]))
    assert max(map(len, seen["sample_neuron"])) == 4
    assert seen["sample_mahotas"] == {(b"f_nucleus",)}
    # Transmitted light is no channel beside fluorescence: an image of its own.
    assert all(len(names) == 1 for names in seen["sample_scratch"])


def test_a_row_that_is_one_channel_shows_its_whole_field(twin):
    rows = [e for e in twin.as_data_source(split="train") if e["dir_name"] == b"sample_neocortex"]
    assert rows
    for example in rows:
        assert example["image"].shape[2] == 3
        assert example["own"].sum() == 1
        own = example["files"].split(b"|")[int(np.flatnonzero(example["own"])[0])]
        assert own.decode() in example["key"].decode()


def test_the_plan_beside_the_twin_is_that_of_the_sample(twin, sample):
    first, second = (curation.read_plan(b.data_path / "plan.parquet") for b in (sample, twin))
    assert curation.compare(first, second).equal
    assert twin.info.metadata["multichannel"] == {"raw": False, "most_channels": 8}


def test_a_source_goes_by_field(prepare, tmp_path):
    bbbc006_tree.make(tmp_path / "manual" / "bbbc006")
    builder = prepare(
        "bbbc", tmp_path, config="bbbc006-multichannel", manual_dir=tmp_path / "manual",
        file_format="array_record",
    )  # fmt: skip
    table = sources.get("bbbc006").table(tmp_path / "manual" / "bbbc006", rows="field")
    table = table[table["excluded"] == ""].set_index("key")
    read = list(builder.as_data_source(split="train"))
    assert {e["key"].decode() for e in read} <= set(table.index)
    assert max(e["image"].shape[2] for e in read) == 2
    for example in read:
        paths = example["files"].decode().split("|")
        assert table.loc[example["key"].decode(), "files"].split("|") == paths
        for number, path in enumerate(paths):
            plane = images.read(tmp_path / "manual" / "bbbc006" / path)
            np.testing.assert_array_equal(example["image"][..., number], images.merge([plane]))
        assert example["own"].all()


def test_a_merged_source_keeps_its_keys(prepare, tmp_path):
    root = tmp_path / "manual"
    bbbc022_tree.make(root / "bbbc022")
    read = {}
    for name in ("bbbc022", "bbbc022-multichannel-raw"):
        builder = prepare(
            "bbbc", tmp_path, config=name, manual_dir=root, file_format="array_record"
        )
        read[name] = _by_key(builder.as_data_source(split="train"))
    merged, apart = read.values()
    assert sorted(merged) == sorted(apart)
    stains = [c.name.encode() for c in sources.get("bbbc022").channels]
    for key, example in apart.items():
        assert list(example["channels"]) == stains
        np.testing.assert_array_equal(multichannel.merged(example), merged[key]["image"][..., 0])


def test_the_twins_are_verified(twin, raw_twin):
    for builder in (twin, raw_twin):
        assert verify.verify(builder).problems == {}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"shape": [3, 4, 9]}, "image has 9 channels, at most 8"),
        ({"shape": [3, 4]}, "expected three sides"),
        ({"shape": [4, 3, 2]}, "image is 4 x 3, its bounds say 3 x 4"),
        ({"channels": ["a"]}, "channels has 1 values for 2 channels"),
        ({"packed": zlib.compress(bytes(25))}, "another number of bytes than its shape, 24"),
        ({"packed": zlib.compress(bytes(24))[:-6]}, "another number of bytes than its shape, 24"),
        ({"packed": b"no zlib"}, "cannot be decoded"),
    ],
)
def test_a_damaged_image_is_told(change, problem):
    packed = zlib.compress(bytes(24))
    bounds = {"y_min": [0], "y_max": [3], "x_min": [2], "x_max": [6]}
    given = {"shape": [3, 4, 2], "channels": ["a", "b"], "packed": packed, **change}
    stored = {**bounds, "own": [1, 1], **given}
    found = examples_apart.problems(stored, given["shape"], given["packed"], "uint8")
    assert any(problem in text for text in found)


def test_bare_names_mean_what_they_meant():
    for database in sources.databases():
        cls = tfds.builder_cls(database)
        names = sources.names(database)
        assert tuple(config.name for config in cls.BUILDER_CONFIGS) == names
        variants = {f"{name}-multichannel{end}" for name in names for end in ("", "-raw")}
        assert set(cls.builder_configs) == {*names, *variants}
    assert [c.name for c in tfds.builder_cls("cytoimagenet").BUILDER_CONFIGS] == ["full"]


def test_named_and_own_rules_have_a_variant():
    cls = tfds.builder_cls("cytoimagenet")
    full, own = cls.builder_configs["multichannel"], configs.CytoImageNetConfig
    assert full.curation == curation.CurationConfig()
    twin_rules = cls.builder_configs["sample-multichannel"].curation
    assert twin_rules == sample_images.curation()
    base = own(sources=["bbbc006"])
    names = [
        own(sources=["bbbc006"], multichannel=True).name,
        own(sources=["bbbc006"], multichannel=True, raw=True).name,
    ]
    assert names == [f"{base.name}-multichannel", f"{base.name}-multichannel-raw"]
    with pytest.raises(errors.ConfigError, match="raw: only a multichannel dataset"):
        own(sources=["bbbc006"], raw=True)
    with pytest.raises(errors.ConfigError, match="multichannel: expected true or false"):
        own(multichannel=3)


def test_merging_something_else_says_what_is_missing():
    with pytest.raises(errors.ConfigError, match="has no colour, high, low, own"):
        multichannel.merged({"image": 1, "crop": False})
