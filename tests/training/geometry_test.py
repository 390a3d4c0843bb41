from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds.training import geometry
from cytoimagenet_tfds.training.recipe import Augmentation

STILL = geometry.Drawn(
    angle=0.0, mirror_x=1.0, mirror_y=1.0, zoom=1.0, shift_x=0.0, shift_y=0.0, brightness=0.0,
    contrast=1.0,
)  # fmt: skip


def _place(numbers, x, y):
    a, b, c, d, e, f = numbers
    return a * x + b * y + c, d * x + e * y + f


def _coefficients(height, width, size, **values):
    drawn = geometry.Drawn(**{**vars(STILL), **values})
    return geometry.coefficients(drawn, height, width, size, np)


def test_without_augmentation_it_is_a_resize_with_half_pixel_centres():
    # Twice as wide, half as high: the first pixel centre lies at 0.5 / 2 - 0.5 and 0.5 * 2 - 0.5.
    numbers = _coefficients(16, 4, 8)
    assert _place(numbers, 0, 0) == pytest.approx((-0.25, 0.5))
    assert _place(numbers, 7, 7) == pytest.approx((3.25, 14.5))


def test_a_quarter_turn_takes_the_corner_to_the_next_corner():
    numbers = _coefficients(8, 8, 8, angle=math.pi / 2)
    assert _place(numbers, 0, 0) == pytest.approx((7, 0))
    assert _place(numbers, 7, 0) == pytest.approx((7, 7))


def test_mirrors_zoom_and_shift():
    assert _place(_coefficients(8, 8, 8, mirror_x=-1.0), 0, 3) == pytest.approx((7, 3))
    assert _place(_coefficients(8, 8, 8, mirror_y=-1.0), 3, 0) == pytest.approx((3, 7))
    assert _place(_coefficients(8, 8, 8, zoom=2.0), 0, 0) == pytest.approx((1.75, 1.75))
    assert _place(_coefficients(8, 8, 8, shift_x=0.25), 0, 0) == pytest.approx((2, 0))


@given(
    angle=st.floats(0, 7),
    zoom=st.floats(0.5, 2),
    height=st.integers(1, 99),
    width=st.integers(1, 99),
)
def test_the_middle_stays_in_the_middle(angle, zoom, height, width):
    numbers = _coefficients(height, width, 32, angle=angle, zoom=zoom)
    assert _place(numbers, 15.5, 15.5) == pytest.approx(
        ((width - 1) / 2, (height - 1) / 2), abs=1e-9
    )


@given(uniform=st.lists(st.floats(0, 1, exclude_max=True), min_size=8, max_size=8))
def test_draws_lie_in_their_ranges(uniform):
    augmentation = Augmentation(
        rotation=90, flips=True, zoom=1.5, shift=0.1, brightness=0.2, contrast=0.3
    )
    drawn = geometry.draw(augmentation, np.array(uniform), np)
    assert 0 <= drawn.angle < math.pi / 2
    assert {drawn.mirror_x, drawn.mirror_y} <= {-1, 1}
    assert 1 / 1.5 - 1e-9 <= drawn.zoom <= 1.5 + 1e-9
    assert max(abs(drawn.shift_x), abs(drawn.shift_y)) <= 0.1
    assert abs(drawn.brightness) <= 51
    assert 0.7 - 1e-9 <= drawn.contrast <= 1.3


def test_no_augmentation_draws_nothing():
    drawn = geometry.draw(Augmentation(), np.random.default_rng(0).random(8), np)
    assert drawn == STILL
