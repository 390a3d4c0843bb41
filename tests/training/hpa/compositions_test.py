from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from cytoimagenet_tfds.training import hooks
from cytoimagenet_tfds.training.hpa import compositions

# One pixel: red, green, blue, yellow.
PIXEL = np.array([[[[100, 60, 20, 40]]]], dtype=np.uint8)
EXPECTED = {
    "grey_green": [60, 120, 60],
    "damped": [50, 60, 10],
    "double_green": [100, 120, 20],
    "rgb": [100, 60, 20],
    "rgby": [100, 60, 20, 40],
}


@pytest.mark.parametrize("name", compositions.COMPOSITIONS)
def test_a_recipe_finds_each_composition_by_name(name):
    function = hooks.resolve(f"cytoimagenet_tfds.training.hpa.compositions:{name}")
    assert function(PIXEL).tolist() == [[[EXPECTED[name]]]]


@pytest.mark.parametrize("name", compositions.COMPOSITIONS)
def test_numpy_and_tensorflow_agree(name):
    images = np.random.default_rng(0).integers(0, 256, (2, 9, 7, 4), dtype=np.uint8)
    function = getattr(compositions, name)
    found = function(tf.constant(images))
    assert found.dtype == tf.uint8
    np.testing.assert_array_equal(found.numpy(), function(images))


def test_too_bright_is_white_not_dark():
    bright = np.full((1, 1, 1, 4), 200, dtype=np.uint8)
    assert compositions.double_green(bright).tolist() == [[[[200, 255, 200]]]]
    assert compositions.mixed(bright, compositions.SHOWN).tolist() == [[[[255, 255, 200]]]]
