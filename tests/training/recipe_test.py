from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import recipe as module
from cytoimagenet_tfds.training import recipes
from cytoimagenet_tfds.training.recipe import Augmentation, Recipe


def test_the_published_settings_stand_in_the_recipe_of_the_paper():
    paper = recipes.get("paper")
    assert (paper.model, paper.weights, paper.pooling) == ("EfficientNetB0", "", "avg")
    assert (paper.batch, paper.epochs, paper.learning_rate) == (64, 24, 0.001)
    assert (paper.optimizer, paper.schedule, paper.label_smoothing) == ("adam", "constant", 0)
    assert (paper.image_size, paper.top_k, paper.patience) == (224, 7, 0)
    assert paper.loss_name == "categorical_crossentropy"
    assert paper.augmentation == Augmentation(rotation=360)
    imagenet = dataclasses.replace(paper, name="paper_imagenet", weights="imagenet")
    assert recipes.get("paper_imagenet") == imagenet


@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_is_called_as_its_file_and_shows_its_command(name):
    recipe = recipes.get(name)
    assert recipe.name == name
    assert f"cytoimagenet train {name} --data" in recipes.text(name)
    assert module.from_dict(recipe.to_dict()) == recipe


def test_an_unknown_recipe_names_the_known_ones():
    with pytest.raises(errors.ConfigError, match=r"Did you mean 'paper'.*modern, paper"):
        recipes.get("papre")


def test_values_are_set_from_text():
    changed = recipes.get("smoke").changed({
        "epochs": "3", "learning_rate": "1e-4", "deterministic": "false", "labels": "actin, rna",
        "model": "ResNet50", "augmentation.flips": "False", "augmentation.zoom": "1.5",
    })  # fmt: skip
    assert (changed.epochs, changed.learning_rate, changed.deterministic) == (3, 1e-4, False)
    assert changed.labels == ("actin", "rna")
    assert changed.model == "ResNet50"
    assert changed.augmentation == Augmentation(rotation=360, zoom=1.5)


def test_all_values_that_cannot_be_set_are_named_at_once():
    with pytest.raises(errors.ConfigError) as caught:
        recipes.get("smoke").changed({
            "epoch": "3", "batch": "many", "keep_best": "yes", "augmentation.spin": "3",
        })  # fmt: skip
    text = str(caught.value)
    assert "'epoch'. Did you mean 'epochs'" in text
    assert "batch=many: expected a number" in text
    assert "keep_best=yes: expected true or false" in text
    assert "'augmentation.spin'" in text


def test_values_out_of_range_are_named_at_once():
    with pytest.raises(errors.ConfigError) as caught:
        Recipe(name="x", batch=0, pooling="min", learning_rate=float("nan"), dropout=1.0,
               augmentation=Augmentation(rotation=400), loss="binary_crossentropy")  # fmt: skip
    lines = str(caught.value).splitlines()
    assert lines[0] == "The recipe 'x' is not valid:"
    assert [line.split()[1] for line in lines[1:]] == [
        "pooling", "batch", "dropout", "learning_rate", "augmentation.rotation", "loss",
    ]  # fmt: skip


@given(field=st.sampled_from(["epochs", "seed", "batch", "shuffle"]), value=st.integers(1, 99))
def test_the_digest_stands_for_the_values(field, value):
    base = Recipe(name="x")
    other = dataclasses.replace(base, **{field: value})
    assert (other.digest() == base.digest()) == (other == base)


def test_the_loss_follows_the_task():
    assert Recipe(name="x", task="multilabel").loss_name == "binary_crossentropy"
    focal = Recipe(name="x", task="multilabel", loss="binary_focal_crossentropy")
    assert focal.loss_name == "binary_focal_crossentropy"
