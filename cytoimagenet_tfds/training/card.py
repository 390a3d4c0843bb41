"""The model card: what was trained, on what, how it scores, whose licences apply."""

from __future__ import annotations

import json
from typing import Any

import keras
import pandas as pd

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.training import weights
from cytoimagenet_tfds.training.recipe import Recipe
from cytoimagenet_tfds.training.run import Run
from cytoimagenet_tfds.version import __version__


def text(run: Run, summary: dict[str, Any]) -> str:
    """Returns the card as Markdown.

    Args:
      run: the finished training.
      summary: of the scores on the validation split.
    """
    recipe = run.recipe
    return "\n".join([
        f"# {recipe.model}, recipe `{recipe.name}`, on {run.dataset.name}",
        "",
        f"Trained with cytoimagenet-tfds {__version__}, Keras {keras.__version__}, backend "
        f"{keras.backend.backend()}.",
        "",
        "## Data",
        *_data(run),
        "",
        "## Scores on the validation split",
        *(f"- {name}: {_number(value)}" for name, value in summary.items()),
        "",
        "## History",
        *_history(run),
        "",
        "## Use",
        *_use(recipe, len(run.dataset.classes)),
        "",
        "## Recipe",
        f"Hash: {recipe.digest()}",
        "```json", json.dumps(recipe.to_dict(), indent=1), "```",
        "",
        "## Licences of the images",
        "The weights were made from images of these sources; their licences apply.",
        "",
        *markdown(run.counts.licences),
        "",
    ])  # fmt: skip


def _data(run: Run) -> list[str]:
    counts = run.counts.examples
    lines = [f"- {split}: {wording.counted(count, 'image')}" for split, count in counts.items()]
    return [
        f"- dataset: {run.dataset.name}",
        f"- plan hash: {run.dataset.plan_hash or 'unknown, no build report beside the data'}",
        f"- classes: {len(run.dataset.classes):,}",
        *lines,
    ]


def _history(run: Run) -> list[str]:
    if not run.rows:
        return ["No training: the weights are those the recipe starts from."]
    shown = pd.DataFrame(run.rows).iloc[sorted({0, run.epoch - 1, len(run.rows) - 1})]
    shown = shown.assign(epoch=shown["epoch"] + 1)
    done = f"{len(run.rows)} of {run.recipe.epochs} epochs; the weights are those after epoch"
    return [f"{done} {run.epoch}. First, chosen and last epoch:", "", *markdown(shown)]


def _use(recipe: Recipe, classes: int) -> list[str]:
    name = weights.file_name(recipe)
    full, notop = f"weights/{name}.weights.h5", f"weights/{name}-notop.weights.h5"
    if not recipe.model[0].isupper() or recipe.compose:
        made = "cytoimagenet_tfds.training.models.build"
        return [f"`{full}` and `{notop}` load into the networks that `{made}` makes of the recipe."]
    made = f"keras.applications.{recipe.model}"
    top = [f'{made}(weights="{full}", classes={classes})'] if recipe.pooling == "avg" else []
    return [
        "Images are grey, 0 to 255, repeated to three channels and passed through the "
        "application's `preprocess_input`. `classes.txt` names the outputs in order.",
        "", "```python", *top,
        f'{made}(weights="{notop}", include_top=False, pooling="{recipe.pooling}")', "```",
    ]  # fmt: skip


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def markdown(table: pd.DataFrame) -> list[str]:
    """Returns a table as lines of Markdown."""
    head = "| " + " | ".join(table.columns) + " |"
    rule = "|" + "---|" * len(table.columns)
    rows = [
        "| " + " | ".join(_number(value) for value in row) + " |"
        for row in table.itertuples(index=False)
    ]
    return [head, rule, *rows]
