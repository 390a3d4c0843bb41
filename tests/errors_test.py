from __future__ import annotations

import pickle

import pytest

from cytoimagenet_tfds import errors


def test_no_problem_raises_nothing():
    problems = errors.Problems()
    assert not problems
    problems.raise_if_any(errors.ConfigError, "Settings:")


def test_all_problems_stand_in_one_message():
    problems = errors.Problems()
    problems.add("cap is 0.")
    problems.add("seed is negative.")
    assert problems
    with pytest.raises(errors.ConfigError) as caught:
        problems.raise_if_any(errors.ConfigError, "Settings:")
    assert str(caught.value) == "Settings:\n- cap is 0.\n- seed is negative."


def test_an_unknown_name_gets_the_nearest_and_all():
    message = errors.unknown_name("source", "bbbc06", ["rec_rxrx1", "bbbc006", "bbbc010"])
    assert message.startswith("There is no source 'bbbc06'. Did you mean 'bbbc006'")
    assert message.endswith("Known: bbbc006, bbbc010, rec_rxrx1.")


def test_an_unknown_name_far_from_all_gets_no_hint():
    assert errors.unknown_name("source", "zzz", ["bbbc006"]) == (
        "There is no source 'zzz'. Known: bbbc006."
    )
    assert errors.unknown_name("source", "a", []) == "There is no source 'a'. Known: none."


def test_an_image_error_keeps_its_reason_across_processes():
    error = errors.ImageError("truncated", "a.tif ends early.")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.reason, str(copy)) == (
        errors.ImageError, "truncated", "a.tif ends early.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "error", [getattr(errors, name) for name in dir(errors) if name.endswith("Error")]
)
def test_every_error_can_be_caught_as_one(error):
    assert issubclass(error, errors.CytoImageNetError)


def test_text_of_data_makes_no_line_that_nobody_wrote():
    text = "a\nRows rejected: 0\x1b[2J\u202egnp.\ud800 細胞 خلية\u200d"
    shown = errors.visible(text)
    assert shown == r"a\nRows rejected: 0\x1b[2J\u202egnp.\ud800 細胞 خلية" + "\u200d"
    assert errors.printable("one\n細", "ascii") == "one\n\\u7d30"
    assert errors.printable("one\n細", None) == "one\n細"
