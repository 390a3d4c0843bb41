"""Layouts of DeltaVision and TIFF stacks, read from headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import _idr, _write

from cytoimagenet_tfds import images
from cytoimagenet_tfds.sources.idr import _stacks
from cytoimagenet_tfds.sources.tree import Tree

SIZES = st.integers(1, 5)


@given(SIZES, SIZES, SIZES, st.sampled_from(_idr.SEQUENCES))
def test_planes_are_numbered_once(channels, depth, times, order):
    layout = _stacks.Layout(channels, depth, times, order)
    planes = [
        layout.plane(c, z, t) for c in range(channels) for z in range(depth) for t in range(times)
    ]
    assert sorted(planes) == list(range(channels * depth * times))
    assert len(layout.middle()) == channels


@pytest.mark.parametrize(
    ("order", "planes"),
    # Two channels, five focal planes, three times: the third focal plane at the first time.
    [("ztc", (2, 17)), ("czt", (4, 5)), ("zct", (2, 7))],
)
def test_middle_plane(order, planes):
    assert _stacks.Layout(2, 5, 3, order).middle() == planes


@pytest.mark.parametrize("sequence", [0, 1, 2])
def test_deltavision_header(tmp_path, sequence):
    _idr.deltavision(tmp_path, "a.dv", channels=2, depth=5, times=3, sequence=sequence)
    layout = _stacks.layout(Tree(tmp_path), "a.dv")
    assert layout == _stacks.Layout(2, 5, 3, _idr.SEQUENCES[sequence])
    pixels = _write.pixels("a.dv", (30, *_write.SHAPE), "uint16")
    plane = layout.middle()[1]
    # Rows of DeltaVision files run from the bottom up.
    assert (images.read(tmp_path / "a.dv", plane) == pixels[plane][::-1]).all()


def test_imagej_states_its_axes(tmp_path):
    _idr.stack(tmp_path, "a.tif", channels=2, times=3)
    assert _stacks.layout(Tree(tmp_path), "a.tif") == _stacks.Layout(2, 1, 3)


@pytest.mark.parametrize("name", ["a.dv", "a.tif"])
@pytest.mark.parametrize("content", [b"", b"II*\0", b"x" * 2000])
def test_other_bytes_have_no_layout(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert _stacks.layout(Tree(tmp_path), name) is None
