from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from trees import _write

from cytoimagenet_tfds.sources import content
from cytoimagenet_tfds.sources.tree import Tree

SIZE = 3 * content._SAMPLE


def twins(root, **files: bytes) -> list[bool]:
    for name, data in files.items():
        _write.raw(root, name, data)
    return [bool(digest) for digest in content.twins(Tree(root), list(files))]


def test_same_bytes_are_twins(tmp_path):
    assert twins(tmp_path, a=b"cell", b=b"cell", c=b"Cell") == [True, True, False]


def test_files_that_differ_outside_the_sample_are_no_twins(tmp_path):
    data = bytes(SIZE)
    assert twins(tmp_path, a=data, b=data[:-1] + b"\1", c=b"\1" + data[1:]) == [False] * 3
    assert twins(tmp_path, d=data) == [False]


def test_files_of_another_size_are_no_twins(tmp_path):
    assert twins(tmp_path, a=bytes(SIZE), b=bytes(SIZE + 2)) == [False, False]


def test_empty_and_lost_files_have_no_twin(tmp_path):
    assert twins(tmp_path, a=b"", b=b"") == [False, False]
    assert content.twins(Tree(tmp_path), ["lost", "lost too"]) == ["", ""]


def test_twins_share_their_digest_and_pairs_differ(tmp_path):
    for name, data in {"a": b"1", "b": b"2", "c": b"1", "d": b"2"}.items():
        _write.raw(tmp_path, name, data)
    one, two, *rest = content.twins(Tree(tmp_path), ["a", "b", "c", "d"])
    assert rest == [one, two]
    assert one != two


def test_joined_through_others():
    names = pd.Series(["b", "a", "c", "b", "d", "c"])
    assert list(content.joined(names, ["x", "x", "y", "y", "", ""])) == [
        "a+b+c", "a+b+c", "a+b+c", "a+b+c", "d", "a+b+c",
    ]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", "x", "y", "z"]))),
       st.randoms(use_true_random=False))  # fmt: skip
def test_joined_does_not_depend_on_order_and_keeps_twins_together(pairs, random):
    def groups(lines: list[tuple[str, str]]) -> dict[str, str]:
        names, digests = pd.Series([n for n, _ in lines], dtype="str"), [d for _, d in lines]
        return dict(zip(names, content.joined(names, digests), strict=True))

    shuffled = pairs[:]
    random.shuffle(shuffled)
    found = groups(pairs)
    assert groups(shuffled) == found
    for digest in "xyz":
        assert len({found[name] for name, own in pairs if own == digest}) <= 1
    for name, group in found.items():
        assert name in group.split("+")
