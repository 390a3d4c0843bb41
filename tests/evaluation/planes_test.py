from __future__ import annotations

import numpy as np
import pytest

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.evaluation.planes import METHODS, Method, named, planes

IMAGE = np.stack(
    [np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000, np.full((3, 4), 65535, np.uint16)], -1
)


def test_four_methods_by_name():
    names = [method.name for method in METHODS]
    assert names == ["concat-norm", "concat-raw", "merge-norm", "merge-raw"]
    assert [named(name) for name in names] == list(METHODS)
    assert named("merge-values") == Method(channels="merge", normalize=False, raw="values")
    with pytest.raises(errors.ConfigError, match=r"Did you mean 'concat-norm'"):
        named("concat_norm")
    with pytest.raises(errors.ConfigError, match="no way of channels 'sum'"):
        Method(channels="sum")


def test_concat_gives_every_channel_stretched_alone():
    found = planes(IMAGE, named("concat-norm"))
    assert found.shape == (2, 3, 4)
    assert found.dtype == np.float32
    assert (found[0] == images.normalize(IMAGE[..., 0]) * np.float32(255)).all()
    assert (found[1] == 0).all()  # constant


def test_merge_is_that_of_the_dataset():
    found = planes(IMAGE, named("merge-norm"))
    assert (found == images.merge([IMAGE[..., 0], IMAGE[..., 1]])[None]).all()


def test_raw_uses_the_range_of_the_type():
    found = planes(IMAGE, named("concat-raw"))
    np.testing.assert_allclose(found[0, 0], [0, 5000 / 257, 10000 / 257, 15000 / 257], rtol=1e-6)
    assert (found[1] == 255).all()
    merged = planes(IMAGE, named("merge-raw"))
    np.testing.assert_allclose(merged[0], found.mean(axis=0), rtol=1e-6)
    byte = np.full((2, 2, 1), 200, np.uint8)
    assert (planes(byte, named("concat-raw")) == 200).all()
    unit = np.full((2, 2, 1), 0.1, np.float32)
    assert np.allclose(planes(unit, named("concat-raw")), 25.5)


def test_values_stay_as_the_published_code_takes_them():
    assert planes(IMAGE, named("concat-values"))[1].max() == 65535


@pytest.mark.parametrize("name", [method.name for method in METHODS])
def test_nan_is_refused_by_every_method(name):
    image = np.ones((4, 4, 2), np.float32)
    image[1, 1, 1] = np.nan
    with pytest.raises(errors.ImageError):
        planes(image, named(name))
