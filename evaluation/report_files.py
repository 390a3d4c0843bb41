"""Names and forms of the files of a report."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any


def clean(text: str) -> str:
    """Returns a text as part of a file name."""
    return re.sub(r"[^\w.-]+", "-", text)


def csv_text(header: Iterable[Any], lines: Iterable[Iterable[Any]]) -> str:
    """Returns a table as comma-separated text with Unix line ends."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([list(header), *map(list, lines)])
    return file.getvalue()
