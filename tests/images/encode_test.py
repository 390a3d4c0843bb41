"""PNG bytes hold exactly the pixels given."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cytoimagenet_tfds import errors, images

RNG = np.random.default_rng(8)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(17, 23), (17, 23, 1), (1, 1)])
def test_grey_survives(dtype, shape):
    array = RNG.integers(0, np.iinfo(dtype).max, shape, dtype=dtype)
    found = images.decode(images.encode_png(array))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, array.reshape(shape[:2]))


@pytest.mark.parametrize("samples", [2, 3, 4])
def test_samples_survive_in_order(samples):
    array = RNG.integers(0, 256, (9, 11, samples), dtype=np.uint8)
    with Image.open(io.BytesIO(images.encode_png(array))) as found:
        assert found.mode == {2: "LA", 3: "RGB", 4: "RGBA"}[samples]
        np.testing.assert_array_equal(np.asarray(found), array)


def test_crops_need_no_copy():
    whole = RNG.integers(0, 256, (60, 60), dtype=np.uint8)
    found = images.decode(images.encode_png(whole[7:31, 5:50]))
    np.testing.assert_array_equal(found, whole[7:31, 5:50])


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((0, 4), np.uint8),
    ],
)
def test_what_png_cannot_hold(array):
    with pytest.raises(errors.ImageError, match="PNG: expected uint8 or uint16") as caught:
        images.encode_png(array)
    assert caught.value.reason == "unsupported"


def test_four_channels_come_back_as_they_were():
    array = RNG.integers(0, 256, (9, 11, 4), dtype=np.uint8)
    np.testing.assert_array_equal(images.decode_png(images.encode_png(array)), array)


@pytest.mark.parametrize(
    "data", [b"", b"no image", images.encode_png(np.eye(40, dtype="u1"))[:-30]]
)
def test_a_damaged_file_is_no_picture(data):
    with pytest.raises(errors.ImageError) as caught:
        images.decode_png(data)
    assert caught.value.reason == "unreadable"
