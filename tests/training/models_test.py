from __future__ import annotations

import sys

import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format
from keras.src.utils import file_utils

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import models, objective, weights


@pytest.fixture(scope="module")
def recipe(tiny):
    return tiny(model="EfficientNetB0")


@pytest.fixture(scope="module")
def network(recipe):
    """EfficientNetB0 for grey images that has seen some, so that outputs differ and stay small."""
    found = models.build(recipe, 1, 5)
    images = np.random.default_rng(0).integers(0, 256, (16, 32, 32, 1), dtype=np.uint8)
    images[:8] //= 3
    for layer in found.model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.set_weights(
                [np.array([0.5, 0.4, 0.3]), np.array([0.23, 0.22, 0.21]), np.array(0)]
            )
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    weights.refresh(found.model)
    found.model(images, training=True)
    return found


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (3, 32, 32, 1), dtype=np.uint8)


def _outputs(model, images):
    return np.asarray(model(images, training=False))


def test_exported_weights_load_in_plain_keras(network, recipe, images, tmp_path):
    full, notop = weights.export(network, recipe, tmp_path)
    assert [path.name for path in (full, notop)] == [
        "efficientnetb0.weights.h5", "efficientnetb0-notop.weights.h5",
    ]  # fmt: skip
    plain = keras.applications.EfficientNetB0(weights=str(full), classes=5, input_shape=(32, 32, 3))
    three = np.repeat(images, 3, axis=-1).astype("float32")
    expected = _outputs(network.model, images)
    assert np.ptp(expected, axis=0).max() > 1e-4
    np.testing.assert_allclose(_outputs(plain, three), expected, atol=1e-5)
    base = keras.applications.EfficientNetB0(
        weights=str(notop), include_top=False, pooling="avg", input_shape=(32, 32, 3)
    )
    features = _outputs(network.backbone, images)
    assert features.shape == (3, 1280)
    np.testing.assert_allclose(_outputs(base, three), features, rtol=1e-3, atol=1e-4)


def _legacy(model, path):
    """Writes weights as Keras 2 did, the form of `efficientnetb0_weights-notop.h5`."""
    import h5py

    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)


def test_the_published_form_of_weights_loads(network, recipe, images, tiny, tmp_path):
    path = tmp_path / "efficientnetb0_weights-notop.h5"
    _legacy(network.backbone, path)
    other = models.build(tiny(model="EfficientNetB0", weights=str(path), seed=1), 1, 7)
    weights.start(other, tiny(model="EfficientNetB0", weights=str(path)))
    expected = _outputs(network.backbone, images)
    np.testing.assert_allclose(_outputs(other.backbone, images), expected, rtol=1e-4, atol=1e-5)


def test_imagenet_weights_keep_their_features(network, tiny, images, tmp_path, monkeypatch):
    path = tmp_path / "efficientnetb0_notop.h5"
    _legacy(network.backbone, path)
    monkeypatch.setattr(file_utils, "get_file", lambda *args, **kwargs: str(path))
    donor = keras.applications.EfficientNetB0(
        weights="imagenet", include_top=False, pooling="avg", input_shape=(32, 32, 3)
    )
    mine = models.build(tiny(model="EfficientNetB0", seed=2), 1, 7)
    weights.start(mine, tiny(model="EfficientNetB0", weights="imagenet"))
    three = np.repeat(images, 3, axis=-1).astype("float32")
    expected = _outputs(_stem(donor), three)
    assert not np.allclose(expected, _outputs(_stem(network.backbone), images), rtol=1e-2)
    np.testing.assert_allclose(_outputs(_stem(mine.backbone), images), expected, atol=1e-4)
    others = zip(donor.get_weights()[3:], mine.backbone.get_weights()[3:], strict=True)
    assert all(np.array_equal(theirs, ours) for theirs, ours in others)


def _stem(model):
    return keras.Model(model.inputs[0], model.get_layer("stem_activation").output)


def test_no_network_for_imagenet_weights(network, tiny, monkeypatch):
    def refuse(*args, **kwargs):
        raise Exception("URL fetch failure on https://storage.example: no route")

    monkeypatch.setattr(file_utils, "get_file", refuse)
    with pytest.raises(errors.ConfigError, match=r"(?s)cannot be had: URL fetch.*~/.keras/models"):
        weights.start(network, tiny(model="EfficientNetB0", weights="imagenet"))


