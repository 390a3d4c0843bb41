"""Small files that would take much memory or time: refused before it is taken."""

from __future__ import annotations

import io
import struct
import tracemalloc

import image_files
import imagecodecs
import numpy as np
import pytest
from PIL import Image

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.images import convert

LIMIT = 10_000
LARGE = np.zeros((400, 500), np.uint8)


def _strip(compression, payload, height=16, width=16):
    """A TIFF of one strip that is not what its directory says."""
    size, kind = [(256, 4, 1, width), (257, 4, 1, height)], [(258, 3, 1, 8), (277, 3, 1, 1)]
    place = [(259, 3, 1, compression), (262, 3, 1, 1), (278, 4, 1, height)]
    tags = [*size, *kind, *place, (279, 4, 1, len(payload))]
    at = 8 + 2 + 12 * (len(tags) + 1) + 4
    tags = sorted([*tags, (273, 4, 1, at)])
    directory = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4) + payload


def _refused(data):
    with pytest.raises(errors.ImageError) as caught:
        images.decode(data, max_pixels=LIMIT)
    return caught.value.reason


@pytest.mark.parametrize(
    ("compression", "encode", "reason"),
    [
        (7, imagecodecs.jpeg8_encode, "too large"),
        (34933, imagecodecs.png_encode, "unsupported"),
        (34712, imagecodecs.jpeg2k_encode, "unsupported"),
        (8, lambda image: imagecodecs.zlib_encode(image.tobytes()), "unreadable"),
        (50000, lambda image: imagecodecs.zstd_encode(image.tobytes()), "unreadable"),
        (32773, lambda image: imagecodecs.packbits_encode(image.tobytes()), "unreadable"),
    ],
)
def test_what_a_strip_unpacks_to_is_bounded(compression, encode, reason):
    assert _refused(_strip(compression, bytes(encode(LARGE)))) == reason


def test_a_jpeg_of_endless_scans_is_refused():
    out = io.BytesIO()
    Image.fromarray(LARGE[:40, :40]).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    assert images.decode(data).shape == (40, 40)
    end = data.rindex(b"\xff\xd9")
    scan = data[data.rindex(b"\xff\xc4", 0, data.rindex(b"\xff\xda")) : end]
    assert _refused(data[:end] + scan * 300 + data[end:]) == "unsupported"


def test_a_description_of_many_lines_is_read_once():
    """A text of 400,000 lines took an hour where every line was a beginning."""
    text = b"ImageJ=\n" * 400_000 + b"\0"
    plane = np.zeros((1, 8, 8), np.uint16)
    size = len(image_files.bare_tiff(plane, [(270, 2, len(text), 0)]))
    data = image_files.bare_tiff(plane, [(270, 2, len(text), size)]) + text
    assert images.plane_count(data) == 1


@pytest.mark.parametrize("planes", [0, -1, -(2**31)])
def test_a_deltavision_file_counts_at_least_one_plane(planes):
    data = bytearray(image_files.deltavision(np.ones((1, 4, 4), "<i2"), 1))
    struct.pack_into("<i", data, 8, planes)
    with pytest.raises(errors.ImageError, match="planes"):
        images.plane_count(bytes(data))


def test_alpha_takes_little_more_memory_than_the_pixels():
    pixels = np.random.default_rng(0).integers(0, 65536, (1000, 900, 3), dtype=np.uint16)
    alpha = pixels[..., 0] // 2
    tracemalloc.start()
    laid = convert.over_black(pixels, alpha)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * pixels.nbytes
    exact = np.rint(pixels.astype(np.float64) * alpha[..., None] / 65535)
    np.testing.assert_array_equal(laid, exact)
    assert laid.dtype == np.uint16
