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
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import knn, moa, probe, profiles
from .facts import Facts
from .scaling import Scaler
from .sphering import Sphering
from .table import FeatureTable

Protocol = Literal["default", "paper"]
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
    """

    task: str
    keys: Sequence[str]
    truth: Sequence[str]
    predicted: Sequence[str]
    groups: Sequence[str] = ()

    @property
    def correct(self) -> npt.NDArray[np.bool_]:
        """[N] True where the prediction is right."""
        right: npt.NDArray[np.bool_] = np.asarray(self.truth) == np.asarray(self.predicted)
        return right


def results(
    benchmark: str, table: FeatureTable, facts: Facts, protocol: Protocol = "default",
    *, linear: bool = False,
) -> list[Result]:  # fmt: skip
    """Runs the tasks of a benchmark.

    Args:
      benchmark: `bbbc021`, `coos7` or `cyclops`.
      table: features of its images; images without features are left out.
      facts: of its images.
      protocol: `default` or `paper`.
      linear: also a linear probe on the test sets of coos7.

    Raises:
      ConfigError: unknown names; too few images for the neighbours.
      TableError: NaN, features of images that the dataset does not have.
    """
    if benchmark not in TASKS:
        raise errors.ConfigError(errors.unknown_name("benchmark", benchmark, TASKS))
    if protocol not in get_args(Protocol):
        raise errors.ConfigError(errors.unknown_name("protocol", protocol, get_args(Protocol)))
    strange = np.setdiff1d(table.keys, facts.keys)
    if strange.size:
        raise errors.TableError(
            f"{strange.size:,} images with features are not in {facts.name}: "
            f"{', '.join(strange[:3])}."
        )
    found = list(TASKS[benchmark](table, facts.among(table.keys), protocol))
    if linear and benchmark == "coos7":
        found += _coos7_probe(table, facts.among(table.keys))
    return found


def _bbbc021(table: FeatureTable, facts: Facts, protocol: Protocol) -> Iterator[Result]:
    dropped = ("negative",) if protocol == "paper" else ("negative", "positive")
    treated = ~np.isin(facts["control"], dropped) & (facts["moa"] != "")
    rows = facts.rows(treated)
    values = table.rows(rows.keys.tolist())
    if protocol == "paper":
        scaled = Scaler.fit(values).transform(values)
    else:
        controls = facts.keys[facts["control"] == "negative"]
        scaled = Sphering.fit(table.rows(controls.tolist())).transform(values)
    made = profiles.treatments(
        scaled, rows["compound"].tolist(), rows["concentration"].tolist(), rows["moa"].tolist(),
        rows["week"].tolist(),
    )  # fmt: skip
    names = [f"{c} {a:g} um" for c, a in zip(made.compound, made.concentration, strict=True)]
    for task, batch in (("bbbc021 nsc", None), ("bbbc021 nscb", made.batch)):
        try:
            found = moa.not_same_compound(made.profiles, made.moa, made.compound, batch)
        except errors.ConfigError as error:
            if batch is None:
                raise
            # A part of the plates may hold no treatment that counts; NSC does not depend on it.
            logging.getLogger(__name__).warning("%s is left out: %s", task, error)
            continue
        yield Result(
            task,
            [names[row] for row in found.rows],
            [made.moa[row] for row in found.rows],
            [made.moa[row] for row in found.neighbours],
            [made.compound[row] for row in found.rows],
        )


def _coos7(table: FeatureTable, facts: Facts, protocol: Protocol) -> Iterator[Result]:
    def classify(
        train: npt.NDArray[np.float32], labels: Sequence[str], query: npt.NDArray[np.float32]
    ) -> Sequence[str]:
        scaler = Scaler.fit(train)
        found: Sequence[str] = knn.classify(
            scaler.transform(train), labels, scaler.transform(query), NEIGHBOURS,
            ties=_ties(protocol),
        ).tolist()  # fmt: skip
        return found

    yield from _test_sets("coos7", table, facts, classify)


def _coos7_probe(table: FeatureTable, facts: Facts) -> Iterator[Result]:
    def classify(
        train: npt.NDArray[np.float32], labels: Sequence[str], query: npt.NDArray[np.float32]
    ) -> Sequence[str]:
        found: Sequence[str] = probe.linear_probe(train, labels, query).tolist()
        return found

    yield from _test_sets("coos7 probe", table, facts, classify)


def _test_sets(
    name: str,
    table: FeatureTable,
    facts: Facts,
    classify: Callable[..., Sequence[str]],
) -> Iterator[Result]:
    train = facts.rows(facts["split"] == "train")
    features, labels = table.rows(train.keys.tolist()), train["label"].tolist()
    for split in sorted(set(facts["split"].tolist()) - {"train"}):
        test = facts.rows(facts["split"] == split)
        predicted = classify(features, labels, table.rows(test.keys.tolist()))
        yield Result(f"{name} {split}", test.keys.tolist(), test["label"].tolist(), predicted)


def _cyclops(table: FeatureTable, facts: Facts, protocol: Protocol) -> Iterator[Result]:
    labels = facts["label"].tolist()
    if protocol == "paper":
        labels = ["SPINDLE" if label == "SPINDLEPOLE" else label for label in labels]
    values = table.rows(facts.keys.tolist())
    keys = facts.keys.tolist()
    predicted = knn.leave_one_out(
        Scaler.fit(values).transform(values), labels, keys, NEIGHBOURS, ties=_ties(protocol)
    )
    yield Result("cyclops", keys, labels, predicted.tolist())


def _ties(protocol: Protocol) -> Literal["nearest", "paper"]:
    return "paper" if protocol == "paper" else "nearest"


TASKS: Mapping[str, Callable[[FeatureTable, Facts, Protocol], Iterator[Result]]] = {
    "bbbc021": _bbbc021,
    "coos7": _coos7,
    "cyclops": _cyclops,
}
