from __future__ import annotations

import plans
import pytest
from tensorflow_datasets.proto import tf_example_pb2

from cytoimagenet_tfds import images, schema
from cytoimagenet_tfds.build import examples_check, features, identities

PNG = images.encode_png(plans.noise("x", (24, 32)))
LISTS = {"int": "int64_list", "bool": "int64_list", "class": "int64_list", "float": "float_list"}
COLUMNS = {
    "image": "bytes_list",
    **{c.name: LISTS.get(c.kind, "bytes_list") for c in features.example_columns(labelled=True)},
}
CHECKER = examples_check.Checker(COLUMNS, 1, ("actin", "human"), schema.CATEGORIES)
GOOD = {
    "key": b"toy/a.png", "label": 1, "category": 0, "organism": b"human|x", "labels": [b"human"],
    "image": PNG, "y_max": 24, "x_max": 32, "scaling": 1.0,
}  # fmt: skip


def _record(leave_out=(), more=(), **values):
    example = tf_example_pb2.Example()
    for name in more:
        example.features.feature[name].bytes_list.value.append(b"")
    for name, kind in COLUMNS.items():
        if name in leave_out:
            continue
        empty = b"" if kind == "bytes_list" else 0
        value = {**GOOD, **values}.get(name, [] if name == "labels" else empty)
        found = value if isinstance(value, list) else [value]
        getattr(example.features.feature[name], kind).value.extend(found)
    return example.SerializeToString()


def _problems(**values):
    return CHECKER(_record(**values))[1]


def test_a_good_example_has_no_problem_and_is_identified():
    identity, problems = CHECKER(_record())
    assert problems == []
    assert identity.key == "toy/a.png"
    assert (identity.label, identity.category) == ("human", "organism")
    crop = {"key": b"toy/a.png#crop=0", "crop": 1, "scaling": 0.5, "x_min": 3, "x_max": 35}
    assert _problems(**crop) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"leave_out": ("well", "site")}, "columns differ: site, well"),
        ({"leave_out": ("labels",)}, "columns differ: labels"),
        ({"more": ("colour",)}, "columns differ: colour"),
        ({"leave_out": ("well",), "more": ("wall",)}, "columns differ: wall, well"),
        ({"well": [b"A", b"B"]}, "well holds 2 values of bytes_list, expected one"),
        ({"well": []}, "well holds 0 values of bytes_list, expected one"),
        ({"y_max": 25}, "image is 24 x 32, its bounds say 25 x 32"),
        ({"crop": 1}, "crop and the key differ"),
        ({"key": b"a#crop=1"}, "crop and the key differ"),
        ({"x_min": -1, "x_max": 31}, "bounds are negative"),
        ({"x_min": 1, "x_max": 33}, "a whole image does not begin at 0"),
        ({"scaling": float("nan")}, "scaling is not that"),
        ({"scaling": 0.5}, "scaling is not that"),
        ({"label": 0}, "label is not a value of its column organism"),
        ({"label": 2}, "label 2 or category 0 has no name"),
        ({"labels": [b"x"]}, "label is not among labels"),
        ({"image": PNG[:-30]}, "image cannot be decoded"),
        ({"image": b""}, "image is 0 x 0"),
        ({"image": images.encode_png(plans.noise("y", (24, 32))[..., None].repeat(3, 2))},
         "image is uint8 of 3 channels"),
        ({"image": images.encode_png(plans.noise("y", (24, 32)).astype("uint16"))},
         "image is uint16"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(values, problem):
    assert any(problem in text for text in _problems(**values))


@pytest.mark.parametrize("at", range(30, len(PNG) - 12, 61))
def test_any_changed_byte_of_pixels_is_found(at):
    png = bytearray(PNG)
    png[at] ^= 4
    assert _problems(image=bytes(png)) != []


def test_an_image_that_claims_too_much_is_not_decoded():
    side = (1 << 20).to_bytes(4, "big")
    png = PNG[:16] + side + side + PNG[24:]
    assert _problems(image=png, y_max=1 << 20, x_max=1 << 20) == [
        "image claims 1048576 x 1048576 pixels"
    ]


def test_a_number_where_a_text_should_be():
    example = tf_example_pb2.Example.FromString(_record())
    example.features.feature["well"].int64_list.value.append(1)
    identity, problems = CHECKER(example.SerializeToString())
    assert identity.key == "toy/a.png"
    assert problems == ["well holds 0 values of bytes_list, expected one"]


def test_rubbish_is_no_example():
    identity, problems = CHECKER(b"\xff\xff\xff")
    assert identity == identities.Identity()
    assert problems[0].startswith("record is no example")
