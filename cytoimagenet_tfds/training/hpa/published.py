"""Published scores of the competition's task, macro F1 in percent; none was measured here.

The first rows are those of the write-up whose system the recipe `hpa_paper` is
(manthan2305.github.io/projects/1_project), on data and a division of its own; the last ones were
scored by the competition on its private test images.
"""

from __future__ import annotations

import pandas as pd

ALL, FIRST_9 = "28 labels", "first 9 labels"
_WRITE_UP, _COMPETITION = "write-up", "competition"

_ROWS = (
    ("All-CNN", ALL, 1.62, _WRITE_UP),
    ("InceptionResNetV2", ALL, 33.54, _WRITE_UP),
    ("DenseNet-201", ALL, 38.25, _WRITE_UP),
    ("DenseNet-121, 512 pixels", ALL, 39.87, _WRITE_UP),
    ("DenseNet-121, high resolution", ALL, 40.25, _WRITE_UP),
    ("DenseNet-121, 512 pixels", FIRST_9, 60.12, _WRITE_UP),
    ("DenseNet-121, high resolution", FIRST_9, 61.39, _WRITE_UP),
    ("human", ALL, 71.0, _WRITE_UP),
    ("winner's single DenseNet-121, five folds averaged", ALL, 56.5, _COMPETITION),
)


def table() -> pd.DataFrame:
    """Returns method, labels, macro_f1 (percent) and source ('published: ...')."""
    rows = [(name, labels, score, f"published: {where}") for name, labels, score, where in _ROWS]
    return pd.DataFrame(rows, columns=["method", "labels", "macro_f1", "source"])
