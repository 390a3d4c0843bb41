"""Features by the network that a training left in the folder of its run."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import extractors
from cytoimagenet_tfds.training import folder, models, recipes, weights

RECIPE = recipes.get("smoke").changed({"image_size": "16", "epochs": "1"})


def write(root, recipe=RECIPE, *, done=True):
    """Writes what a training leaves of a network for grey images; returns the network."""
    network = models.build(recipe, 1, 3)
    root.mkdir()
    (root / "run.json").write_text(json.dumps({"recipe": recipe.to_dict()}))
    if done:
        weights.export(network, recipe, folder.Folder(root).weights)
    return network


def test_features_are_those_of_the_trained_backbone(tmp_path):
    network = write(tmp_path / "mine")
    rng = np.random.Generator(np.random.PCG64(0))
    grey = rng.integers(0, 256, (2, 16, 16, 1), dtype=np.uint8)
    extractor = extractors.named(str(tmp_path / "mine"), seed=1, batch=2)
    found = extractor.function(np.repeat(grey, 3, axis=-1).astype(np.float32))
    np.testing.assert_allclose(found, network.backbone(grey, training=False), rtol=1e-4, atol=1e-5)
    assert found.std() > 0
    assert extractor.name == "mine"
    assert len(extractor.identity) == 16


def test_images_of_another_size_are_refused_with_the_size_of_the_training(tmp_path):
    write(tmp_path / "mine")
    extractor = extractors.named(str(tmp_path / "mine"), batch=1)
    with pytest.raises(errors.ConfigError, match="for instance --size 16"):
        extractor.function(np.zeros((1, 20, 20, 3), np.float32))


def test_a_run_that_cannot_make_features_says_why(tmp_path):
    write(tmp_path / "stopped", done=False)
    with pytest.raises(errors.ConfigError, match="the training is not finished"):
        extractors.named(str(tmp_path / "stopped"))
    composed = RECIPE.changed({"compose": "cytoimagenet_tfds.training.hpa.compositions:rgby"})
    (tmp_path / "stopped" / "run.json").write_text(json.dumps({"recipe": composed.to_dict()}))
    with pytest.raises(errors.ConfigError, match="three equal channels"):
        extractors.named(str(tmp_path / "stopped"))
    (tmp_path / "stopped" / "run.json").write_text("{}")
    with pytest.raises(errors.ConfigError, match="no run of this version"):
        extractors.named(str(tmp_path / "stopped"))


def test_a_folder_that_is_no_run_is_unknown(tmp_path):
    with pytest.raises(errors.ConfigError, match="the folder of a training"):
        extractors.named(str(tmp_path))


def test_weights_of_another_network_are_one_short_message(tmp_path):
    write(tmp_path / "mine")
    path = tmp_path / "mine" / "weights" / "small-notop.weights.h5"
    with pytest.raises(errors.ConfigError, match="of MobileNet without top") as caught:
        extractors.named(str(path), model="MobileNet")
    assert len(str(caught.value)) < 400
