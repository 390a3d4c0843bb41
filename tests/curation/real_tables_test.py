"""Labels of the studies' own tables, against counts made with a few lines of pandas."""

from __future__ import annotations

import collections

import pandas as pd
import pytest
import study_tables

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.curation import CurationConfig, assign, index, near, vocabulary
from cytoimagenet_tfds.curation.assign import Assignment

_PATHS = {
    "idr0037": ("idr", "idr0037", "idr0037-screenA-annotation.csv"),
    "idr0072": ("idr", "idr0072", "idr0072-screenA-annotation.csv"),
    "idr0088": ("idr", "idr0088", "idr0088-screenA-annotation.csv.zip"),
    "idr0016": ("idr", "idr0016", "CDRP_plate_well_broadsample.cpimgs-0.1.6.txt.gz"),
    "rec_rxrx1": ("datasets_info.csv",),
    "rec_rxrx2": ("datasets_info.csv",),
    "kag_hpa": ("kag_hpa", "stan-hua+CytoImageNet", "annotations", "kag_hpa_2019_train.csv.gz"),
}


@pytest.fixture
def study(shared_data):
    return lambda name, **options: getattr(study_tables, name)(
        shared_data(*_PATHS[name]), **options
    )


def _assign(rows: pd.DataFrame, words: vocabulary.Vocabulary | None = None) -> Assignment:
    found = index.LabelIndex(rows, schema.CATEGORIES, words or vocabulary.Vocabulary(()), 0)
    return assign.assign(found, CurationConfig())


@pytest.mark.parametrize("name", sorted(_PATHS))
def test_counts_of_labels_are_those_of_the_table(name, study):
    rows = study(name)
    result = _assign(rows)
    counted = {}
    for category in schema.CATEGORIES:
        cells = rows[category].value_counts()
        tokens = pd.Series(cells.index.str.split("|")).map(
            lambda parts: sorted({" ".join(part.split()) for part in parts} - {""})
        )
        exploded = pd.DataFrame({"token": tokens, "rows": cells.to_numpy()}).explode("token")
        for token, count in exploded.groupby("token")["rows"].sum().items():
            counted.setdefault(token, []).append(int(count))
    assert {label.label: label.count for label in result.labels} == {
        token: max(counts) for token, counts in counted.items()
    }
    classes = {label.label for label, _ in result.classes.values()}
    skipped = {entry.label.label for entry in result.skipped}
    assert classes | skipped == {t for t, counts in counted.items() if max(counts) >= 287}
    taken = collections.Counter(row for _, rows in result.classes.values() for row in rows.tolist())
    assert max(taken.values()) == 1


def test_positive_controls_of_rxrx1_are_its_only_sirna_classes(study):
    result = _assign(study("rec_rxrx1"), vocabulary.default())
    sirna = [name for name, (label, _) in result.classes.items() if label.category == "sirna"]
    assert len(sirna) == 30
    assert {"s8645", "s35651", "s501357"} <= set(sirna)
    assert "empty" not in {label.label for label in result.labels}


def test_soluble_factors_that_reach_the_threshold(study):
    classes = _assign(study("rec_rxrx2"), vocabulary.default()).classes
    assert {"activin-a", "angiopoietin-1", "balf", "bmp-2", "coco", "ifn-gamma", "siglec-1"} <= set(
        classes
    )
    assert "bpact" not in classes  # 192 images
    # The reference shows fgf-20 as unseen, as its search for fgf-2 took the rows of fgf-20 too.
    assert len(classes["fgf-20"][1]) == 288


def test_stem_cell_lines_that_reach_the_threshold(study):
    classes = _assign(study("idr0037"), vocabulary.default()).classes
    assert len(classes["hpsi0813i-ffdm_3"][1]) == 42 * 9
    assert "hpsi0813i-fpdk_2" not in classes  # 27 wells, 243 rows


def test_mechanisms_of_idr0088_need_rows_that_no_compound_takes(study):
    names = ["rho associated kinase inhibitor", "tankyrase inhibitor"]
    # With one row a well, as the reference counts, most compounds have 240 rows: no candidates.
    one = _assign(study("idr0088"), vocabulary.default())
    assert [len(one.classes[name][1]) for name in names] == [1000, 1000]
    # With two fields each compound has 480, and takes every row of its mechanism.
    two = _assign(study("idr0088", fields=2), vocabulary.default())
    skipped = {entry.label.label: entry for entry in two.skipped}
    assert [skipped[name].unused for name in names] == [0, 0]
    taken = dict(skipped["rho associated kinase inhibitor"].taken_by)
    assert taken["azd5363"] == 480
    # Every row of y-27632 has a second mechanism of the same count, whose category comes first.
    assert taken["pkn2 inhibitor"] == 480
    assert sum(taken.values()) == 1916 * 2


def test_vocabulary_joins_the_names_of_one_thing_over_the_studies(study):
    rows = pd.concat([study("idr0072"), study("idr0088"), study("idr0037")], ignore_index=True)
    result = _assign(rows, vocabulary.default())
    labels = {label.label for label in result.labels}
    assert {"human", "cell membrane", "er", "golgi"} <= labels
    assert not {"homo sapiens", "plasma membrane", "endoplasmic reticulum"} & labels
    human = next(label for label in result.labels if label.label == "human")
    assert human.count == len(rows)


def test_near_duplicates_of_real_compounds(study):
    cells = study("idr0088")["compound"].value_counts()
    groups = near.near_duplicates("compound", cells.to_dict(), vocabulary.default())
    found = {frozenset(value for value, _ in group.values): group.reason for group in groups}
    assert found[frozenset({"fluvastatin", "fluvastatin sodium"})] == "a salt or hydrate"
