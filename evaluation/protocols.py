"""What `protocol='paper'` does otherwise than the default, and what it does not copy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple


class Difference(NamedTuple):
    """One choice of the code of CytoImageNet: what `default` does, what `paper` does."""

    what: str
    default: str
    paper: str


DIFFERENCES: Mapping[str, tuple[Difference, ...]] = {
    "bbbc021": (
        Difference("normalization", "sphering on the DMSO images",
                   "mean and deviation of the treated images; DMSO is not used"),
        Difference("taxol control wells", "left out",
                   "kept, where the dataset has them (config with_taxol_controls)"),
    ),
    "coos7": (
        Difference("tied votes", "the class of the nearest of the tied neighbours",
                   "the first class by name; the nearest neighbour's where all 11 differ"),
    ),
    "cyclops": (
        Difference("tied votes", "the class of the nearest of the tied neighbours",
                   "the first class by name; the nearest neighbour's where all 11 differ"),
        Difference("SPINDLE and SPINDLEPOLE", "two classes", "one class, SPINDLE"),
    ),
}  # fmt: skip

# Mistakes of that code, which no option brings back: its figures cannot be had again with these.
NOT_COPIED: Mapping[str, tuple[str, ...]] = {
    "bbbc021": (),
    "coos7": ("fusion joined features by row number, perhaps of different cells of one class",),
    "cyclops": (
        "folders and labels were paired off after DEAD and GHOST were removed from one list only",
        "fusion joined features by row number, perhaps of different cells of one class",
    ),
}


def lines(protocol: str, benchmarks: Iterable[str]) -> Iterator[str]:
    """Yields what a report says of its protocol; nothing for the default."""
    if protocol != "paper":
        return
    yield "The protocol of the paper differs from the default in:"
    yield ""
    for name in benchmarks:
        for one in DIFFERENCES[name]:
            yield f"- {name}, {one.what}: {one.paper} (default: {one.default})"
        for mistake in NOT_COPIED[name]:
            yield f"- {name}, not copied: {mistake}"
    yield ""
