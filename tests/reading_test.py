"""Arrays of images with their channels apart, and the examples of docs/reading.md."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds

from cytoimagenet_tfds import errors, images, reading

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reading.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def _needed(block):
    return re.findall(r"^import (\w+)", block, re.MULTILINE)


@pytest.fixture(scope="module")
def data_dirs(prepare, sample, twins):
    """Folders with the datasets of the page: for tf.data, and for random access."""
    prepare("cytoimagenet", sample.data_dir_root, config="sample-multichannel")
    return {"tfrecord": sample.data_dir_root, "array_record": twins[False].data_dir_root}


@pytest.mark.parametrize("block", BLOCKS, ids=[_needed(block)[0] for block in BLOCKS])
def test_the_examples_of_the_page_run(block, data_dirs, monkeypatch):
    for name in _needed(block):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    kind = "array_record" if "data_source" in block else "tfrecord"
    name = "data_source" if "data_source" in block else "load"
    plain = getattr(tfds, name)
    monkeypatch.setattr(
        tfds, name, lambda *given, **more: plain(*given, data_dir=data_dirs[kind], **more)
    )
    exec(compile(block, str(PAGE), "exec"), {"__name__": "page"})


def _example(count, dtype=np.uint8, shape=(20, 30), seed=0):
    rng = np.random.Generator(np.random.PCG64(seed))
    planes = [rng.integers(0, np.iinfo(dtype).max, shape, dtype) for _ in range(count)]
    apart = images.keep_apart(planes, raw=dtype == np.uint16)
    return {"image": apart.pixels, "low": apart.low, "high": apart.high, "key": b"a/b.tif"}


def test_batches_have_one_shape_whatever_is_in_them():
    examples = [_example(1), _example(5, shape=(8, 9)), _example(8, shape=(40, 7))]
    pixels, mask = reading.pad_channels(examples, 16)
    assert pixels.shape == (3, 8, 16, 16)
    assert mask.sum(axis=1).tolist() == [1, 5, 8]
    assert not pixels[~mask].any()
    assert pixels[mask].min() >= 0
    assert pixels[mask].max() <= 1


def test_pixels_are_those_of_the_image():
    example = _example(3)
    pixels, _ = reading.pad_channels([example], 20)
    np.testing.assert_allclose(
        reading.pad_channels([{"image": example["image"][:, :20]}], 20)[0][0, :3],
        np.moveaxis(example["image"][:, :20] / np.float32(255), -1, 0),
        rtol=1e-6,
    )
    assert pixels.shape[2:] == (20, 20)


def test_raw_pixels_are_stretched_as_by_the_package():
    rng = np.random.Generator(np.random.PCG64(1))
    plane = rng.integers(0, 4000, (12, 12), np.uint16)
    apart = images.keep_apart([plane, np.full((12, 12), 7, np.uint16)], raw=True)
    example = {"image": apart.pixels, "low": apart.low, "high": apart.high}
    pixels, _ = reading.pad_channels([example], 12)
    np.testing.assert_allclose(pixels[0, 0], images.normalize(plane), atol=1e-6)
    assert not pixels[0, 1].any()


def test_a_bag_says_whose_each_channel_is():
    examples = [_example(2, seed=1), _example(3, seed=2)]
    pixels, mask = reading.pad_channels(examples, 10)
    channels, owner = reading.bag(pixels, mask)
    assert channels.shape == (5, 10, 10)
    assert owner.tolist() == [0, 0, 1, 1, 1]
    np.testing.assert_array_equal(channels[3], pixels[1, 1])


@pytest.mark.parametrize("shape", [(40, 60), (10, 9), (16, 16), (16, 50), (7, 80)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_each_of_eight_channels_is_as_it_would_be_alone(shape, dtype):
    example = _example(8, dtype, shape)
    pixels, _ = reading.pad_channels([example], 16)
    for number in range(8):
        part = slice(number, number + 1)
        alone = {name: example[name][..., part] for name in ("image", "low", "high")}
        np.testing.assert_array_equal(pixels[0, number], reading.pad_channels([alone], 16)[0][0, 0])


def test_what_is_shrunk_keeps_its_mean_on_either_axis():
    image = np.zeros((16, 160, 1), np.uint8)
    image[:, ::10] = 250  # a stripe in each place of the result
    pixels, _ = reading.pad_channels([{"image": image}], 16)
    np.testing.assert_allclose(pixels[0, 0], 25 / 255, rtol=1e-5)


GREY = np.zeros((4, 4, 3), np.uint8)


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ({"image": np.zeros((4, 4, 9), np.uint8)}, "of 1 to 8 channels"),
        ({"image": np.zeros(4, np.uint8)}, r"the image is \(4,\) uint8"),
        ({"image": GREY[..., :0]}, r"the image is \(4, 4, 0\) uint8"),
        ({"image": GREY[:0]}, r"the image is \(0, 4, 3\) uint8"),
        ({"image": GREY / 255}, r"float64, expected \[H, W, C\] uint8 or uint16"),
        ({"image": GREY.astype(np.uint16)}, "3 channels of uint16, and low and high"),
        ({"image": GREY.astype(np.uint16), "low": [0, 0], "high": [1, 1]}, "one number for each"),
        ({}, "the example has no image"),
    ],
)
def test_what_does_not_fit_is_named(example, message):
    with pytest.raises(errors.ConfigError, match=rf"a/b\.tif: .*{message}"):
        reading.pad_channels([{**example, "key": b"a/b.tif"}], 8)


def test_sizes_and_masks_that_make_no_sense_are_refused():
    for given, message in (((0,), "side: "), ((1.5,), "side: "), ((4, 0), "most: ")):
        with pytest.raises(errors.ConfigError, match=message):
            reading.pad_channels([{"image": GREY}], *given)
    pixels, mask = reading.pad_channels([{"image": GREY}], 4)
    for wrong in (mask.astype(int), mask[:, :3]):
        with pytest.raises(errors.ConfigError, match=r"mask: expected \(1, 8\) bool"):
            reading.bag(pixels, wrong)
