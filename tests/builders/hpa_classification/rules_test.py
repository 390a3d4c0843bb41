from __future__ import annotations

import numpy as np
import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets.core import dataset_metadata

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.builders.hpa_classification import configs, pixels, rules

RNG = np.random.default_rng(0)


def test_named_configs_and_own_values():
    assert configs.ALL["full_size_external"].rules == rules.Rules(
        size="full_size", external=True, duplicates="similar"
    )
    own = configs.HpaConfig(folds=5)
    assert own.name == f"png-{rules.Rules(folds=5).digest}"
    assert own.name != configs.HpaConfig(folds=6).name
    assert configs.HpaConfig(name="png", seed=1).name.startswith("png-")


def test_wrong_values_are_all_named():
    with pytest.raises(errors.ConfigError) as caught:
        rules.Rules(size="pmg", duplicates="maybe", folds=2)
    text = str(caught.value)
    assert "Did you mean 'png'" in text
    assert "'maybe'" in text
    assert "folds is 2" in text
    with pytest.raises(errors.ConfigError, match="Did you mean 'folds'"):
        configs.HpaConfig(fold=3)


def test_stains_are_stacked_as_they_are():
    planes = [RNG.integers(0, 256, (5, 7), dtype=np.uint8) for _ in range(4)]
    found = pixels.Stack(512).stack(planes)
    np.testing.assert_array_equal(np.moveaxis(found, -1, 0), planes)


def test_a_coloured_picture_of_a_stain_gives_its_brightness():
    plane = RNG.integers(0, 256, (5, 7), dtype=np.uint8)
    yellow = np.stack([plane, plane, np.zeros_like(plane)], axis=-1)
    np.testing.assert_array_equal(pixels.one_stain(yellow), plane)


def test_larger_images_are_averaged():
    planes = [np.kron(np.arange(4).reshape(2, 2), np.ones((3, 3))).astype(np.uint8)] * 4
    np.testing.assert_array_equal(pixels.Stack(2).stack(planes)[..., 3], [[0, 1], [2, 3]])


@pytest.mark.parametrize(
    ("planes", "reason"),
    [
        ([np.zeros((4, 4), np.uint8)] * 3, "missing channel"),
        ([np.zeros((4, 4), np.uint8)] * 3 + [np.zeros((4, 5), np.uint8)], "sizes differ"),
        ([np.zeros((4, 4), np.uint16)] * 4, "not 8 bits"),
    ],
)
def test_stains_that_do_not_fit_are_refused(planes, reason):
    with pytest.raises(errors.ImageError) as caught:
        pixels.Stack().stack(planes)
    assert caught.value.reason == reason


def test_the_dataset_folder_is_complete(tmp_path):
    cls = tfds.builder_cls("hpa_classification")
    metadata = cls.get_metadata()
    assert "hpa:<id>" in metadata.description
    assert "hua2021cytoimagenet" in metadata.citation
    assert set(metadata.tags) <= set(dataset_metadata.valid_tags())
    assert str(cls.VERSION) in cls.RELEASE_NOTES
    assert "hpa_v18/HPAv18RBGY_wodpl.csv" in cls.MANUAL_DOWNLOAD_INSTRUCTIONS
    # The command of TFDS builds every listed config when none is named.
    assert [config.name for config in cls.BUILDER_CONFIGS] == ["png"]
    for name in configs.ALL:
        builder = tfds.builder(f"hpa_classification/{name}", data_dir=tmp_path)
        assert builder.builder_config is configs.ALL[name]
    assert tfds.builder("hpa_classification", data_dir=tmp_path).builder_config.name == "png"
