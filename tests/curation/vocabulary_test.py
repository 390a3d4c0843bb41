"""The vocabulary: rules as data, and what they do to cells and tables."""

from __future__ import annotations

import pytest
import row_tables
from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds import errors, schema
from cytoimagenet_tfds.curation import near, vocabulary
from cytoimagenet_tfds.curation.vocabulary import Rule, Vocabulary

_WORDS = vocabulary.default()


@pytest.mark.parametrize(
    ("column", "cell", "written"),
    [
        ("cell_type", "U-2 OS", "u2os"),
        ("cell_type", "u2-os|hela", "u2os|hela"),
        ("organism", "homo sapiens", "human"),
        ("cell_type", "neutrophil|eosinophil|lymphocyte|monocyte", "white blood cell"),
        ("cell_visible", "gpcr|nuclei", "cell membrane|nucleus"),
        ("cell_visible", "nucleus (?)", "nucleus"),
        ("compound", "empty", ""),
        ("compound", "None|untreated|UNK| ", ""),
        ("compound", "dmso", "dmso"),
        ("phenotype", "dmso", ""),
        ("sirna", "empty|s8645", "s8645"),
        ("gene", "empty targeted", ""),
        ("gene", "ezh2 targeted", "ezh2 targeted"),
        ("gene", "none targeted|ezh2 targeted", "ezh2 targeted"),
        ("microscopy", "fluorescence (?)", "fluorescence"),
        ("microscopy", "none", "none"),
        ("compound", "emptyness", "emptyness"),
    ],
)
def test_cells(column, cell, written):
    assert _WORDS.clean(column, cell) == written


@given(st.sampled_from(vocabulary.COLUMNS), st.text(max_size=30))
def test_cleaning_twice_changes_nothing_more(column, cell):
    once = _WORDS.clean(column, cell)
    assert _WORDS.clean(column, once) == once


def test_every_rule_writes_its_replacement():
    for rule in _WORDS.rules:
        column = "compound" if rule.column == "*" else rule.column
        if rule.kind == "value":
            assert _WORDS.clean(column, rule.value) == schema.join_tokens(
                rule.replacement.split("|")
            )


def test_standardize_fills_the_control_role_and_leaves_the_rest():
    rows = row_tables.make({
        "compound": ["empty", "ctrl paclitaxel", "dmso", ""],
        "control": ["", "", "negative", ""],
        "cell_type": ["U-2 OS", "", "hela", "hela"],
    })  # fmt: skip
    found = vocabulary.standardize(rows)
    assert found["compound"].tolist() == ["", "paclitaxel", "dmso", ""]
    assert found["control"].tolist() == ["empty", "positive", "negative", ""]
    assert found["cell_type"].tolist() == ["u2os", "", "hela", "hela"]
    assert rows["compound"].tolist()[0] == "empty"
    unchanged = [c for c in rows if c not in ("compound", "control", "cell_type")]
    assert found[unchanged].equals(rows[unchanged])


def test_own_rules_win():
    words = vocabulary.chosen(True, [("*", "u-2 os", "osteosarcoma"), ("compound", "dmso", "")])
    assert words.clean("cell_type", "u-2 os") == "osteosarcoma"
    assert words.clean("compound", "dmso") == ""
    assert vocabulary.chosen(False, []).clean("compound", "empty") == "empty"


def test_a_bad_vocabulary_is_refused_with_every_problem():
    rules = (
        Rule("colour", "value", "a", "b", "", "why"),
        Rule("gene", "value", "A  b", "c", "", "why"),
        Rule("sirna", "value", "x", "y", "", ""),
        Rule("sirna", "value", "y", "z", "", "why"),
        Rule("sirna", "value", "y", "q", "", "why"),
        Rule("sirna", "values", "s", "q", "", "why"),
    )
    with pytest.raises(errors.TableError) as caught:
        vocabulary.check(Vocabulary(rules))
    for words in ("'colour'", "lower case", "has no reason", "another rule replaces",
                  "more than once", "'values'"):  # fmt: skip
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("cell_type", ("es-2b", "es2b"), "spaces and signs"),
        ("cell_visible", ("golgi stack", "golgi stacks"), "singular and plural"),
        ("phenotype", ("inhibitor of akt", "akt of inhibitor"), "order of words"),
        ("phenotype", ("tumour", "tumor"), "British and American spelling"),
        ("compound", ("naltrexone", "naltrexone hydrochloride"), "a salt or hydrate"),
        ("compound", ("wortmannin", "wortmanin"), "one letter"),
        ("compound", ("wortmannin", "wortmannim"), "one letter"),
    ],
)
def test_near_duplicates(column, values, reason):
    counts = {values[0]: 3, values[1]: 5, "something else": 1}
    (group,) = near.near_duplicates(column, counts, _WORDS)
    assert (group.reason, group.values) == (reason, ((values[1], 5), (values[0], 3)))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("compound", ("interleukin-20", "interleukin-21")),  # digits name another thing
        ("gene", ("abcdefgh targeted", "abcdefgi targeted")),
        ("sirna", ("abcdefgh", "abcdefgi")),
        ("compound", ("short", "shory")),
        ("compound", ("wortmannin", "wortmanxyn")),
    ],
)
def test_values_that_are_two_things_are_not_near(column, values):
    assert near.near_duplicates(column, dict.fromkeys(values, 1), _WORDS) == []


def test_a_rule_settles_a_pair():
    rule = Rule("compound", "distinct", "wortmannin", "wortmanin", "", "two things")
    counts = {"wortmannin": 1, "wortmanin": 1}
    assert near.near_duplicates("compound", counts, Vocabulary((rule,))) == []
