"""Several evaluations side by side: their scores, and the same samples in pairs of runs."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cytoimagenet_tfds import errors, tables

from . import extractors, report, report_text
from .tasks import Result

_Named = Mapping[tuple[str, str], Result]  # by task and weights


def joined(folders: Sequence[Path]) -> str:
    """Returns a table of the scores, one column per run, and paired tests between the runs.

    A set of features that two runs share is compared with itself (another method or protocol), and
    every other one with those of the other run that are no baselines.

    Raises:
      TableError: a folder holds no results.
    """
    runs = [_scores_of(folder) for folder in folders]
    names = [folder.name for folder in folders]
    if len(set(names)) < len(names):
        names = [str(folder) for folder in folders]
    lines = report_text.row(["task", "features", *names], head=True)
    for name in sorted({name for run in runs for name in run}):
        lines += report_text.row([*name, *(run.get(name, "") for run in runs)])
    found = dict(zip(names, map(_predictions, folders), strict=True))
    tests = [line for pair in itertools.combinations(names, 2) for line in _tests(found, *pair)]
    if tests:
        lines += ["", *report_text.ABOUT_PAIRS, ""]
        lines += report_text.row([*report_text.PAIRS], head=True) + tests
    return "\n".join(lines) + "\n"


def _scores_of(folder: Path) -> dict[tuple[str, str], str]:
    try:
        lines = json.loads((folder / report.RESULTS).read_text())["scores"]
        return {
            (line["task"], line["weights"]): (
                f"{line['accuracy']:.2%} ({line['low']:.1%} to {line['high']:.1%})"
            )
            for line in lines
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.TableError(f"{folder} holds no results of an evaluation: {error}") from error


def _predictions(folder: Path) -> _Named:
    """Returns the predictions of a run, nothing where they have not been kept."""
    path = folder / report.PREDICTIONS
    if not path.is_file():
        return {}
    rows: dict[tuple[str, str], list[tuple[str, str, str, str]]] = {}
    names = ("task", "weights", "key", "truth", "predicted", "group")
    data = tables.read_arrow(path)
    for task, weights, *row in zip(*(data[name].to_pylist() for name in names), strict=True):
        rows.setdefault((task, weights), []).append((row[0], row[1], row[2], row[3]))
    found = {}
    for name, lines in rows.items():
        keys, truth, predicted, groups = zip(*lines, strict=True)
        found[name] = Result(name[0], keys, truth, predicted, groups if all(groups) else ())
    return found


def _tests(found: Mapping[str, _Named], first: str, second: str) -> Iterator[str]:
    for (task, weights), one in found[first].items():
        for (other_task, other_weights), other in found[second].items():
            if task == other_task and _worth_it(weights, other_weights):
                names = f"{first}: {weights}", f"{second}: {other_weights}"
                yield from report_text.row([task, *names, *report_text.compared(one, other)])


def _worth_it(weights: str, other: str) -> bool:
    if weights == other:
        return True
    baselines = (extractors.PIXELS, extractors.RANDOM)
    return not any(name.partition(":")[0] in baselines for name in (weights, other))
