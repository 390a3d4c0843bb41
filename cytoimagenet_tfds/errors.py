"""Errors that users see: what, where, expected, found, how to fix."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

# Line ends, orders to a terminal, marks that turn the direction of what follows, half characters:
# in a name from data they would make lines that nobody wrote.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class CytoImageNetError(ValueError):
    """Base of every error this package raises on purpose."""


class ConfigError(CytoImageNetError):
    """A setting is out of its range or contradicts another one."""


class TableError(CytoImageNetError):
    """A table lacks columns, has wrong types, or holds duplicate keys."""


class SourceLayoutError(CytoImageNetError):
    """A source folder does not look as its reader expects."""


class MissingSourcesError(CytoImageNetError):
    """Sources that a build needs are not where they should be."""


class BuildError(CytoImageNetError):
    """A build cannot start or cannot finish."""


class TrainingError(CytoImageNetError):
    """A training cannot go on, or its folder holds another one."""


class FetchError(CytoImageNetError):
    """A file cannot be fetched, or is not what it should be."""


class AbsentError(FetchError):
    """The server has no such file, or an empty one."""


class ChangedError(FetchError):
    """A file changed on the server while it was being fetched."""


class ImageError(CytoImageNetError):
    """An image cannot be used; it is counted under `reason`, never fatal to a build.

    Attributes:
      reason: short, stable words under which the report counts the image, such as
        `unreadable`, `truncated`, `too large`.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[ImageError], tuple[str, str]]:
        # The default would call ImageError(message): errors cross process borders.
        return type(self), (self.reason, str(self))


class Problems:
    """Collects every problem first, so that the user sees all of them at once."""

    def __init__(self) -> None:
        self._messages: list[str] = []

    def add(self, message: str) -> None:
        """Adds one problem, a full sentence."""
        self._messages.append(message)

    def __bool__(self) -> bool:
        return bool(self._messages)

    def raise_if_any(self, error: type[CytoImageNetError], heading: str) -> None:
        """Raises `error` with the heading and all problems, one per line, if there are any."""
        if self._messages:
            lines = "\n".join(f"- {message}" for message in self._messages)
            raise error(f"{heading}\n{lines}")


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """Returns the message for a name that does not exist, the nearest names first, then all."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
    return f"There is no {what} {name!r}.{hint} Known: {', '.join(names) or 'none'}."


def visible(text: str) -> str:
    """Returns text that may come from data as one line that shows all that is in it."""
    return _INVISIBLE.sub(lambda match: ascii(match.group())[1:-1], text)


def printable(text: str, encoding: str | None) -> str:
    """Returns text with escapes in the place of what a terminal or a file cannot take."""
    lines = "\n".join(map(visible, text.split("\n")))
    known = encoding or "utf-8"
    return lines.encode(known, "backslashreplace").decode(known)
