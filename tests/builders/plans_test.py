"""A build leaves its plan beside the shards, and takes one that was made or edited before."""

from __future__ import annotations

import bbbc006_folder
import pytest
import tensorflow_datasets as tfds

from cytoimagenet_tfds import curation, errors
from cytoimagenet_tfds.build import verify
from cytoimagenet_tfds.builders.cytoimagenet.configs import CytoImageNetConfig

RULES = {"sources": ["bbbc006"], "min_images": 2, "target": 16, "cap": 16}


@pytest.fixture(scope="module")
def manual_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("manual")
    bbbc006_folder.make(root, range(20))
    return root


@pytest.fixture(scope="module")
def by_rules(prepare, manual_dir, tmp_path_factory):
    return prepare(
        "cytoimagenet", tmp_path_factory.mktemp("rules"), config=CytoImageNetConfig(**RULES),
        manual_dir=manual_dir,
    )  # fmt: skip


def test_the_plan_lies_beside_the_shards(by_rules):
    file = curation.read_plan_file(by_rules.data_path / "plan.parquet")
    assert file.config == by_rules.builder_config.curation
    assert not file.edited
    facts = by_rules.info.metadata
    assert facts["plan_hash"] == curation.plan_file.digest(file.table)
    assert facts["curation_summary"]["images"] == len(file.table)


def test_a_plan_file_builds_the_same_dataset(by_rules, prepare, examples, manual_dir, tmp_path):
    config = CytoImageNetConfig(plan=by_rules.data_path / "plan.parquet")
    builder = prepare("cytoimagenet", tmp_path, config=config, manual_dir=manual_dir)
    assert config.name == f"plan-{by_rules.info.metadata['plan_hash']}"
    for split in ("train", "validation"):
        keys = [example["key"] for example in examples(builder, split)]
        assert keys == [example["key"] for example in examples(by_rules, split)]
    assert verify.verify(builder).problems == {}


def test_an_edited_plan_is_another_dataset(by_rules, prepare, manual_dir, tmp_path):
    file = curation.read_plan_file(by_rules.data_path / "plan.parquet")
    kept = file.table.drop(index=file.table.index[:1]).reset_index(drop=True)
    curation.write_plan(tmp_path / "edited.parquet", kept, file.config)
    config = CytoImageNetConfig(plan=tmp_path / "edited.parquet")
    assert config.name != f"plan-{by_rules.info.metadata['plan_hash']}"
    builder = prepare("cytoimagenet", tmp_path, config=config, manual_dir=manual_dir)
    built = set(curation.read_plan(builder.data_path / "plan.parquet")["key"])
    assert built == set(kept["key"])


def test_a_plan_without_its_sources_stops_before_any_work(by_rules, prepare, tmp_path):
    config = CytoImageNetConfig(plan=by_rules.data_path / "plan.parquet")
    with pytest.raises(errors.MissingSourcesError, match="0 there, 1 missing"):
        prepare("cytoimagenet", tmp_path, config=config, manual_dir=tmp_path / "nowhere")


def test_a_plan_and_rules_exclude_each_other(by_rules):
    with pytest.raises(errors.ConfigError, match="not both"):
        CytoImageNetConfig(plan=by_rules.data_path / "plan.parquet", min_images=3)


def test_the_split_of_the_paper_draws_each_image_by_itself(prepare, manual_dir, tmp_path):
    config = CytoImageNetConfig(**RULES, split="paper", validation_fraction=0.25)
    builder = prepare("cytoimagenet", tmp_path, config=config, manual_dir=manual_dir)
    sizes = {name: split.num_examples for name, split in builder.info.splits.items()}
    total = sum(sizes.values())
    classes = builder.info.features["label"].num_classes
    assert abs(sizes["validation"] - 0.25 * total) <= classes  # rounded within each class
    assert verify.verify(builder).problems == {}


def test_toy_sets_are_offered_by_name_and_never_built_unasked():
    cls = tfds.builder_cls("cytoimagenet")
    assert [config.name for config in cls.BUILDER_CONFIGS] == ["full"]
    toy = cls.builder_configs["toy_20"].curation
    assert len(toy.labels) == 20
    assert {"actin", "s35651", "yeast"} <= set(toy.labels)
    assert len(cls.builder_configs["toy_50"].curation.labels) == 50
