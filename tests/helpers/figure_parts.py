"""Parts of figures and inputs of figures, for their tests."""

from __future__ import annotations

import json


def texts(figure):
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    return found + [axes.get_title(loc=loc) for axes in figure.axes for loc in ("left", "center")]


def results(path, method, accuracy):
    interval = {"low": accuracy - 0.1, "high": accuracy + 0.1, "total": 103}
    scores = [
        {"task": task, "weights": name, "accuracy": accuracy, **interval}
        for task in ("bbbc021 nsc", "cyclops")
        for name in ("pixels", "random")
    ]
    settings = {"method": method, "protocol": "default"}
    path.write_text(json.dumps({"settings": settings, "scores": scores}))
    return path
