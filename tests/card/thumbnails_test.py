"""Drawing and shrinking the images of the card."""

from __future__ import annotations

import base64
import random

import card_data
import cv2
import numpy as np
import pytest

from cytoimagenet_tfds.card import thumbnails


def _drawn(examples, seed=0, classes=2, budget=10**6):
    sampler = thumbnails.Sampler(classes, seed)
    for example in examples:
        sampler.add("train", example)
    return sampler.result(budget)


def _keys(drawn):
    return [(one.label, one.facts["key"]) for one in drawn]


def _examples(count):
    return [card_data.example("ab"[n % 2], n, side=8) for n in range(count)]


def test_the_same_images_whatever_the_order():
    examples = _examples(120)
    shuffled = list(examples)
    random.Random(3).shuffle(shuffled)
    assert _drawn(examples) == _drawn(shuffled)
    assert _keys(_drawn(examples)) != _keys(_drawn(examples, seed=1))


def test_every_class_has_its_share():
    drawn = _keys(_drawn(_examples(120)))
    assert len(set(drawn)) == len(drawn) == 48
    assert sum(label == "a" for label, _ in drawn) == 24


def test_one_more_image_replaces_one_at_the_most():
    before, after = (set(_keys(_drawn(_examples(count)))) for count in (120, 121))
    assert len(before - after) == len(after - before) <= 1


def test_a_small_budget_serves_every_class_first():
    whole = _drawn(_examples(40))
    size = max(len(one.data) + len(str(one.facts)) for one in whole)
    few = _drawn(_examples(40), budget=3 * size)
    labels = [one.label for one in few]
    assert 3 <= len(few) < len(whole)
    assert set(labels) == {"a", "b"}
    assert set(_keys(few)) < set(_keys(whole))
    assert _drawn(_examples(40), budget=10) == []


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((300, 150), (144, 72)), ((2000, 4), (144, 1)), ((144, 144), (144, 144)), ((5, 9), (5, 9))],
)
def test_aspect_is_kept(shape, expected):
    small = thumbnails.shrink(np.zeros(shape, np.uint8))
    assert small.shape == expected
    data = np.frombuffer(base64.b64decode(thumbnails.encode(small)), np.uint8)
    assert cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).shape == expected


def test_facts_of_a_crop():
    bounds = {"y_min": 4, "y_max": 12, "x_min": 0, "x_max": 8}
    crop = card_data.example("a", 0, crop=True, scaling=0.5, **bounds)
    facts = _drawn([crop])[0].facts
    assert facts["crop"] == [4, 12, 0, 8]
    assert facts["scaling"] == 0.5
    assert "crop" not in _drawn([card_data.example("a", 0)])[0].facts
