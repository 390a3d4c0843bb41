"""The report of an evaluation for people, as Markdown."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cytoimagenet_tfds import wording

from . import protocols, published, scoring
from .runs import Run
from .tasks import Result

_LISTED = 12  # treatments named in a line
_EMPTY: tuple[Any, ...] = ("", [], {}, False)


ABOUT_PAIRS = (
    "The same samples, right with one and wrong with the other (McNemar's exact test); difference",
    "in percentage points, of BBBC021 with its interval when whole compounds are drawn anew:",
)
PAIRS = ("task", "features", "against", "only one", "only other", "p", "difference")


def markdown(run: Run, settings: Mapping[str, Any], notes: Sequence[str] = ()) -> str:
    """Returns the report: settings, scores beside published ones, intervals, comparisons.

    Args:
      run: what was found.
      settings: what the report says of its making.
      notes: further lines, such as what could not be drawn.
    """
    told = [f"- {name}: {_told(value)}" for name, value in settings.items() if value not in _EMPTY]
    lines = ["# Transfer", "", *told]
    lines += ["", *protocols.lines(str(settings.get("protocol", "")), _benchmarks(run))]
    lines += [*_scores(run), "", *_uncertainty(run), "", *_left_out(run), *_comparisons(run)]
    lines += [line for note in notes for line in ("", note)]
    return "\n".join(lines) + "\n"


def row(cells: Sequence[str], *, head: bool = False) -> list[str]:
    """Returns a line of a table, with the line below it where it is the head."""
    # A bar in a cell would begin another one.
    line = f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    return [line, "|" + "---|" * len(cells)] if head else [line]


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_told(one)}" for name, one in value.items() if one)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "as it is" if value is None else str(value)


def _benchmarks(run: Run) -> list[str]:
    return list(dict.fromkeys(score.task.partition(" ")[0] for score in run.scores))


def _scores(run: Run) -> list[str]:
    names = list(dict.fromkeys(score.task for score in run.scores))
    lines = ["Accuracy in percent ± half the normal interval, as the paper prints it; n is the "
             "number of predictions.", ""]  # fmt: skip
    totals = {score.task: score.total for score in run.scores}
    lines += row(["features", *(f"{name} (n = {totals[name]:,})" for name in names)], head=True)
    for weights in dict.fromkeys(score.weights for score in run.scores):
        own = {score.task: score for score in run.scores if score.weights == weights}
        seeds = max(score.seeds for score in own.values())
        title = f"{weights} (mean of {seeds} seeds)" if seeds > 1 else weights
        lines += row([title, *(_cell(own.get(name), totals[name]) for name in names)])
    lines += _published(names)
    doubtful = any(not name.startswith("bbbc021") for name in names)
    return [*lines, "", published.CARE] if doubtful else lines


def _cell(score: scoring.Score | None, total: int) -> str:
    if score is None:
        return ""
    other = "" if score.total == total else f" (n = {score.total:,})"
    return f"{100 * score.accuracy:.2f} ± {100 * score.half:.2f}{other}"


def _published(names: Sequence[str]) -> Iterator[str]:
    for weights, values in published.TABLE.items():
        known = dict(zip(published.TASKS, values, strict=True))
        cells = {task: f"{value:.2f} ± {half:.2f}" for task, (value, half) in known.items()}
        if any(name in cells for name in names):
            yield from row([f"{weights} (published)", *(cells.get(name, "") for name in names)])


def _uncertainty(run: Run) -> list[str]:
    lines = ["Wilson's 95 % interval, the interval when whole compounds are drawn anew, and "
             "accuracy with every class counted alike:", ""]  # fmt: skip
    lines += row(["task", "features", "hits", "Wilson", "by compound", "balanced"], head=True)
    for s in run.scores:
        group = "" if math.isnan(s.group_low) else f"{s.group_low:.1%} to {s.group_high:.1%}"
        lines += row([s.task, s.weights, f"{round(s.hits, 1):g} of {s.total:,}",
                      f"{s.low:.1%} to {s.high:.1%}", group, f"{s.balanced:.1%}"])  # fmt: skip
    return lines


def left_out(run: Run) -> dict[str, list[str]]:
    """Returns task -> treatments that do not count in it, with any of the features."""
    found: dict[str, set[str]] = {}
    for results in run.results.values():
        for result in results:
            if result.left_out:
                found.setdefault(result.task, set()).update(result.left_out)
    return {task: sorted(names) for task, names in found.items()}


def _left_out(run: Run) -> Iterator[str]:
    for task, names in left_out(run).items():
        more = " ..." if len(names) > _LISTED else ""
        found = wording.counted(len(names), "treatment does", "treatments do")
        yield (f"{task}: {found} not count, as no legal treatment has the same "
               f"mechanism: {', '.join(names[:_LISTED])}{more}")  # fmt: skip
        yield ""


def _comparisons(run: Run) -> Iterator[str]:
    """Compares each pair of sets of features sample by sample; of random ones the first seed."""
    if len(run.shown) < 2:
        return
    yield from (*ABOUT_PAIRS, "")
    yield from row(PAIRS, head=True)
    for first, second in itertools.combinations(run.shown, 2):
        others = {result.task: result for result in run.results[second]}
        for one in run.results[first]:
            if one.task in others:
                yield from row([one.task, first, second, *compared(one, others[one.task])])


def compared(one: Result, other: Result) -> list[str]:
    """Returns the cells of a paired test of two results of one task."""
    if set(one.keys) != set(other.keys):
        return ["other samples", "", "", ""]
    found = scoring.compare(one, other)
    inside = found.interval
    text = f"{100 * found.difference:+.1f}"
    if inside is not None:
        text += f" ({100 * inside.low:+.1f} to {100 * inside.high:+.1f})"
    return [str(found.only_first), str(found.only_second), f"{found.p_value:.3g}", text]
