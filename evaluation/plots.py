"""The plot of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .scoring import Score


def accuracy(scores: Sequence[Score], path: Path) -> None:
    """Draws the accuracy of every set of features on every task, with Wilson's interval."""
    from matplotlib import figure

    tasks = list(dict.fromkeys(score.task for score in scores))
    names = list(dict.fromkeys(score.weights for score in scores))
    drawn = figure.Figure(figsize=(2 + 1.4 * len(tasks), 4), layout="constrained")
    axes = drawn.subplots()
    width = 0.8 / len(names)
    for number, name in enumerate(names):
        own = [score for score in scores if score.weights == name]
        places = [tasks.index(score.task) + width * (number + 0.5) - 0.4 for score in own]
        below = [max(0.0, 100 * (score.accuracy - score.low)) for score in own]
        above = [max(0.0, 100 * (score.high - score.accuracy)) for score in own]
        axes.bar(places, [100 * score.accuracy for score in own], width, label=name,
                 yerr=[below, above], capsize=2)  # fmt: skip
    axes.set_xticks(range(len(tasks)), tasks)
    axes.set_ylabel("accuracy, %")
    axes.set_ylim(0, 100)
    drawn.legend(loc="outside upper center", ncols=min(len(names), 4))
    drawn.savefig(path, dpi=120, metadata={"Software": None})
