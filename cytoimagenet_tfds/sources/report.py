"""What reading a source found out: things to know, and things that stop it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

_SHOWN = 3  # examples in a message


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing expected and not found, or found and not expected.

    Attributes:
      kind: short stable word (`unknown name`, `missing channel`, `missing file`, `count` ...).
      message: a sentence for people.
      count: how many things it concerns.
      examples: the first of them, sorted.
    """

    kind: str
    message: str
    count: int = 1
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = f" For example: {'; '.join(self.examples)}." if self.examples else ""
        return f"{self.kind}: {self.message}{shown}"


class Report:
    """Collects findings while a source is read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.fatals: list[str] = []

    def note(self, kind: str, message: str, examples: Sequence[str] = ()) -> None:
        """Adds a finding that does not stop the reading; `examples` may be the full list."""
        first = tuple(sorted(examples)[:_SHOWN])
        self.findings.append(Finding(kind, message, max(1, len(examples)), first))

    def fatal(self, message: str, examples: Sequence[str] = ()) -> None:
        """Adds a reason why the source cannot be read; all are shown at once."""
        first = sorted(examples)[:_SHOWN]
        shown = f" Names that did not fit: {'; '.join(first)}." if first else ""
        self.fatals.append(message + shown)
