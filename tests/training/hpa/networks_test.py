from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import models, recipes, weights
from cytoimagenet_tfds.training.hpa import networks

PAPER, BEST = recipes.get("hpa_paper"), recipes.get("hpa_best")


def small(recipe, **values):
    return dataclasses.replace(recipe, image_size=64, weights="", precision="float32", **values)


@pytest.fixture(scope="module")
def paper():
    return models.build(small(PAPER), 4, 28)


@pytest.fixture(scope="module")
def best():
    return models.build(small(BEST), 4, 28)


def test_the_recipe_is_that_of_the_write_up():
    assert (PAPER.batch, PAPER.optimizer, PAPER.learning_rate, PAPER.schedule) == (
        4, "adam", 0.01, "constant",
    )  # fmt: skip
    assert PAPER.loss_name == "binary_crossentropy"
    assert (PAPER.image_size, PAPER.weights, PAPER.dropout) == (512, "imagenet", 0.5)


def test_the_published_head(paper):
    layers = [layer for layer in paper.model.layers if "preprocess" not in layer.name]
    kinds = [type(layer).__name__ for layer in layers]
    assert kinds == ["InputLayer", "Functional", "Conv2D", "Flatten", "Dropout", "Dense", "Dense"]
    assert layers[2].kernel.shape == (1, 1, 1024, 128)
    assert layers[3].output.shape == (None, 2 * 2 * 128)
    assert (layers[5].units, layers[5].activation.__name__) == (512, "relu")
    assert (layers[6].units, layers[6].activation.__name__) == (28, "sigmoid")
    assert paper.model.input.shape == (None, 64, 64, 3)


def test_the_best_recipe_sees_four_channels(best):
    assert best.model.input.shape == (None, 64, 64, 4)
    first = best.base.get_layer("conv1_conv")
    assert first.kernel.shape == (7, 7, 4, 64)
    images = np.zeros((1, 64, 64, 4), np.uint8)
    yellow = images.copy()
    yellow[..., 3] = 200
    before, after = (np.asarray(best.backbone(i)) for i in (images, yellow))
    assert (before != after).any()


def test_weights_of_three_channels_go_into_a_first_layer_of_four(best, paper):
    base = keras.Sequential([keras.Input((8, 8, 4)), keras.layers.Conv2D(5, 3)])
    donor = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(5, 3)])
    weights.copy(donor, base)
    image = np.random.default_rng(0).random((1, 8, 8, 1)).astype(np.float32)
    np.testing.assert_allclose(
        base(image.repeat(4, -1)), donor(image.repeat(3, -1)), rtol=1e-4, atol=1e-5
    )
    weights.copy(paper.base, best.base)
    kernels = [network.base.get_layer("conv1_conv").kernel.numpy() for network in (paper, best)]
    np.testing.assert_allclose(kernels[1][:, :, :3], kernels[0] * 0.75, rtol=1e-6)


def tiny(channels):
    inputs = keras.Input((8, 8, channels))
    return keras.Model(inputs, keras.layers.Conv2D(5, 3, name="first")(inputs))


def around_tiny():
    inputs, base = keras.Input((8, 8, 4)), tiny(4)
    hidden = keras.layers.Dense(7, name="hidden")(keras.layers.Flatten()(base(inputs)))
    backbone = keras.Model(inputs, hidden)
    return models.Network(backbone, backbone, "Tiny", base)


def test_a_file_of_the_application_or_of_the_whole_network(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "application", lambda name: lambda **options: tiny(3))
    donor, other, network = tiny(3), around_tiny(), around_tiny()
    plain, whole, strange = (tmp_path / f"{n}.weights.h5" for n in ("plain", "whole", "strange"))
    donor.save_weights(plain)
    other.backbone.save_weights(whole)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save_weights(strange)
    weights.start(network, dataclasses.replace(BEST, weights=str(plain)))
    found, own = (model.get_layer("first").kernel.numpy() for model in (network.base, donor))
    np.testing.assert_allclose(found[:, :, :3], own * 0.75, rtol=1e-6)
    weights.start(network, dataclasses.replace(BEST, weights=str(whole)))
    for loaded, saved in zip(network.backbone.weights, other.backbone.weights, strict=True):
        np.testing.assert_array_equal(loaded.numpy(), saved.numpy())
    with pytest.raises(errors.ConfigError, match="does not hold weights"):
        weights.start(network, dataclasses.replace(BEST, weights=str(strange)))


def test_without_a_network_the_message_says_what_to_do(best, monkeypatch):
    def fails(**options):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(models, "application", lambda name: fails)
    with pytest.raises(errors.ConfigError, match="weights of DenseNet121 cannot be had") as caught:
        weights.start(best, BEST)
    assert "--set weights=PATH" in str(caught.value)


def test_plain_convolutions():
    recipe = small(PAPER)
    network = networks.all_cnn((64, 64, 3), 28, recipe)
    assert network.model.output.shape == (None, 28)
    kinds = {type(layer).__name__ for layer in network.backbone.layers}
    assert kinds == {"InputLayer", "Rescaling", "Conv2D", "GlobalAveragePooling2D"}


@pytest.mark.parametrize("name", ["densenet201", "inception_resnet_v2"])
def test_the_other_rows_of_the_table_name_an_application(name, monkeypatch):
    made = []

    def flat(application, shape, classes, recipe):
        made.append(models.application(application).__name__)

    monkeypatch.setattr(networks, "_flat", flat)
    getattr(networks, name)((64, 64, 3), 28, PAPER)
    assert made == [{"densenet201": "DenseNet201"}.get(name, "InceptionResNetV2")]
