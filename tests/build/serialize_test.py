from __future__ import annotations

import numpy as np
import plans
import pytest
import tensorflow_datasets as tfds
from tensorflow_datasets.proto import tf_example_pb2

from cytoimagenet_tfds import images, schema
from cytoimagenet_tfds.build import features, serialize

PNG = images.encode_png(plans.noise("x"))


def _example(**values):
    given = {"key": "toy/µ 細胞.png", "label": "b", "category": "gene", "labels": ["b", "é"]}
    empty = {c.name: c.missing for c in schema.columns("example")}
    return {"image": PNG, **empty, **given, **values}


@pytest.mark.parametrize(
    "values",
    [{}, {"labels": []}, {"crop": np.True_, "scaling": np.float32(0.25), "x_max": np.int32(7)}],
)
@pytest.mark.parametrize("labelled", [True, False])
def test_the_content_is_that_of_tfds(values, labelled):
    described = features.features(labelled=labelled, classes=("a", "b") if labelled else None)
    example = {name: value for name, value in _example(**values).items() if name in described}
    one, other = (
        tf_example_pb2.Example.FromString(make(described)(example))
        for make in (serialize.fast, serialize.general)
    )
    assert set(one.features.feature) == set(described)
    assert {n: str(v) for n, v in one.features.feature.items()} == {
        n: str(v) for n, v in other.features.feature.items()
    }


def test_a_class_that_is_not_there_is_an_error():
    described = features.features(labelled=True, classes=("a",))
    with pytest.raises(KeyError, match="b"):
        serialize.fast(described)(_example())


def test_other_features_are_left_to_tfds():
    described = tfds.features.FeaturesDict({"box": tfds.features.BBoxFeature()})
    box = {"box": tfds.features.BBox(0.0, 0.0, 1.0, 1.0)}
    assert serialize.fast(described)(box) == serialize.general(described)(box)
