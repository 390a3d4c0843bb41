"""Counts in texts for people: 1 image, 2 images."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Returns a number with its noun, and whatever else depends on the number.

    `counted(1, "row")` is '1 row', `counted(1234, "row")` is '1,234 rows' and
    `counted(2, "file has", "files have")` is '2 files have'.

    Args:
      number: how many.
      one: what follows 1.
      many: what follows any other number, '' for `one` with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
