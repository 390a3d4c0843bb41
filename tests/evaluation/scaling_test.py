from __future__ import annotations

import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import scaling, sphering


def rng(seed=0):
    return np.random.Generator(np.random.PCG64(seed))


def test_scaler():
    train = np.array([[1.0, 5.0], [3.0, 5.0]])
    scaler = scaling.Scaler.fit(train)
    assert scaler.transform(train).tolist() == [[-1, 0], [1, 0]]
    assert scaler.transform([[2.0, 7.0]]).tolist() == [[0, 2]]


def test_scaler_leaves_a_constant_float32_feature_alone():
    train = np.full((1000, 1), 0.1, np.float32)
    scaled = scaling.Scaler.fit(train).transform(train)
    assert scaled.dtype == np.float32
    assert np.abs(scaled).max() < 1e-7


def test_scaler_of_other_features():
    with pytest.raises(errors.TableError, match="fitted on 2 features, not 3"):
        scaling.Scaler.fit([[1.0, 2.0]]).transform([[1.0, 2.0, 3.0]])


PLATE = ["p", "p", "p", "q", "q"]
CONTROL = [True, True, False, True, False]


def test_control_range_per_plate():
    features = [[0.0], [10.0], [25.0], [4.0], [9.0]]
    scaled = scaling.control_range(features, PLATE, CONTROL, low=0, high=100)
    # Plate q has one control, hence no spread: 0, also where the value differs from it.
    assert scaled[:, 0].tolist() == [0, 1, 2.5, 0, 0]


def test_control_range_takes_percentiles():
    features = np.arange(101.0)[:, None]
    scaled = scaling.control_range(features, ["p"] * 101, [True] * 101)
    assert scaled[[1, 50, 99], 0] == pytest.approx([0, 0.5, 1])


def test_control_zscore_per_plate():
    features = [[1.0], [3.0], [6.0], [4.0], [9.0]]
    assert scaling.control_zscore(features, PLATE, CONTROL)[:, 0].tolist() == [-1, 1, 4, 0, 0]


def test_control_zscore_robust():
    features = np.array([[0.0], [1.0], [2.0], [3.0], [1000.0]])
    scaled = scaling.control_zscore(features, ["p"] * 5, [True] * 5, robust=True)
    assert scaled[:3, 0] == pytest.approx(np.array([-2, -1, 0]) / 1.4826)


def test_equal_controls_have_no_spread_although_their_deviation_is_not_zero():
    features = np.array([[0.1]] * 7 + [[0.2]])
    assert features[:7].std() > 0
    scaled = scaling.control_zscore(features, ["p"] * 8, [True] * 7 + [False])
    assert scaled.tolist() == [[0.0]] * 8


@pytest.mark.parametrize("scale", [scaling.control_range, scaling.control_zscore])
def test_plates_without_controls_are_named(scale):
    with pytest.raises(errors.TableError, match="1 of 2 plates have no control: q"):
        scale(np.ones((5, 1)), PLATE, [True, True, False, False, False])


def test_sphering_makes_controls_round():
    mixing = rng(1).normal(size=(4, 4))
    controls = rng(2).normal(size=(500, 4)) @ mixing + 3
    sphere = sphering.Sphering.fit(controls, eps=1e-9)
    white = sphere.transform(controls)
    np.testing.assert_allclose(white.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.cov(white, rowvar=False), np.eye(4), atol=1e-6)


@pytest.mark.parametrize("count", [3, 50])
def test_sphering_is_the_inverse_root_of_the_covariance(count):
    """Also with fewer controls than features."""
    controls, features = rng(3).normal(size=(count, 6)), rng(4).normal(size=(9, 6))
    sphere = sphering.Sphering.fit(controls, eps=0.5)
    scaled = scaling.Scaler.fit(controls).transform(controls)
    variances, axes = np.linalg.eigh(np.cov(scaled, rowvar=False) + 0.5 * np.eye(6))
    root = (axes * variances**-0.5) @ axes.T
    expected = scaling.Scaler.fit(controls).transform(features) @ root
    np.testing.assert_allclose(sphere.transform(features), expected, atol=1e-9)


@pytest.mark.parametrize("eps", [0, -1, np.nan, np.inf])
def test_sphering_needs_eps(eps):
    with pytest.raises(errors.ConfigError, match="eps must be above 0"):
        sphering.Sphering.fit(np.ones((3, 2)), eps=eps)


def test_typical_variation_aligns_the_batches():
    control = np.arange(400) % 2 == 0
    batch = np.where(np.arange(400) < 200, "a", "b")
    features = rng(5).normal(size=(400, 3))
    features[batch == "b"] @= np.diag([1.0, 6.0, 0.2])

    def mismatch(values):
        spreads = [np.cov(values[control & (batch == b)], rowvar=False) for b in "ab"]
        return np.abs(spreads[0] - spreads[1]).max()

    sphered = sphering.Sphering.fit(features[control]).transform(features)
    aligned = sphering.typical_variation(features, batch, control)
    assert mismatch(aligned) < 0.7 * mismatch(sphered)


def test_typical_variation_of_one_batch_is_sphering():
    features, control = rng(6).normal(size=(60, 3)), np.arange(60) < 30
    aligned = sphering.typical_variation(features, ["a"] * 60, control)
    expected = sphering.Sphering.fit(features[control]).transform(features)
    np.testing.assert_allclose(aligned, expected, atol=1e-9)


def test_typical_variation_is_that_of_the_whole_covariances():
    """The formula of the docstring with full matrices, with fewer controls than features."""
    features, batch = rng(7).normal(size=(24, 9)), ["a", "b"] * 12
    control = np.arange(24) < 10
    white = sphering.Sphering.fit(features[control]).transform(features)

    def power(rows, exponent):
        variances, axes = np.linalg.eigh(np.cov(rows, rowvar=False) + np.eye(9))
        return (axes * variances**exponent) @ axes.T

    expected = np.empty_like(white)
    for name in "ab":
        own = np.array(batch) == name
        expected[own] = white[own] @ power(white[own & control], -0.5) @ power(white[control], 0.5)
    found = sphering.typical_variation(features, batch, control)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_batches_with_few_controls_are_named():
    with pytest.raises(errors.TableError, match=r"1 batch has .* two controls: b \(1\)"):
        sphering.typical_variation(np.eye(4), list("aabb"), [True, True, True, False])
