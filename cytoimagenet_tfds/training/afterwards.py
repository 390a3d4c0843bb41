"""What a finished run leaves: predictions, scores, plots, weights, class distances, card."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cytoimagenet_tfds.training import (
    card,
    counting,
    data,
    distances,
    hooks,
    multilabel,
    plots,
    predict,
    scores,
    weights,
    writing,
)
from cytoimagenet_tfds.training.run import Run

PREDICTIONS = "predictions.parquet"
DISTANCES = "class_distances.csv"


def write(run: Run) -> dict[str, Any]:
    """Writes everything below the run's folder; returns the summary of the scores."""
    root = run.folder.root
    writing.text(root / "classes.txt", "\n".join(run.dataset.classes) + "\n")
    weights.export(run.network, run.recipe, run.folder.weights)
    scored = _classification if run.recipe.task == "classification" else _multilabel
    summary = scored(run)
    if run.rows and _can_plot():
        plots.draw_history(run.rows, root / "history.png")
    if run.recipe.report:
        summary |= hooks.resolve(run.recipe.report)(run)
    writing.as_json(root / "scores.json", summary)
    if run.recipe.distances:
        writing.csv(root / DISTANCES, class_distances(run))
    writing.text(root / "MODEL_CARD.md", card.text(run, summary))
    return summary


def _classification(run: Run) -> dict[str, Any]:
    root = run.folder.root
    predictions = predict.classification(run.network.model, run.dataset, run.recipe)
    writing.parquet(root / PREDICTIONS, predictions)
    top_k = min(run.recipe.top_k, len(run.dataset.classes))
    found = scores.score(predictions, run.dataset.classes, top_k)
    tables = {
        "classes": found.classes, "categories": found.categories, "none_right": found.none_right,
        "calibration": found.calibration, "confusions": found.confusions,
    }  # fmt: skip
    for name, table in tables.items():
        writing.csv(root / f"{name}.csv", table)
    if _can_plot():
        plots.draw_class_accuracy(found, root / "class_accuracy.png")
        plots.draw_calibration(found, root / "calibration.png")
        plots.draw_confusions(predictions, found, root / "confusions.png")
    return found.summary()


def _multilabel(run: Run) -> dict[str, Any]:
    predictions = predict.multilabel(run.network.model, run.dataset, run.recipe)
    writing.parquet(run.folder.root / PREDICTIONS, predictions)
    found = multilabel.score(predictions, run.dataset.classes)
    writing.csv(run.folder.root / "classes.csv", found.classes)
    return found.summary()


def _can_plot() -> bool:
    there = plots.available()
    if not there:
        print("No plots: matplotlib is not installed (pip install 'cytoimagenet-tfds[viz]').")
    return there


def class_distances(run: Run) -> pd.DataFrame:
    """Returns the class distances of the training images in the features of the backbone.

    At most `Recipe.distances` images of a class, chosen by their keys; beside the columns of
    `distances.class_distances` the category of the class. An image of several classes counts for
    its first one.
    """
    recipe, dataset = run.recipe, run.dataset
    images = counting.first_labels(dataset, data.TRAIN)
    chosen = distances.choose(images["key"], images["label"], recipe.distances, recipe.seed)
    keys = set(images["key"].iloc[chosen])
    features, labels = [], []
    backbone = run.network.backbone
    for rows, found in predict.outputs(backbone, dataset, data.TRAIN, recipe, keys):
        features.append(found)
        labels += [dataset.classes[n] for n in np.asarray(rows["target"]).argmax(axis=1)]
    table = distances.class_distances(np.concatenate(features), labels, recipe.seed)
    categories = run.counts.classes.set_index("label")["category"]
    table.insert(1, "category", categories.reindex(table["label"]).to_numpy())
    return table
