"""After a kill -9 a training goes on as if nothing had happened, without `deterministic`."""

from __future__ import annotations

import dataclasses

import pytest
import training_process

from cytoimagenet_tfds.training import recipes
from cytoimagenet_tfds.training.recipe import from_dict

SMALLER = {"model": "small", "image_size": 32, "batch": 48, "epochs": 4, "distances": 0}
CASES = {
    "paper": {},
    # All that a checkpoint has to carry: the scale of the loss, warm-up, decay, the best epoch.
    "modern": {"warmup": 1.5, "patience": 2, "keep_best": True, "learning_rate": 0.02},
}


def _recipe(name):
    recipe = dataclasses.replace(recipes.get(name), **SMALLER, **CASES[name])
    assert not recipe.deterministic
    assert from_dict(recipe.to_dict()) == recipe
    return recipe


@pytest.mark.parametrize("name", CASES)
def test_a_killed_training_ends_as_the_unbroken_one(name, sample, tmp_path):
    recipe, root = _recipe(name), sample.data_dir_root
    training_process.killed(recipe, root, tmp_path / "killed")
    # In a new process: another test may have made the operations of this one deterministic.
    folders = (tmp_path / "killed", tmp_path / "unbroken")
    resumed, unbroken = training_process.trained(recipe, root, *folders)
    assert resumed == unbroken
    assert unbroken["steps"] == 6 * len(unbroken["rows"])
    for file in ("history.csv", "history.json", "predictions.parquet"):
        found, expected = ((tmp_path / run / file).read_bytes() for run in ("killed", "unbroken"))
        assert found == expected
    kept = [sorted(p.name for p in (tmp_path / run / "checkpoints").iterdir())
            for run in ("killed", "unbroken")]  # fmt: skip
    assert kept[0] == kept[1]