def test_files_of_other_networks_are_refused(network, tiny, tmp_path):
    missing = tiny(model="EfficientNetB0", weights=str(tmp_path / "none.h5"))
    with pytest.raises(errors.ConfigError, match="there is no such file"):
        weights.start(network, missing)
    small = models.build(tiny(), 1, 3)
    path = tmp_path / "small.h5"
    _legacy(small.backbone, path)
    with pytest.raises(errors.ConfigError, match="does not hold weights of EfficientNetB0"):
        weights.start(network, tiny(model="EfficientNetB0", weights=str(path)))
    with pytest.raises(errors.ConfigError, match="no model 'small'"):
        weights.start(small, tiny(weights="imagenet"))


def test_an_unknown_model_names_the_known_ones(tiny):
    with pytest.raises(errors.ConfigError, match=r"Did you mean 'EfficientNetB0'.*module:function"):
        models.build(tiny(model="EfficientNet0"), 1, 3)


@pytest.mark.parametrize(
    ("name", "swapped"), [("ResNet50", True), ("DenseNet121", False), ("MobileNetV2", False)]
)
def test_images_are_prepared_as_the_application_wants(name, swapped):
    make = models.application(name)
    inputs = keras.Input((2, 2, 3), dtype="uint8")
    model = keras.Model(inputs, models.prepare(make, inputs))
    image = np.random.default_rng(0).integers(0, 256, (1, 2, 2, 3), dtype=np.uint8)
    module = sys.modules[make.__module__]
    expected = module.preprocess_input(image.astype("float32"))
    np.testing.assert_allclose(_outputs(model, image), expected, atol=1e-4)
    turned = any(type(layer).__name__ == "GetItem" for layer in model.operations)
    assert turned == swapped


def own_network(shape, classes, recipe):
    inputs = keras.Input(shape, dtype="uint8")
    backbone = keras.Model(inputs, keras.layers.Flatten()(keras.layers.Rescaling(0.01)(inputs)))
    return models.Network(models.head(backbone, classes, recipe), backbone)


def test_a_model_of_your_own(tiny, monkeypatch):
    monkeypatch.setattr(models.hooks, "resolve", lambda name: own_network)
    found = models.build(tiny(model="mine:own_network"), 1, 4)
    assert found.model.output.shape == (None, 4)
    assert found.backbone.output.shape == (None, 1024)


def test_weights_come_from_the_seed(tiny):
    first, again, other = (models.build(tiny(seed=seed), 1, 3).model for seed in (0, 0, 1))
    same = [
        np.array_equal(a, b) for a, b in zip(first.get_weights(), again.get_weights(), strict=True)
    ]
    assert all(same)
    assert not np.array_equal(first.get_weights()[0], other.get_weights()[0])


def test_the_top_stays_in_full_precision(tiny):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = models.build(tiny(), 1, 3)
    finally:
        keras.config.set_dtype_policy("float32")
    assert network.backbone.output.dtype == "bfloat16"
    assert network.model.output.dtype == "float32"


def test_schedule_rises_and_falls():
    schedule = objective.Schedule(rate=1.0, warmup=4, steps=14)
    rates = [float(schedule(step)) for step in range(15)]
    assert rates[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert rates[9] == pytest.approx(0.5)
    assert rates[14] == pytest.approx(0.0, abs=1e-7)
    constant = objective.Schedule(rate=0.5, warmup=0, steps=0)
    assert [float(constant(step)) for step in (0, 99)] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, ["accuracy", "top_3_accuracy"]),
        ({"top_k": 9}, ["accuracy", "top_4_accuracy"]),
        ({"task": "multilabel"}, ["accuracy", "macro_f1", "micro_f1"]),
    ],
)
def test_metrics_name_the_columns_of_the_history(tiny, values, names):
    assert [metric.name for metric in objective.metrics(tiny(**values), 4)] == names


def test_weight_decay_spares_scales_and_offsets(tiny):
    model = models.build(tiny(), 1, 3).model
    objective.compile_model(model, tiny(optimizer="adamw", weight_decay=0.1), steps=5)
    decayed = {v.name for v in model.trainable_variables if model.optimizer._use_weight_decay(v)}
    assert decayed == {"kernel"}
