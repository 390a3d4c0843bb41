from __future__ import annotations

import types

import pytest
import tensorflow_datasets as tfds

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import counting, data


def _builder(splits, **features):
    made = {name: types.SimpleNamespace(num_examples=count) for name, count in splits.items()}
    info = types.SimpleNamespace(full_name="some/1.0.0", splits=made, features=features)
    return types.SimpleNamespace(info=info)


IMAGE = {"image": tfds.features.Image(shape=(None, None, 1)), "key": tfds.features.Text()}


def test_what_is_missing_is_named_at_once(tiny):
    builder = _builder({"train": 3, "validation": 0}, image=None)
    with pytest.raises(errors.ConfigError) as caught:
        data.open_dataset(tiny(), builder)
    text = str(caught.value)
    assert "some/1.0.0 cannot be trained on" in text
    assert "split 'validation' is missing or empty; there are train (3), validation (0)" in text
    assert "no feature 'key'" in text
    assert "no feature 'label'" in text


def test_one_class_is_not_enough(tiny):
    label = tfds.features.ClassLabel(names=["only"])
    builder = _builder({"train": 3, "validation": 1}, **IMAGE, label=label)
    with pytest.raises(errors.ConfigError, match=r"The classes are 'only'; expected two or more"):
        data.open_dataset(tiny(), builder)


def test_unknown_labels_are_named(tiny, sample):
    with pytest.raises(errors.ConfigError) as caught:
        data.open_dataset(tiny(labels=("nucleus", "tripods", *map(str, range(12)))), sample)
    assert "'tripods'. Did you mean 'tripos'" in str(caught.value)
    assert "3 more labels" in str(caught.value)
    assert str(caught.value).count("actinoptychus") == 1


def test_task_and_target_must_fit(tiny, sample):
    with pytest.raises(errors.ConfigError, match="holds several classes; use --set task=multi"):
        data.open_dataset(tiny(target="labels"), sample)
    with pytest.raises(errors.ConfigError, match="holds one class; use --set target=labels"):
        data.open_dataset(tiny(task="multilabel"), sample)


def test_numbers_in_a_list_are_classes_too(tiny):
    several = tfds.features.Sequence(tfds.features.ClassLabel(names=["a", "b", "c"]))
    builder = _builder({"train": 3, "validation": 1}, **IMAGE, labels=several)
    recipe = tiny(task="multilabel", target="labels", labels=("a", "c"))
    dataset = data.open_dataset(recipe, builder)
    assert (dataset.classes, dataset.values) == (("a", "c"), (0, 2))
    assert dataset.several
    assert dataset.chosen


def test_a_dataset_that_is_not_there(tmp_path):
    with pytest.raises(errors.ConfigError, match="tfds build cytoimagenet/sample --imports"):
        data.open_builder("cytoimagenet/sample", str(tmp_path))
    with pytest.raises(errors.ConfigError, match="no prepared dataset 'no_such'"):
        data.open_builder("no_such", str(tmp_path))


def test_counts_are_those_of_the_build(sample_data, sample):
    counts = counting.count(sample_data)
    splits = sample.info.splits
    assert counts.examples == {name: splits[name].num_examples for name in ("train", "validation")}
    for split, count in counts.examples.items():
        assert counts.classes[split].sum() == count
    assert counts.licences["images"].sum() == sum(counts.examples.values())
    table = counts.classes.set_index("label")
    assert table.loc["tripos", "category"] == "organism"
    assert table.loc["nucleus", "category"] == "cell_visible"
    assert len(sample_data.plan_hash) == 16


def test_classes_without_images_are_found(sample_data):
    counts = counting.count(sample_data)
    counts.classes["train"] = [3, *[0] * (len(counts.classes) - 1)]
    counts.examples["validation"] = 0
    with pytest.raises(errors.ConfigError) as caught:
        counts.check("some/1.0.0")
    assert "No image of the split 'validation'" in str(caught.value)
    assert "Fewer than two classes have training images" in str(caught.value)


def test_first_labels(sample_data):
    table = counting.first_labels(sample_data, "validation")
    counts = counting.count(sample_data).classes.set_index("label")["validation"]
    assert table["label"].value_counts().to_dict() == counts.to_dict()
    assert table["key"].is_unique
