from __future__ import annotations

import keras
import numpy as np
import pytest

from cytoimagenet_tfds.training import losses

RNG = np.random.default_rng(0)
TRUE = (RNG.random((6, 3)) < 0.4).astype(np.float32)
FOUND = RNG.random((6, 3)).astype(np.float32)


def test_weights_of_one_are_binary_cross_entropy():
    for smoothing in (0.0, 0.2):
        own = losses.WeightedBinaryCrossentropy([1, 1, 1], smoothing)
        keras_own = keras.losses.BinaryCrossentropy(label_smoothing=smoothing)
        assert float(own(TRUE, FOUND)) == pytest.approx(float(keras_own(TRUE, FOUND)), rel=1e-5)


def test_a_weight_counts_where_the_class_is():
    loss = losses.WeightedBinaryCrossentropy([3, 1])
    found = np.array([[0.5, 0.5]], dtype=np.float32)
    there = float(loss(np.array([[1.0, 0.0]]), found))
    assert there == pytest.approx((3 + 1) * np.log(2) / 2, rel=1e-5)
    assert float(loss(np.array([[0.0, 1.0]]), found)) == pytest.approx(np.log(2), rel=1e-5)


def test_the_loss_survives_saving():
    loss = losses.WeightedBinaryCrossentropy([3, 1], 0.1)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert (again.weights, again.label_smoothing) == ((3.0, 1.0), 0.1)


def test_weights_are_images_without_over_images_with_and_bounded():
    assert losses.class_weights([50, 20, 1, 0, 90], 100) == [1.0, 4.0, 10.0, 1.0, 1.0]
