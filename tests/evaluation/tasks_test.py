from __future__ import annotations

import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import normalization, published, scoring, tasks
from cytoimagenet_tfds.evaluation.facts import Facts
from cytoimagenet_tfds.evaluation.table import FeatureTable


def clusters(labels, spread=0.1, seed=0):
    """Features near one corner per class: separable, whatever the scaling."""
    rng = np.random.Generator(np.random.PCG64(seed))
    names = sorted(set(labels))
    centres = np.eye(len(names))[[names.index(label) for label in labels]]
    return centres + rng.normal(0, spread, centres.shape)


def table_and_facts(name, **columns):
    labels = columns["label"]
    keys = [f"k{number:03d}" for number in range(len(labels))]
    order = np.argsort(keys)
    made = {column: np.array(values)[order] for column, values in columns.items()}
    features = columns.pop("features", None)
    values = clusters(labels) if features is None else features
    made.pop("features", None)
    return FeatureTable.of(keys, values), Facts(name, np.array(keys)[order], made)


@pytest.fixture
def cyclops():
    labels = np.repeat(["ER", "SPINDLE", "SPINDLEPOLE"], 15)
    return table_and_facts("cyclops", label=labels)


def test_cyclops_leaves_each_cell_out(cyclops):
    (found,) = tasks.results("cyclops", *cyclops)
    assert found.task == "cyclops"
    assert len(found.keys) == 45
    assert found.correct.all()


def test_paper_merges_the_spindles(cyclops):
    (found,) = tasks.results("cyclops", *cyclops, protocol="paper")
    assert set(found.truth) == {"ER", "SPINDLE"}


def test_duplicates_do_not_vote_for_themselves(cyclops):
    # Every cell has a twin of another class: leaving out "the first neighbour" would leave out the
    # twin half of the time and let the cell vote for itself.
    labels = np.array(["A", "B"] * 12)
    features = np.repeat(np.arange(12.0)[:, None] * 100, 2, axis=0)
    table, facts = table_and_facts("cyclops", label=labels, features=features)
    (found,) = tasks.results("cyclops", table, facts)
    other = {"A": "B", "B": "A"}
    nearest_alone = tasks.knn.leave_one_out(features, labels, facts.keys.tolist(), 1)
    assert nearest_alone.tolist() == [other[label] for label in labels]
    assert len(found.predicted) == 24


def test_coos7_uses_the_training_set_alone_for_scaling():
    labels = np.repeat(["ER", "Golgi"], 20)
    split = np.array((["train"] * 14 + ["test1"] * 3 + ["test2"] * 3) * 2)
    table, facts = table_and_facts("coos7", label=labels, split=split)
    first, second = tasks.results("coos7", table, facts)
    assert (first.task, second.task) == ("coos7 test1", "coos7 test2")
    assert len(first.keys) == 6
    assert first.correct.all()
    # Other images in one test set change nothing in the other.
    values = table.features.copy()
    values[facts["split"] == "test2"] *= 1000
    moved = FeatureTable.of(table.keys.tolist(), values)
    assert tasks.results("coos7", moved, facts)[0].predicted == first.predicted
    names = [r.task for r in tasks.results("coos7", table, facts, linear=True)]
    assert names[2:] == ["coos7 probe test1", "coos7 probe test2"]


def plates(taxol_controls=False):
    """Two compounds for each of two mechanisms, each compound in a week of its own."""
    wells = [
        ("taxol", 0.3, "stabilizers", "Week1", ""), ("docetaxel", 1, "stabilizers", "Week2", ""),
        ("emetine", 0.1, "synthesis", "Week1", ""), ("anisomycin", 1, "synthesis", "Week3", ""),
    ]  # fmt: skip
    wells += [("DMSO", 0, "DMSO", f"Week{n}", "negative") for n in (1, 2, 3)]
    if taxol_controls:
        wells += [("taxol", 0.3, "stabilizers", f"Week{n}", "positive") for n in (1, 2, 3)]
    wells = [well for well in wells for _ in range(4)]
    compound, amount, moa, week, control = zip(*wells, strict=True)
    return table_and_facts(
        "bbbc021", label=np.array(moa), moa=np.array(moa), compound=np.array(compound),
        concentration=np.array(amount), week=np.array(week), control=np.array(control),
        plate=np.char.add(np.array(week), "_1"),
    )  # fmt: skip


