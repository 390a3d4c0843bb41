from __future__ import annotations

import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets.core import dataset_metadata

from cytoimagenet_tfds import curation, errors, sources
from cytoimagenet_tfds.builders.cytoimagenet import configs, sample_images

BUILDERS = ("cytoimagenet", *sources.databases())


def test_the_bare_name_means_full(tmp_path):
    assert tfds.builder("cytoimagenet", data_dir=tmp_path).builder_config is configs.FULL
    assert [c.name for c in tfds.builder_cls("cytoimagenet").BUILDER_CONFIGS] == ["full"]


def test_other_configs_are_found_by_name(tmp_path):
    builder = tfds.builder("cytoimagenet/sample", data_dir=tmp_path)
    assert builder.builder_config.curation == sample_images.curation()
    assert configs.FULL.curation == curation.CurationConfig()


def test_values_make_a_config_named_after_them():
    from_json = configs.CytoImageNetConfig(**{"sources": ["bbbc006"], "min_images": 2})
    rules = curation.CurationConfig(sources=("bbbc006",), min_images=2)
    assert from_json.curation == rules
    assert from_json.name == rules.name == configs.CytoImageNetConfig(curation=rules).name


def test_configs_of_other_values_never_share_a_folder(tmp_path):
    values = [{}, {"seed": 1}, {"min_images": 5}, {"cap": 500}, {"sources": ["bbbc006"]}]
    names = [configs.CytoImageNetConfig(**value).name for value in values[1:]]
    names += [configs.CytoImageNetConfig(name="mine", **value).name for value in values[1:]]
    names += [configs.CytoImageNetConfig(name="full", seed=1).name, "full", "sample"]
    assert len(set(names)) == len(names)
    config = configs.CytoImageNetConfig(seed=1)
    path = tfds.builder("cytoimagenet", config=config, data_dir=tmp_path).data_path
    assert path == tmp_path / "cytoimagenet" / config.name / "1.0.0"


def test_wrong_values_are_all_named():
    with pytest.raises(errors.ConfigError, match=r"'min_imags'.*Did you mean 'min_images'"):
        configs.CytoImageNetConfig(min_imags=3)
    with pytest.raises(errors.ConfigError, match="one by one, not both: seed"):
        configs.CytoImageNetConfig(curation=curation.CurationConfig(), seed=1)


@pytest.mark.parametrize("database", sources.databases())
def test_every_source_is_a_config_of_its_database(database):
    cls = tfds.builder_cls(database)
    assert tuple(config.name for config in cls.BUILDER_CONFIGS) == sources.names(database)
    for name in sources.names(database):
        assert sources.get(name).homepage in cls.MANUAL_DOWNLOAD_INSTRUCTIONS


@pytest.mark.parametrize("name", BUILDERS)
def test_dataset_folders_are_complete(name):
    cls = tfds.builder_cls(name)
    metadata = cls.get_metadata()
    assert len(metadata.description) > 300
    assert "hua2021cytoimagenet" in metadata.citation
    assert metadata.tags
    assert set(metadata.tags) <= set(dataset_metadata.valid_tags())
    assert str(cls.VERSION) in cls.RELEASE_NOTES
    assert "manual_dir" in cls.MANUAL_DOWNLOAD_INSTRUCTIONS
