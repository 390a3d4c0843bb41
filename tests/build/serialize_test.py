from __future__ import annotations

import math

import numpy as np
import plans
import pyarrow as pa
import pytest
import tensorflow_datasets as tfds
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow_datasets.proto import tf_example_pb2

from cytoimagenet_tfds import images, schema
from cytoimagenet_tfds.build import example_table, features, serialize

PNG = images.encode_png(plans.noise("x"))
CLASSES = ("a", "b")


def _line(**values):
    given = {"key": "toy/µ 細胞.png", "label": "b", "category": "gene", "labels": ["b", "é"]}
    empty = {c.name: c.missing for c in schema.columns("example")}
    place = {"chunk": "c", "offset": 0, "length": 1, "crc32": 2, "height": 0, "width": 0}
    return {**empty, **given, **place, **values}


def _batch(lines):
    return pa.RecordBatch.from_pylist(lines, schema=example_table.arrow_schema())


def _example(names, record, png):
    values = {name: getattr(record, name) for name in names}
    return {**values, "labels": list(values["labels"]), "image": png}


def _both(lines, pngs, labelled=True):
    """The examples of the lines, made in the fast way and in TFDS' own."""
    described = features.features(labelled=labelled, classes=CLASSES if labelled else None)
    names = [c.name for c in features.example_columns(labelled=labelled)]
    ways = (
        serialize.flat(described),
        serialize.general(described, lambda record, png: _example(names, record, png)),
    )
    return described, [
        [finish(png) for finish, png in zip(way(_batch(lines)), pngs, strict=True)] for way in ways
    ]


def _content(data):
    stored = tf_example_pb2.Example.FromString(data).features.feature
    return {name: str(value) for name, value in stored.items()}


@pytest.mark.parametrize(
    "values", [{}, {"labels": []}, {"crop": True, "scaling": 0.25, "x_max": 7, "bit_depth": 16}]
)
@pytest.mark.parametrize("labelled", [True, False])
def test_the_content_is_that_of_tfds(values, labelled):
    described, (fast, general) = _both([_line(**values)], [PNG], labelled)
    assert _content(fast[0]) == _content(general[0])
    assert set(_content(fast[0])) == set(described)


_texts = st.text(max_size=40)
_int32 = st.integers(-(2**31), 2**31 - 1)
_values = st.fixed_dictionaries({
    "key": st.text(max_size=300), "label": st.sampled_from(CLASSES), "group": _texts,
    "labels": st.lists(_texts, max_size=4), "x_min": _int32, "crop": st.booleans(),
    "concentration": st.floats(width=32, allow_nan=True) | st.none(),
})  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(_values, st.binary(max_size=600)), min_size=1, max_size=6))
def test_every_kind_of_value_is_stored_as_by_tfds(given):
    lines = [_line(**values) for values, _ in given]
    _, (fast, general) = _both(lines, [image for _, image in given])
    for one, other in zip(fast, general, strict=True):
        assert _content(one) == _content(other)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])
def test_lengths_of_every_number_of_bytes(length):
    _, (fast, _) = _both([_line(key="k" * min(length, 20_000))], [b"i" * length])
    stored = tf_example_pb2.Example.FromString(fast[0])
    assert stored.features.feature["image"].bytes_list.value[0] == b"i" * length
    assert len(stored.SerializeToString()) == len(fast[0])


_sizes = st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300), st.booleans()), min_size=1)


@settings(deadline=None, max_examples=20)
@given(_sizes, st.booleans())
def test_sizes_that_are_left_to_the_images_are_theirs(sizes, labelled):
    pngs = [images.encode_png(np.zeros((height, width), np.uint8)) for height, width, _ in sizes]
    stated = [_line(y_max=height, x_max=width) for height, width, _ in sizes]
    left = [
        {**line, **({"y_max": 0, "x_max": 0, "height": -1, "width": -1} if unknown else {})}
        for line, (_, _, unknown) in zip(stated, sizes, strict=True)
    ]
    described, (_, wanted) = _both(stated, pngs, labelled)
    serialize_left = serialize.flat(described, sizes_in_images=True)
    found = [finish(p) for finish, p in zip(serialize_left(_batch(left)), pngs, strict=True)]
    same = [finish(p) for finish, p in zip(serialize_left(_batch(stated)), pngs, strict=True)]
    assert found == same
    for one, other in zip(found, wanted, strict=True):
        assert _content(one) == _content(other)


def test_bounds_of_a_crop_stay_as_they_are_stated():
    png = images.encode_png(np.zeros((8, 9), np.uint8))
    lines = [_line(crop=True, y_max=0, x_max=5), _line(crop=False, height=-1, width=-1)]
    described = features.features(labelled=True, classes=CLASSES)
    made = serialize.flat(described, sizes_in_images=True)(_batch(lines))
    stored = [tf_example_pb2.Example.FromString(finish(png)).features.feature for finish in made]
    found = [[one[n].int64_list.value[0] for n in ("y_max", "x_max")] for one in stored]
    assert found == [[0, 5], [8, 9]]


def test_unknown_numbers_are_nan():
    _, (fast, _) = _both([_line(concentration=None)], [PNG])
    stored = tf_example_pb2.Example.FromString(fast[0]).features.feature
    assert math.isnan(stored["concentration"].float_list.value[0])


def test_a_class_that_is_not_there_is_an_error():
    with pytest.raises(KeyError, match="c"):
        _both([_line(label="c")], [PNG])


def test_features_that_are_not_flat_are_refused():
    described = tfds.features.FeaturesDict({"box": tfds.features.BBoxFeature()})
    with pytest.raises(TypeError, match="box"):
        serialize.flat(described)


def test_tfds_serializes_what_it_was_given():
    described = tfds.features.FeaturesDict({"key": tfds.features.Text(), "n": np.int64})
    make = serialize.general(described, lambda record, n: {"key": record.key, "n": len(n)})
    found = [finish(b"123") for finish in make(_batch([_line(key="x")]))]
    stored = tf_example_pb2.Example.FromString(found[0]).features.feature
    assert stored["key"].bytes_list.value[0] == b"x"
    assert stored["n"].int64_list.value[0] == 3