@pytest.mark.parametrize("protocol", ["default", "paper"])
def test_bbbc021_finds_the_other_compound_of_a_mechanism(protocol):
    nsc, nscb = tasks.results("bbbc021", *plates(), protocol=protocol)
    assert (nsc.task, nscb.task) == ("bbbc021 nsc", "bbbc021 nscb")
    assert sorted(nsc.keys) == ["anisomycin 1 um", "docetaxel 1 um", "emetine 0.1 um",
                                "taxol 0.3 um"]  # fmt: skip
    assert nsc.correct.all()
    assert nscb.correct.all()
    assert "DMSO" not in nsc.groups


@pytest.mark.parametrize("name", sorted(normalization.NORMALIZATIONS))
def test_bbbc021_takes_every_normalization(name):
    nsc, _ = tasks.results("bbbc021", *plates(), normalized=name)
    assert nsc.correct.all()
    assert nsc.left_out == []


def test_treatments_without_a_legal_neighbour_are_listed():
    table, facts = plates()
    week = np.where(facts["moa"] == "synthesis", "Week1", facts["week"])
    same = Facts(facts.name, facts.keys, {**facts.columns, "week": week})
    _, nscb = tasks.results("bbbc021", table, same)
    assert nscb.left_out == ["anisomycin 1 um", "emetine 0.1 um"]
    assert sorted(nscb.keys) == ["docetaxel 1 um", "taxol 0.3 um"]


def test_normalizations_that_need_controls_say_so(cyclops):
    with pytest.raises(errors.ConfigError, match=r"cyclops has none\. There: scaled or none"):
        tasks.results("cyclops", *cyclops, normalized="tvn")
    with pytest.raises(errors.ConfigError, match="no normalization 'spherin'"):
        tasks.results("bbbc021", *plates(), normalized="spherin")
    table, facts = plates()
    kept = facts["control"] == ""
    treated = FeatureTable.of(facts.keys[kept].tolist(), table.features[kept])
    with pytest.raises(errors.TableError, match="There is no negative control"):
        tasks.results("bbbc021", treated, facts, normalized="sphering")
    week1 = ~((facts["control"] == "negative") & (facts["week"] == "Week1"))
    without = FeatureTable.of(facts.keys[week1].tolist(), table.features[week1])
    with pytest.raises(errors.TableError, match="1 of 3 plates have no control: Week1_1"):
        tasks.results("bbbc021", without, facts, normalized="range")


def test_features_as_they_are(cyclops):
    table, facts = cyclops
    # One feature that tells nothing and is enormous hides the others, unless it is scaled.
    noise = np.random.Generator(np.random.PCG64(4)).normal(0, 1e4, (len(table.keys), 1))
    loud = FeatureTable.of(table.keys.tolist(), np.concatenate([table.features, noise], axis=1))
    (scaled,) = tasks.results("cyclops", loud, facts)
    (raw,) = tasks.results("cyclops", loud, facts, normalized="none")
    assert scaled.correct.sum() > raw.correct.sum()


def test_taxol_controls_count_in_the_paper_alone():
    table, facts = plates(taxol_controls=True)
    assert [r.task for r in tasks.results("bbbc021", table, facts)] == [
        "bbbc021 nsc", "bbbc021 nscb",
    ]  # fmt: skip
    # With them taxol lies in every week, so that no week is left for its neighbours.
    paper = {r.task: r for r in tasks.results("bbbc021", table, facts, "paper")}
    assert "taxol 0.3 um" not in paper["bbbc021 nscb"].keys


def test_without_another_week_nscb_is_left_out_and_said(caplog):
    table, facts = plates()
    one = Facts(facts.name, facts.keys, {**facts.columns, "week": np.full(len(facts.keys), "W1")})
    assert [r.task for r in tasks.results("bbbc021", table, one)] == ["bbbc021 nsc"]
    assert "bbbc021 nscb is left out: No treatment has a neighbour" in caplog.text


