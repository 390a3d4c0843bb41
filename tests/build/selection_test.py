from __future__ import annotations

import plans
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import chunks, selection
from cytoimagenet_tfds.build.selection import ClassRules


def _inputs(classes, crops=1):
    """A plan with `classes` (label -> rows), and `crops` rendered images of every row."""
    rows = [
        {"files": f"{label}/{n}.png", "label": label, "category": "compound", "compound": label,
         "split": "validation" if n % 5 == 4 else "train"}
        for label, count in classes.items() for n in range(count)
    ]  # fmt: skip
    plan = plans.plan(rows)
    lines = [
        chunks.Line(key=key, fingerprint="f", crop=crop if crops > 1 else -1)
        for key in plan["key"]
        for crop in range(crops)
    ]
    return plan, lines


def _chosen(plan, lines, seed, rules):
    return selection.select(plan, plans.rendered(plan, lines), seed, rules)


def _select(classes, crops=1, cap=1000, minimum=1, seed=0):
    return _chosen(*_inputs(classes, crops), seed, ClassRules(cap, minimum))


def test_small_classes_are_dropped_and_counted():
    chosen = _select({"a": 5, "b": 2, "c": 3}, minimum=3)
    assert chosen.classes == ("a", "c")
    assert chosen.dropped == {"b": 2}
    assert plans.examples(chosen)["label"].value_counts().to_dict() == {"a": 5, "c": 3}


def test_the_cap_takes_one_crop_of_every_image_first():
    chosen = _select({"a": 10}, crops=4, cap=13)
    counts = plans.examples(chosen)["source_key"].value_counts()
    assert len(chosen) == 13
    assert len(counts) == 10
    assert sorted(counts) == [1] * 7 + [2] * 3


def test_the_cap_below_the_number_of_images_keeps_single_crops():
    chosen = _select({"a": 10}, crops=4, cap=6)
    assert plans.examples(chosen)["source_key"].is_unique
    assert len(chosen) == 6


def test_what_the_cap_takes_depends_on_the_seed_alone():
    keys = [set(plans.examples(_select({"a": 50}, cap=10, seed=seed))["key"]) for seed in (0, 0, 1)]
    assert keys[0] == keys[1] != keys[2]


def test_one_more_image_moves_at_most_one_other_out_of_a_capped_class():
    before = set(plans.examples(_select({"a": 50}, cap=20))["key"])
    after = set(plans.examples(_select({"a": 51}, cap=20))["key"])
    assert len(before - after) <= 1


def test_files_are_numbered_within_their_class_over_both_splits():
    images = plans.examples(_select({"a b": 6, "c": 3}))
    assert sorted(images.loc[images["label"] == "a b", "filename"]) == [
        f"a_b-{number:03b}.png" for number in range(6)
    ]
    assert sorted(images.loc[images["label"] == "c", "filename"]) == [
        "c-00.png", "c-01.png", "c-10.png",
    ]  # fmt: skip
    assert set(images["path"]) == {"cytoimagenet/a_b", "cytoimagenet/c"}


def test_splits_are_shuffled_by_a_hash_of_the_key():
    images = plans.examples(_select({"a": 60, "b": 60}))
    train = images.loc[images["split"] == "train", "label"].tolist()
    assert images["split"].is_monotonic_increasing
    assert train != sorted(train)
    rest = plans.examples(_select({"a": 60}))
    together = images[images["label"] == "a"]
    assert rest["key"].tolist() == together["key"].tolist()


def test_keys_of_crops_name_the_crop():
    plan, lines = _inputs({"a": 1}, crops=2)
    chosen = plans.examples(_chosen(plan, lines, 0, ClassRules(9, 1)))
    assert sorted(chosen["key"]) == ["toy/a/0.png#crop=0", "toy/a/0.png#crop=1"]
    assert set(chosen["source_key"]) == {"toy/a/0.png"}
    assert chosen["crop"].all()


def test_keys_with_a_plane_get_the_crop_as_a_further_part():
    plan = plans.plan([{"files": "a.flex#plane=3", "label": "x"}])
    line = chunks.Line(key="toy/a.flex#plane=3", fingerprint="", crop=0)
    chosen = _chosen(plan, [line], 0, None)
    assert plans.examples(chosen)["key"].tolist() == ["toy/a.flex#plane=3&crop=0"]


def test_without_labels_every_image_stays_under_its_own_name():
    plan = plans.plan([{"files": "p%231/a.tif#plane=2|b.tif"}, {"files": "c.tif"}])
    lines = [chunks.Line(key=key, fingerprint="") for key in plan["key"]]
    chosen = _chosen(plan, lines, 0, None)
    assert chosen.classes == ()
    images = plans.examples(chosen)
    named = dict(zip(images["path"], images["filename"], strict=True))
    assert named == {"toy/p#1": "a.tif", "toy": "c.tif"}


def test_labels_hold_every_label_value_once():
    plan = plans.plan([{"files": "a.tif", "organism": "human", "compound": "b|human", "gene": "g"}])
    chosen = _chosen(plan, [chunks.Line(key="toy/a.tif", fingerprint="")], 0, None)
    assert plans.examples(chosen)["labels"][0].tolist() == ["human", "b", "g"]


def test_equal_example_keys_stop_the_build():
    plan, lines = _inputs({"a": 2})
    with pytest.raises(errors.TableError, match=r"share their key.*toy/a/0\.png"):
        _chosen(plan, [*lines, *lines], 0, None)


def test_nothing_left_says_why():
    plan, lines = _inputs({"a": 3, "b": 2})
    lines[0] = lines[0]._replace(reason="dim", message="The image is dim.")
    with pytest.raises(errors.BuildError) as caught:
        _chosen(plan, lines, 0, ClassRules(9, 5))
    text = str(caught.value)
    assert "5 planned" in text
    assert "dim: 1, for example toy/a/0.png: The image is dim." in text
    assert "fewer than 5 images; the largest: a (2), b (2)" in text


def test_first_takes_the_first_of_each_split():
    chosen = _select({"a": 20})
    some = plans.examples(selection.first(chosen, 2))
    assert some["split"].value_counts().to_dict() == {"train": 2, "validation": 2}
    assert selection.first(chosen, None) is chosen
