"""An evaluation as files: JSON, CSV, Markdown, predictions, confusion, plot.

results.json       settings and scores
results.csv        scores, one line per task and set of weights
report.md          a table like Table 2 of the paper, its rows marked, and paired comparisons
predictions.parquet  every prediction, keyed: what `--compare` joins
confusion/*.csv    counts of truth and prediction
accuracy.png       accuracy with its interval, where Matplotlib is installed
times.csv          seconds; the only file that differs between two runs
"""

from __future__ import annotations

import csv
import dataclasses
import importlib.util
import io
import itertools
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cytoimagenet_tfds import errors, tables

from . import extractors, published, scores, scoring
from .runs import SEEDS, Run
from .tasks import Result

RESULTS, PREDICTIONS = "results.json", "predictions.parquet"


def write(run: Run, out: Path, settings: Mapping[str, Any]) -> str:
    """Writes all files into a folder; returns the Markdown.

    Args:
      run: what was found.
      out: folder, made if need be.
      settings: what the report says of its making, JSON types.
    """
    out.mkdir(parents=True, exist_ok=True)
    lines = [_json(score) for score in run.scores]
    text = json.dumps({"settings": dict(settings), "scores": lines}, indent=2, sort_keys=True)
    (out / RESULTS).write_text(text + "\n")
    (out / "results.csv").write_text(_csv(lines[0].keys(), [line.values() for line in lines]))
    times = [(name, f"{value:.3f}") for name, value in run.seconds.items()]
    (out / "times.csv").write_text(_csv(("what", "seconds"), times))
    _write_predictions(run, out / PREDICTIONS)
    _write_confusion(run, out / "confusion")
    made = markdown(run, settings)
    (out / "report.md").write_text(made)
    if importlib.util.find_spec("matplotlib") is not None:
        from . import plots

        plots.accuracy(run.scores, out / "accuracy.png")
    return made


def markdown(run: Run, settings: Mapping[str, Any]) -> str:
    """Returns the report for people: scores, published rows, comparisons."""
    names = list(dict.fromkeys(score.task for score in run.scores))
    lines = ["# Transfer", "", *(f"- {name}: {value}" for name, value in settings.items()), ""]
    lines += ["Accuracy in percent ± half the normal interval, as the paper prints it; n is the "
              "number of predictions.", ""]  # fmt: skip
    totals = {score.task: score.total for score in run.scores}
    lines += _row(["features", *(f"{name} (n = {totals[name]:,})" for name in names)], head=True)
    for weights in dict.fromkeys(score.weights for score in run.scores):
        cells = {s.task: _cell(s) for s in run.scores if s.weights == weights}
        seeds = max(s.seeds for s in run.scores if s.weights == weights)
        title = f"{weights} (mean of {seeds} seeds)" if seeds > 1 else weights
        lines += _row([title, *(cells.get(name, "") for name in names)])
    for weights, values in published.TABLE.items():
        known = dict(zip(published.TASKS, values, strict=True))
        cells = {task: f"{value:.2f} ± {half:.2f}" for task, (value, half) in known.items()}
        if any(name in cells for name in names):
            lines += _row([f"{weights} (published)", *(cells.get(name, "") for name in names)])
    return "\n".join([*lines, "", *_uncertainty(run), "", *_comparisons(run)]) + "\n"


def _cell(score: scoring.Score) -> str:
    return f"{100 * score.accuracy:.2f} ± {100 * score.half:.2f}"


def _uncertainty(run: Run) -> list[str]:
    lines = ["Wilson's 95 % interval, the interval when whole compounds are drawn anew, and "
             "accuracy with every class counted alike:", ""]  # fmt: skip
    lines += _row(["task", "features", "hits", "Wilson", "by compound", "balanced"], head=True)
    for s in run.scores:
        group = "" if math.isnan(s.group_low) else f"{s.group_low:.1%} to {s.group_high:.1%}"
        lines += _row([s.task, s.weights, f"{round(s.hits, 1):g} of {s.total:,}",
                       f"{s.low:.1%} to {s.high:.1%}", group, f"{s.balanced:.1%}"])  # fmt: skip
    return lines


def _comparisons(run: Run) -> list[str]:
    """Compares each pair of sets of features sample by sample; of random ones the first seed."""
    repeated = [f"{extractors.RANDOM}:{seed}" for seed in SEEDS[1:]]
    names = [name for name in run.results if not any(part in repeated for part in name.split("+"))]
    if len(names) < 2:
        return []
    lines = [
        "The same samples, right with one and wrong with the other (McNemar's exact test):",
        "",
    ]
    lines += _row(["task", "features", "against", "only one", "only other", "p"], head=True)
    for first, second in itertools.combinations(names, 2):
        for one, other in zip(run.results[first], run.results[second], strict=True):
            if set(one.keys) != set(other.keys):
                lines += _row([one.task, first, second, "other samples", "", ""])
                continue
            lines += _row([one.task, first, second, *_compared(one, other)])
    return lines


def _compared(one: Result, other: Result) -> list[str]:
    found = scoring.compare(one, other)
    return [str(found.only_first), str(found.only_second), f"{found.p_value:.3g}"]


def joined(folders: Sequence[Path]) -> str:
    """Returns a table of the scores of several runs, one column per run.

    Raises:
      TableError: a folder holds no results.
    """
    runs = [_scores_of(folder) for folder in folders]
    lines = _row(["task", "features", *(folder.name for folder in folders)], head=True)
    for name in sorted({name for run in runs for name in run}):
        lines += _row([*name, *(run.get(name, "") for run in runs)])
    return "\n".join(lines) + "\n"


def _scores_of(folder: Path) -> dict[tuple[str, str], str]:
    try:
        lines = json.loads((folder / RESULTS).read_text())["scores"]
        return {
            (line["task"], line["weights"]): (
                f"{line['accuracy']:.2%} ({line['low']:.1%} to {line['high']:.1%})"
            )
            for line in lines
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.TableError(f"{folder} holds no results of an evaluation: {error}") from error


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
            clean = re.sub(r"[^\w.-]+", "-", f"{result.task}.{Path(weights).name}")
            (folder / f"{clean}.csv").write_text(_csv(["truth", *classes], lines))


def _json(score: scoring.Score) -> dict[str, Any]:
    # JSON has no NaN.
    return {name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in dataclasses.asdict(score).items()}  # fmt: skip


def _csv(header: Iterable[Any], lines: Iterable[Iterable[Any]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([list(header), *map(list, lines)])
    return file.getvalue()


def _row(cells: Sequence[str], *, head: bool = False) -> list[str]:
    line = f"| {' | '.join(cells)} |"
    return [line, "|" + "---|" * len(cells)] if head else [line]
