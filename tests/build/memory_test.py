"""What a build does about memory changes nothing else."""

from __future__ import annotations

import gc
import weakref

import pytest

from cytoimagenet_tfds.build import memory


class _Node:
    """Part of a cycle."""


def _cycle():
    node = _Node()
    node.own = node
    return weakref.ref(node)


def test_cycles_made_inside_are_found_and_those_before_afterwards():
    gc.collect()
    before = _cycle()
    with memory.settled():
        inside = _cycle()
        gc.collect()
        assert inside() is None
        assert before() is not None
    gc.collect()
    assert before() is None


def test_the_outermost_context_counts():
    with memory.settled():
        with memory.settled():
            pass
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0


def test_what_ends_in_an_error_is_settled_no_more():
    with pytest.raises(KeyError), memory.settled():
        raise KeyError
    assert gc.get_freeze_count() == 0


def test_giving_back_can_be_done_at_any_time():
    memory.give_back()
    memory.give_back()


@pytest.mark.parametrize("library", ["glibc", "another"])
def test_free_memory_is_kept_once_where_the_c_library_can(monkeypatch, library):
    calls = []
    set_option = (lambda *option: calls.append(option)) if library == "glibc" else None
    monkeypatch.setattr(memory, "_of_glibc", lambda name: set_option)
    memory.keep_for_images.cache_clear()
    try:
        memory.keep_for_images()
        memory.keep_for_images()
    finally:
        memory.keep_for_images.cache_clear()
    assert calls == ([(-3, 2**25), (-1, 2**27)] if library == "glibc" else [])
