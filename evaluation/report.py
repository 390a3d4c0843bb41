"""An evaluation as files: JSON, CSV, Markdown, predictions, confusion, plots.

results.json       settings and scores
results.csv        scores, one line per task and set of weights
report.md          a table like Table 2 of the paper, its rows marked, and paired comparisons
predictions.parquet  every prediction, keyed: what `--compare` pairs
confusion/*.csv    counts of truth and prediction
confusion/*.png    the same as shares, one plot per benchmark and set of weights
accuracy.png       accuracy with its interval
umap/*.png         features in two dimensions, by class and by batch; with umap-learn
times.csv          seconds; the only file that differs between two runs

Plots need matplotlib; what cannot be drawn is said in one line.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cytoimagenet_tfds import tables

from . import report_files, report_text, scores, scoring
from .runs import Run

RESULTS, PREDICTIONS = "results.json", "predictions.parquet"


def write(run: Run, out: Path, settings: Mapping[str, Any], *, plots: bool = True) -> str:
    """Writes all files into a folder; returns the Markdown.

    Args:
      run: what was found.
      out: folder, made if need be.
      settings: what the report says of its making, JSON types.
      plots: draw them too.
    """
    out.mkdir(parents=True, exist_ok=True)
    lines = [_json(score) for score in run.scores]
    made = {"settings": dict(settings), "scores": lines, "notes": list(run.notes),
            "left_out": report_text.left_out(run)}  # fmt: skip
    (out / RESULTS).write_text(json.dumps(made, indent=2, sort_keys=True) + "\n")
    found = report_files.csv_text(lines[0].keys(), [line.values() for line in lines])
    (out / "results.csv").write_text(found)
    times = [(name, f"{value:.3f}") for name, value in run.seconds.items()]
    (out / "times.csv").write_text(report_files.csv_text(("what", "seconds"), times))
    _write_predictions(run, out / PREDICTIONS)
    _write_confusion(run, out / "confusion")
    notes = [*run.notes, *(_plots(run, out) if plots else [])]
    text = report_text.markdown(run, settings, notes)
    (out / "report.md").write_text(text)
    return text


def _plots(run: Run, out: Path) -> list[str]:
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        return [f"No plots: they need matplotlib ({error}): pip install 'cytoimagenet-tfds[viz]'"]
    from . import plots

    return plots.draw(run, out / RESULTS, out)


def _write_predictions(run: Run, path: Path) -> None:
    import pyarrow as pa

    columns: dict[str, list[str]] = {
        name: [] for name in ("task", "weights", "key", "group", "truth", "predicted")
    }
    for weights, results in run.results.items():
        for result in results:
            count = len(result.keys)
            columns["task"] += [result.task] * count
            columns["weights"] += [weights] * count
            columns["key"] += result.keys
            columns["group"] += result.groups or [""] * count
            columns["truth"] += result.truth
            columns["predicted"] += result.predicted
    tables.write_arrow(pa.table(columns), path)


def _write_confusion(run: Run, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for weights, results in run.results.items():
        for result in results:
            classes, counts = scores.confusion(result.truth, result.predicted)
            lines = [[name, *row] for name, row in zip(classes, counts.tolist(), strict=True)]
            name = report_files.clean(f"{result.task}.{Path(weights).name}")
            text = report_files.csv_text(["truth", *classes], lines)
            (folder / f"{name}.csv").write_text(text)


def _json(score: scoring.Score) -> dict[str, Any]:
    # JSON has no NaN.
    return {name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in dataclasses.asdict(score).items()}  # fmt: skip
