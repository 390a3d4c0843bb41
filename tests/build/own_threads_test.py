from __future__ import annotations

import sys

import cv2
import pytest

from cytoimagenet_tfds.build import own_threads


@pytest.fixture(autouse=True)
def _three():
    before = cv2.getNumThreads()
    cv2.setNumThreads(3)
    yield
    cv2.setNumThreads(before)


def test_it_lasts_from_the_first_that_enters_to_the_last_that_leaves():
    one = own_threads.OneThread()
    one.__enter__()
    one.__enter__()
    one.__exit__(None, None, None)
    assert cv2.getNumThreads() == 1
    one.__exit__(None, None, None)
    assert cv2.getNumThreads() == 3
    with one:
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == 3


def test_threads_take_short_turns_meanwhile():
    before = sys.getswitchinterval()
    with own_threads.OneThread():
        assert sys.getswitchinterval() == pytest.approx(own_threads.TURN)
    assert sys.getswitchinterval() == pytest.approx(before)


def test_an_error_ends_it():
    with pytest.raises(ValueError, match="x"), own_threads.OneThread():
        raise ValueError("x")
    assert cv2.getNumThreads() == 3
