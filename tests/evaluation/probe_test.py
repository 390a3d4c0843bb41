from __future__ import annotations

import builtins

import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import probe, scores


@pytest.fixture
def classes():
    """Two classes apart in one feature whose scale is far below that of the noise beside it."""
    rng = np.random.Generator(np.random.PCG64(2))
    labels = np.repeat(["a", "b"], 60)
    features = rng.normal(size=(120, 3)) * [1e-4, 1e4, 1]
    features[:, 0] += np.where(labels == "b", 5e-4, 0)
    return features, labels


def test_separates_what_is_separable(classes):
    features, labels = classes
    predicted = probe.linear_probe(features[::2], labels[::2], features[1::2])
    assert scores.accuracy(labels[1::2], predicted) > 0.95


def test_balanced_classes_help_the_rare_one(classes):
    features, labels = classes
    features = features * [1, 1, 1] + np.where(labels == "b", -3.5e-4, 0)[:, None] * [1, 0, 0]
    rare = np.r_[0:60, 60:66]
    recall = [
        scores.recalls(labels, probe.linear_probe(features[rare], labels[rare], features,
                                                  balanced=balanced))["b"]
        for balanced in (False, True)
    ]  # fmt: skip
    assert recall[1] > recall[0]


def test_one_class_is_an_error():
    with pytest.raises(errors.ConfigError, match="two classes at least"):
        probe.linear_probe([[1.0], [2.0]], ["a", "a"], [[1.0]])


def test_a_missing_package_is_named(classes, monkeypatch):
    original = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("sklearn"):
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    features, labels = classes
    with pytest.raises(errors.ConfigError, match=r"pip install 'cytoimagenet-tfds\[eval\]'"):
        probe.linear_probe(features, labels, features)
