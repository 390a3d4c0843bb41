"""The compact selection gives what plain pandas on whole tables gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plans
import pytest
import selection_reference
from hypothesis import given, settings
from hypothesis import strategies as st

from cytoimagenet_tfds import errors, hashing, schema
from cytoimagenet_tfds.build import chunks, plan_table, selection
from cytoimagenet_tfds.build.selection import ClassRules

_WORDS = ("", "human", "human|mouse", "dmso", "a|b")
_row = st.fixed_dictionaries({
    "label": st.sampled_from(["a", "b x", "c/d", "e"]),
    "split": st.sampled_from(["train", "validation"]),
    "organism": st.sampled_from(_WORDS),
    "compound": st.sampled_from(_WORDS),
    "concentration": st.sampled_from([1.5, float("nan")]),
})  # fmt: skip
_images = st.lists(st.tuples(_row, st.integers(0, 4), st.sampled_from(["", "#plane=2"])),
                   min_size=1, max_size=40)  # fmt: skip
_rules = st.one_of(
    st.none(),
    st.builds(ClassRules, st.integers(1, 12), st.integers(1, 6), st.sampled_from([None, 0.3])),
)


def _made(images):
    """A plan, and its lines: 0 crops stand for a whole image, 4 for a rejected row."""
    rows = [{**row, "files": f"f/{n:02d}.tif{plane}", "category": "compound"}
            for n, (row, _, plane) in enumerate(images)]  # fmt: skip
    plan = plans.plan(rows)
    lines = []
    for number, (key, (_, crops, _)) in enumerate(zip(plan["key"], images, strict=True)):
        line = chunks.Line(
            key=key, fingerprint="f", y_max=number, scaling=0.3, offset=7 * number,
            length=number + 1, crc32=2**32 - 1 - number, height=3, width=4,
        )  # fmt: skip
        if crops == 4:
            lines.append(line._replace(reason="dim", message="It is dim.", length=0))
        elif crops == 0:
            lines.append(line)
        else:
            lines += [line._replace(crop=crop) for crop in range(crops)]
    return plan, lines


def _reference(plan, lines, seed, rules):
    frame = pd.DataFrame([line._asdict() for line in lines]).assign(chunk="c")
    return selection_reference.select(plan, frame, seed, rules)


def _check_equal(plan, lines, seed, rules):
    try:
        images, classes, dropped = _reference(plan, lines, seed, rules)
    except errors.BuildError:
        with pytest.raises(errors.BuildError, match="No image is left"):
            selection.select(plan, plans.rendered(plan, lines), seed, rules)
        return
    chosen = selection.select(plan, plans.rendered(plan, lines), seed, rules)
    assert (chosen.classes, list(chosen.dropped.items())) == (classes, list(dropped.items()))
    found = plans.examples(chosen)
    place = ["chunk", "offset", "length", "crc32", "height", "width"]
    assert found.columns.tolist()[:-2] == [*schema.names("example"), *place]
    for name in found:
        kind = {"float32": "float32"}.get(str(found[name].dtype))
        wanted = images[name].astype(kind) if kind else images[name]
        if name == "labels":
            assert [list(cell) for cell in found[name]] == wanted.tolist()
        else:
            np.testing.assert_array_equal(found[name].to_numpy(), wanted.to_numpy(), name)


@settings(deadline=None, max_examples=60)
@given(_images, st.integers(0, 3), _rules)
def test_every_column_of_every_image_is_the_same(images, seed, rules):
    _check_equal(*_made(images), seed, rules)


@settings(deadline=None, max_examples=40)
@given(_images, _rules)
def test_hashes_that_are_equal_leave_the_order_to_the_keys(images, rules):
    real = hashing.hash_keys
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashing, "hash_keys", lambda *given: real(*given) % np.uint64(3))
        patch.setattr(plan_table, "SLICE", 4)
        _check_equal(*_made(images), 0, rules)


def test_images_are_few_bytes_each():
    plan, lines = _made([({"label": "a"}, 3, "")] * 50)
    chosen = selection.select(plan, plans.rendered(plan, lines), 0, ClassRules(999, 1))
    each = [value.nbytes / len(chosen) for value in vars(chosen).values()
            if isinstance(value, np.ndarray)]  # fmt: skip
    assert sum(each) < 100
