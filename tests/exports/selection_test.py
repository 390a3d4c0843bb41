"""Which examples are exported."""

from __future__ import annotations

import collections

import card_data
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.exports import selection


@pytest.fixture
def dataset():
    """Twenty images of two classes in two splits."""
    made = card_data.dataset(["actin", "nucleus"], (9, 1))
    per_split = {"train": 9, "validation": 1}
    made.examples = lambda split: (
        card_data.example(label, n, split, side=4)
        for label in made.classes for n in range(per_split[split])
    )  # fmt: skip
    for split in made.splits:
        assert len(list(made.examples(split))) == made.splits[split]
    return made


def _chosen(dataset, **values):
    chosen = selection.Selection(**values)
    chosen.check(dataset)
    found = [(split, one.values["label"]) for split, one in chosen.examples(dataset)]
    return collections.Counter(found)


def test_everything(dataset):
    assert sum(_chosen(dataset).values()) == 20


def test_classes_and_split(dataset):
    assert _chosen(dataset, labels=("actin",), split="train") == {("train", "actin"): 9}


def test_number_is_per_class_and_seeded(dataset):
    def keys(seed):
        chosen = selection.Selection(number=3, split="train", seed=seed)
        return [one.values["key"] for _, one in chosen.examples(dataset)]

    assert len(keys(0)) == 6
    assert keys(0) == keys(0) != keys(1)
    assert _chosen(dataset, number=3, split="train") == {
        ("train", "actin"): 3, ("train", "nucleus"): 3,
    }  # fmt: skip


def test_everything_wrong_is_said_at_once(dataset):
    dataset.stores_png = False
    wrong = selection.Selection(labels=("nucleu",), split="test", number=-1)
    with pytest.raises(errors.ConfigError) as caught:
        wrong.check(dataset)
    text = str(caught.value)
    for part in ("'nucleu'. Did you mean 'nucleus'", "no split 'test'", "-1", "channels apart"):
        assert part in text


def test_classes_of_a_dataset_without(dataset):
    dataset.classes = ()
    with pytest.raises(errors.ConfigError, match="no classes to choose from"):
        selection.Selection(labels=("actin",)).check(dataset)