def test_order_of_the_rows_changes_nothing():
    table, facts = plates()
    order = np.random.Generator(np.random.PCG64(3)).permutation(len(table.keys))
    mixed = FeatureTable.of(table.keys[order].tolist(), table.features[order])
    for one, other in zip(tasks.results("bbbc021", table, facts),
                          tasks.results("bbbc021", mixed, facts), strict=True):  # fmt: skip
        assert one == other


def test_a_benchmark_without_a_part_of_it_is_said():
    labels = np.repeat(["ER", "Golgi"], 8)
    for split, named in (("train", "in train."), ("test2", "in test2.")):
        given = table_and_facts("coos7", label=labels, split=np.full(16, split))
        with pytest.raises(errors.ConfigError, match=f"train and in a test set; .* {named}"):
            tasks.results("coos7", *given)
    table, facts = plates()
    same = FeatureTable.of(table.keys.tolist(), np.ones((len(table.keys), 3)))
    with pytest.raises(
        errors.TableError, match=r"4 of 4 treatments have a profile of zeros .*'range'"
    ):
        tasks.results("bbbc021", same, facts, normalized="range")
    untold = Facts(facts.name, facts.keys, {
        **facts.columns, "moa": np.where(facts["control"] == "negative", "DMSO", ""),
    })  # fmt: skip
    with pytest.raises(errors.ConfigError, match="holds no treatment of known mechanism"):
        tasks.results("bbbc021", table, untold)


def test_errors_say_what_is_wrong(cyclops):
    table, facts = cyclops
    with pytest.raises(errors.ConfigError, match="no benchmark 'cyclop'"):
        tasks.results("cyclop", table, facts)
    with pytest.raises(errors.ConfigError, match="no protocol 'papers'"):
        tasks.results("cyclops", table, facts, "papers")
    strange = FeatureTable.of(["k000", "other"], np.ones((2, 3)))
    with pytest.raises(errors.TableError, match=r"1 image with features not in cyclops: other"):
        tasks.results("cyclops", strange, facts)
    few = FeatureTable.of(table.keys[:8].tolist(), table.features[:8])
    with pytest.raises(errors.ConfigError):
        tasks.results("cyclops", few, facts)
    nan = table.features.copy()
    nan[3] = np.nan
    with pytest.raises(errors.TableError, match=r"1 of 45 images have .* NaN or infinite: k003"):
        tasks.results("cyclops", FeatureTable.of(table.keys.tolist(), nan), facts)


def test_scores_and_their_mean():
    result = tasks.Result("t", list("abcd"), ["x", "x", "x", "y"], ["x", "x", "y", "y"])
    one = scoring.score(result, "w")
    assert (one.hits, one.total, one.accuracy) == (3, 4, 0.75)
    assert one.balanced == pytest.approx((2 / 3 + 1) / 2)
    assert np.isnan(one.group_low)
    wrong = tasks.Result("t", list("abcd"), ["x", "x", "x", "y"], ["y"] * 4)
    mean = scoring.mean([one, scoring.score(wrong, "w")], "both")
    assert (mean.hits, mean.accuracy, mean.seeds) == (2, 0.5, 2)
    compared = scoring.compare(result, wrong)
    assert (compared.only_first, compared.only_second) == (2, 0)
    other = tasks.Result("t", list("abce"), ["x"] * 4, ["x"] * 4)
    with pytest.raises(errors.TableError, match="not the same samples"):
        scoring.compare(result, other)


def test_published_intervals_are_those_of_their_sample_sizes():
    from cytoimagenet_tfds.evaluation import intervals

    totals = (103, 27_058, 10_364, 17_021, 32_596, 30_772)
    for row in published.TABLE.values():
        for (accuracy, half), total in zip(row, totals, strict=True):
            interval = intervals.normal(round(accuracy / 100 * total), total)
            assert 50 * (interval.high - interval.low) == pytest.approx(half, abs=0.011)
