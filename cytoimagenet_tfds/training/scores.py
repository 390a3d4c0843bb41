"""Scores of a classification, computed from its table of predictions alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

CALIBRATION_BINS = 15


@dataclasses.dataclass(frozen=True)
class Scores:
    """Scores of one table of predictions.

    Attributes:
      images: rows of the table.
      accuracy: share whose class was predicted.
      top_k: k -> share whose class was among the k most probable ones.
      calibration_error: mean distance of confidence and accuracy, weighted by images.
      classes: one row per class: label, category, images, right, accuracy, top (share within k).
      categories: the same per category.
      calibration: one row per bin of confidence: low, high, images, confidence, accuracy.
      confusions: label, predicted, images, share (of the label's images), largest first.
    """

    images: int
    accuracy: float
    top_k: dict[int, float]
    calibration_error: float
    classes: pd.DataFrame
    categories: pd.DataFrame
    calibration: pd.DataFrame
    confusions: pd.DataFrame

    @property
    def none_right(self) -> pd.DataFrame:
        """The classes with validation images of which none was predicted."""
        classes = self.classes
        return classes[(classes["images"] > 0) & (classes["right"] == 0)].reset_index(drop=True)

    def summary(self) -> dict[str, Any]:
        """Returns the numbers as JSON types."""
        none = self.none_right
        return {
            "images": self.images,
            "accuracy": self.accuracy,
            **{f"top_{k}_accuracy": value for k, value in self.top_k.items()},
            "calibration_error": self.calibration_error,
            "classes": len(self.classes),
            "classes_with_images": int((self.classes["images"] > 0).sum()),
            "classes_with_none_right": len(none),
            "none_right_by_category": none["category"].value_counts().sort_index().to_dict(),
        }


def score(predictions: pd.DataFrame, classes: Sequence[str], top_k: int) -> Scores:
    """Scores a table of predictions.

    Args:
      predictions: as `predict.classification` makes it.
      classes: all classes, in the order wanted.
      top_k: counts a hit among this many classes.
    """
    right = predictions["label"] == predictions["predicted"]
    marked = predictions.assign(right=right, top=predictions["rank"] <= top_k)
    bins = calibration(predictions["probability"].to_numpy(), right.to_numpy())
    gaps = (bins["confidence"] - bins["accuracy"]).abs() * bins["images"]
    return Scores(
        images=len(predictions),
        accuracy=float(right.mean()),
        top_k={top_k: float(marked["top"].mean())},
        calibration_error=float(gaps.sum() / len(predictions)),
        classes=_classes(marked, classes),
        categories=_group(marked, "category").sort_values("category", ignore_index=True),
        calibration=bins,
        confusions=confusions(predictions),
    )


def _group(marked: pd.DataFrame, column: str) -> pd.DataFrame:
    grouped = marked.groupby(column, sort=True)
    table = grouped.agg(images=("key", "size"), right=("right", "sum"), top=("top", "mean"))
    table = table.reset_index()
    table.insert(3, "accuracy", table["right"] / table["images"])
    return table


def _classes(marked: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    table = _group(marked, "label").set_index("label").reindex(list(classes))
    most = marked.groupby("label")["category"].agg(lambda values: values.mode().iloc[0])
    table.insert(0, "category", most.reindex(list(classes)).fillna(""))
    counts = {"images": 0, "right": 0}
    return table.fillna(counts).astype(dict.fromkeys(counts, "int64")).reset_index(names="label")


def calibration(confidence: Any, right: Any, bins: int = CALIBRATION_BINS) -> pd.DataFrame:
    """Compares confidence and accuracy in bins of equal width; empty bins are left out.

    Args:
      confidence: [N] float, probability of the predicted class.
      right: [N] bool.
      bins: how many between 0 and 1.
    """
    places = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    table = pd.DataFrame({"bin": places, "confidence": confidence, "accuracy": right})
    grouped = table.groupby("bin").agg(
        images=("accuracy", "size"),
        confidence=("confidence", "mean"),
        accuracy=("accuracy", "mean"),
    )
    grouped.insert(0, "low", grouped.index / bins)
    grouped.insert(1, "high", (grouped.index + 1) / bins)
    return grouped.reset_index(drop=True)


def confusions(predictions: pd.DataFrame) -> pd.DataFrame:
    """Returns the pairs of label and wrong prediction, most images first."""
    wrong = predictions[predictions["label"] != predictions["predicted"]]
    table = wrong.groupby(["label", "predicted"]).size().rename("images").reset_index()
    sizes = predictions["label"].value_counts()
    table["share"] = table["images"] / table["label"].map(sizes).astype("float64")
    order = ["images", "share", "label", "predicted"]
    return table.sort_values(order, ascending=[False, False, True, True], ignore_index=True)
