"""The history of a run: one row per epoch, the columns Keras gives it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from cytoimagenet_tfds.training import writing

Row = dict[str, float | int]
CSV, JSON = "history.csv", "history.json"


def row(epoch: int, logs: dict[str, float], learning_rate: float) -> Row:
    """Returns one row: `epoch` from 0, loss and metrics, `val_` of both, `learning_rate`."""
    return {
        "epoch": epoch,
        **{k: float(v) for k, v in logs.items()},
        "learning_rate": learning_rate,
    }


def write(rows: list[Row], folder: Path) -> None:
    """Writes `history.csv` and `history.json`."""
    buffer = io.StringIO()
    table = csv.DictWriter(buffer, list(rows[0]) if rows else ["epoch"], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    writing.text(folder / CSV, buffer.getvalue())
    writing.text(folder / JSON, json.dumps(rows, indent=1) + "\n")


def best(rows: list[Row]) -> int:
    """Returns the number of epochs after which the validation loss was lowest, 0 without rows."""
    losses = [row["val_loss"] for row in rows]
    return losses.index(min(losses)) + 1 if losses else 0


def stopped(rows: list[Row], patience: int) -> bool:
    """Whether the validation loss has not fallen for `patience` epochs (0: never)."""
    return bool(patience) and len(rows) - best(rows) >= patience
