"""Scores of a multi-label prediction at one threshold, per class and over all."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class MultilabelScores:
    """Scores of one table of predictions.

    Attributes:
      images: rows of the table.
      macro_f1: mean F1 of all classes; a class without images and without predictions has 0.
      micro_f1: F1 of all decisions together.
      mean_average_precision: over the classes that have images.
      classes: one row per class: label, images, predicted, precision, recall, f1,
        average_precision.
    """

    images: int
    macro_f1: float
    micro_f1: float
    mean_average_precision: float
    classes: pd.DataFrame

    def summary(self) -> dict[str, Any]:
        """Returns the numbers as JSON types."""
        values = dataclasses.asdict(self)
        del values["classes"]
        return {**values, "classes": len(self.classes)}


def score(
    predictions: pd.DataFrame, classes: Sequence[str], threshold: float = 0.5
) -> MultilabelScores:
    """Scores a table as `predict.multilabel` makes it; at `threshold` or above a class counts."""
    return score_arrays(*arrays(predictions, classes), classes, threshold)


def score_arrays(
    true: Bools, found: Floats, classes: Sequence[str], threshold: float | Floats = 0.5
) -> MultilabelScores:
    """Scores truth [N, C] and probabilities [N, C]; `threshold` may be one per class, [C]."""
    said = found >= threshold
    hits, images, predicted = (true & said).sum(0), true.sum(0), said.sum(0)
    f1 = _share(2 * hits, images + predicted)
    precisions = np.array([average_precision(t, f) for t, f in zip(true.T, found.T, strict=True)])
    table = pd.DataFrame({
        "label": list(classes), "images": images, "predicted": predicted,
        "precision": _share(hits, predicted), "recall": _share(hits, images), "f1": f1,
        "average_precision": precisions,
    })  # fmt: skip
    micro = _share(np.array([2 * hits.sum()]), np.array([images.sum() + predicted.sum()]))
    mean = float(np.nanmean(precisions)) if np.isfinite(precisions).any() else float("nan")
    return MultilabelScores(len(true), float(f1.mean()), float(micro[0]), mean, table)


def arrays(predictions: pd.DataFrame, classes: Sequence[str]) -> tuple[Bools, Floats]:
    """Returns truth [N, C] bool and probabilities [N, C] of a table of predictions."""
    places = {label: number for number, label in enumerate(classes)}
    true = np.zeros((len(predictions), len(classes)), dtype=bool)
    for row, labels in enumerate(predictions["labels"]):
        true[row, [places[label] for label in labels]] = True
    return true, np.array(predictions["probabilities"].tolist(), dtype=np.float64)


def average_precision(true: Bools, scores: Floats) -> float:
    """Returns the mean precision at the true examples, ranked by score; NaN without any.

    Of equal scores all count at once, as in scikit-learn.
    """
    if not true.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ranked, sorted_scores = true[order], scores[order]
    last = np.r_[np.flatnonzero(np.diff(sorted_scores)), len(scores) - 1]
    hits = np.cumsum(ranked)[last]
    gained = np.diff(np.r_[0, hits])
    return float((gained * hits / (last + 1)).sum() / ranked.sum())


def _share(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Floats:
    shares: Floats = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return shares
