"""The transfer tasks: from features and facts of a benchmark to predictions.

Protocols. `default` is what is right today; `paper` is what the code of CytoImageNet does, where it
is a choice and no mistake:

- bbbc021: `default` whitens on the DMSO images and leaves out the taxol control wells; `paper`
  scales by mean and deviation of the treated images and keeps those wells where the dataset has
  them. Both take the mean of the images of a treatment, the cosine, and the nearest treatment of
  another compound (NSC), or also of another week (NSCB, which the paper does not give).
- coos7: 11 nearest neighbours, scaler fitted on the training set. `paper` decides ties by the
  order of the class names, `default` by the nearest neighbour among the tied classes.
- cyclops: leave-one-out, 11 nearest neighbours, scaler fitted on all cells; ties as in coos7.
  `paper` merges SPINDLE and SPINDLEPOLE.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording

from . import knn, moa, normalization, probe, profiles
from .facts import Facts
from .normalization import Protocol
from .table import FeatureTable

NEIGHBOURS = 11


@dataclasses.dataclass(frozen=True)
class Result:
    """Predictions of one task.

    Attributes:
      task: name of the task: `bbbc021 nsc`, `coos7 test1` ...
      keys: [N] what was predicted: images or treatments.
      truth: [N] class of each.
      predicted: [N] predicted class of each.
      groups: [N] what samples hang together by (compounds), () where they are independent.
      left_out: treatments that do not count, as no legal neighbour has their mechanism.
    """

    task: str
    keys: Sequence[str]
    truth: Sequence[str]
    predicted: Sequence[str]
    groups: Sequence[str] = ()
    left_out: Sequence[str] = ()

    @property
    def correct(self) -> npt.NDArray[np.bool_]:
        """[N] True where the prediction is right."""
        right: npt.NDArray[np.bool_] = np.asarray(self.truth) == np.asarray(self.predicted)
        return right


@dataclasses.dataclass(frozen=True)
class Given:
    """What a task is done with.

    Attributes:
      table: features, sorted by key.
      facts: of the images that have features.
      protocol: `default` or `paper`.
      normalization: name of one of `normalization.NORMALIZATIONS`.
    """

    table: FeatureTable
    facts: Facts
    protocol: Protocol
    normalization: str


def results(
    benchmark: str, table: FeatureTable, facts: Facts, protocol: Protocol = "default",
    *, linear: bool = False, normalized: str = "",
) -> list[Result]:  # fmt: skip
    """Runs the tasks of a benchmark.

    Args:
      benchmark: `bbbc021`, `coos7` or `cyclops`.
      table: features of its images; images without features are left out.
      facts: of its images.
      protocol: `default` or `paper`.
      linear: also a linear probe on the test sets of coos7.
      normalized: name of a normalization, '' for that of the protocol.

    Raises:
      ConfigError: unknown names; too few images for the neighbours.
      TableError: NaN, features of images that the dataset does not have.
    """
    return run(benchmark, check(benchmark, table, facts, protocol, normalized), linear=linear)


def run(benchmark: str, given: Given, *, linear: bool = False) -> list[Result]:
    """Runs the tasks of a benchmark with what `check` returned; see `results`."""
    found = list(TASKS[benchmark](given))
    if linear and benchmark == "coos7":
        found += _coos7_probe(given)
    return found


def check(
    benchmark: str, table: FeatureTable, facts: Facts, protocol: Protocol, normalized: str
) -> Given:
    """Returns what the tasks of a benchmark are done with; see `results`."""
    if benchmark not in TASKS:
        raise errors.ConfigError(errors.unknown_name("benchmark", benchmark, TASKS))
    if protocol not in get_args(Protocol):
        raise errors.ConfigError(errors.unknown_name("protocol", protocol, get_args(Protocol)))
    strange = np.setdiff1d(table.keys, facts.keys)
    if strange.size:
        raise errors.TableError(
            f"{wording.counted(strange.size, 'image')} with features not in {facts.name}: "
            f"{', '.join(strange[:3])}. Images of it without features, if any: "
            f"{', '.join(np.setdiff1d(facts.keys, table.keys)[:3]) or 'none'}."
        )
    # Minimum and maximum are NaN where one value is, and need no mask of the whole array.
    edges = [edge(table.features, axis=1) for edge in (np.min, np.max)]
    odd = table.keys[~np.isfinite(edges).all(axis=0)]
    if odd.size:
        raise errors.TableError(
            f"{odd.size:,} of {len(table.keys):,} images have features that are NaN or infinite: "
            f"{', '.join(odd[:3])}. Leave these images out, or find out why the model gives no "
            "number for them."
        )
    name = normalization.chosen(normalized, benchmark, protocol)
    return Given(table, facts.among(table.keys), protocol, name)


def wells(given: Given) -> tuple[Facts, npt.NDArray[Any]]:
    """Returns the controls and treated images of BBBC021, and their normalized features [N, D]."""
    facts = given.facts
    treated = facts["moa"] != ""
    if given.protocol == "default":
        treated &= facts["control"] != "positive"
    rows = facts.rows(treated | (facts["control"] == "negative"))
    control = rows["control"] == "negative"
    known = normalization.Rows(control, ~control, rows["plate"].tolist(), rows["week"].tolist())
    way = normalization.NORMALIZATIONS[given.normalization]
    return rows, way.apply(given.table.rows(rows.keys.tolist()), known)


def _bbbc021(given: Given) -> Iterator[Result]:
    rows, values = wells(given)
    treated = rows["control"] != "negative"
    values, rows = values[treated], rows.rows(treated)
    if not len(rows.keys):
        raise errors.ConfigError(f"{rows.name} holds no treatment of known mechanism.")
    made = profiles.treatments(
        values, rows["compound"].tolist(), rows["concentration"].tolist(), rows["moa"].tolist(),
        rows["week"].tolist(),
    )  # fmt: skip
    names = [f"{c} {a:g} um" for c, a in zip(made.compound, made.concentration, strict=True)]
    zero = [name for name, row in zip(names, made.profiles, strict=True) if not row.any()]
    if zero:
        raise errors.TableError(
            f"{len(zero):,} of {len(names):,} treatments have a profile of zeros after the "
            f"normalization {given.normalization!r}, and no angle to others: "
            f"{', '.join(zero[:3])}. Are their features constant?"
        )
    yield _same_mechanism("bbbc021 nsc", made, names, None)
    try:
        yield _same_mechanism("bbbc021 nscb", made, names, made.batch)
    except errors.CytoImageNetError as error:
        # A part of the plates may hold no treatment that counts; NSC does not depend on it.
        logging.getLogger(__name__).warning("bbbc021 nscb is left out: %s", error)


def _same_mechanism(
    task: str,
    made: profiles.Treatments,
    names: Sequence[str],
    batch: Sequence[frozenset[str]] | None,
) -> Result:
    if batch is not None and any("" in own for own in batch):
        raise errors.ConfigError("not every plate has a week or batch.")
    found = moa.not_same_compound(made.profiles, made.moa, made.compound, batch)
    return Result(
        task,
        [names[row] for row in found.rows],
        [made.moa[row] for row in found.rows],
        [made.moa[row] for row in found.neighbours],
        [made.compound[row] for row in found.rows],
        [names[row] for row in found.left_out],
    )


def _coos7(given: Given) -> Iterator[Result]:
    def classify(
        train: npt.NDArray[np.float32], labels: Sequence[str], query: npt.NDArray[np.float32]
    ) -> Sequence[str]:
        normal = normalization.fitted(given.normalization, train)
        found: Sequence[str] = knn.classify(
            normal(train), labels, normal(query), NEIGHBOURS, ties=_ties(given.protocol)
        ).tolist()
        return found

    yield from _test_sets("coos7", given, classify)


def _coos7_probe(given: Given) -> Iterator[Result]:
    def classify(
        train: npt.NDArray[np.float32], labels: Sequence[str], query: npt.NDArray[np.float32]
    ) -> Sequence[str]:
        found: Sequence[str] = probe.linear_probe(train, labels, query).tolist()
        return found

    yield from _test_sets("coos7 probe", given, classify)


def _test_sets(name: str, given: Given, classify: Callable[..., Sequence[str]]) -> Iterator[Result]:
    table, facts = given.table, given.facts
    train = facts.rows(facts["split"] == "train")
    if not {"train"} < set(facts["split"].tolist()):
        raise errors.ConfigError(
            f"{facts.name} needs images with features in train and in a test set; there are some "
            f"in {', '.join(sorted(set(facts['split'].tolist()))) or 'no split'}."
        )
    features, labels = table.rows(train.keys.tolist()), train["label"].tolist()
    for split in sorted(set(facts["split"].tolist()) - {"train"}):
        test = facts.rows(facts["split"] == split)
        predicted = classify(features, labels, table.rows(test.keys.tolist()))
        yield Result(f"{name} {split}", test.keys.tolist(), test["label"].tolist(), predicted)


def _cyclops(given: Given) -> Iterator[Result]:
    keys, labels = given.facts.keys.tolist(), given.facts["label"].tolist()
    if given.protocol == "paper":
        labels = ["SPINDLE" if label == "SPINDLEPOLE" else label for label in labels]
    values = given.table.rows(keys)
    values = normalization.fitted(given.normalization, values)(values)
    predicted = knn.leave_one_out(values, labels, keys, NEIGHBOURS, ties=_ties(given.protocol))
    yield Result("cyclops", keys, labels, predicted.tolist())


def _ties(protocol: Protocol) -> Literal["nearest", "paper"]:
    return "paper" if protocol == "paper" else "nearest"


TASKS: Mapping[str, Callable[[Given], Iterator[Result]]] = {
    "bbbc021": _bbbc021,
    "coos7": _coos7,
    "cyclops": _cyclops,
}
