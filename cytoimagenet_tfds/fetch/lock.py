"""What was fetched, written down beside it: size and SHA-256 of every file at first download."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from typing import Any

from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.fetch.transfer import Fetched

NAME = "cytoimagenet.lock.json"


class Lock:
    """The lock file of one source folder, local or in an object store.

    A file that is recorded is checked against its record ever after: data that changed at its
    origin, or on the disk, is noticed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.path = epath.Path(folder) / NAME
        self._guard = threading.Lock()
        self._files, self._absent = self._read()

    def get(self, name: str) -> Fetched | None:
        """Returns what is recorded of a file, by its path relative to the folder."""
        entry = self._files.get(name)
        if entry is None:
            return None
        return Fetched(**entry)

    def names(self) -> list[str]:
        """Returns the recorded files, sorted."""
        return sorted(self._files)

    def is_absent(self, name: str) -> bool:
        """True for a file that the server was asked for and does not have."""
        return name in self._absent

    def add_absent(self, name: str) -> None:
        """Records that the server has no such file, so that it is not asked again."""
        with self._guard:
            self._absent.add(name)
            self._write()

    def remove(self, name: str) -> None:
        """Forgets a file."""
        with self._guard:
            self._files.pop(name, None)
            self._write()

    def add(self, name: str, fetched: Fetched) -> None:
        """Records a file, at once and safely against a kill."""
        with self._guard:
            facts = dataclasses.asdict(fetched)
            if not fetched.packed_sha256:
                del facts["packed_size"], facts["packed_sha256"]
            self._files[name] = facts
            self._write()

    def _write(self) -> None:
        content: dict[str, Any] = {"files": self._files}
        if self._absent:
            content["absent"] = sorted(self._absent)
        text = json.dumps(content, indent=1, sort_keys=True)
        if "://" in os.fspath(self.path):
            self.path.write_text(text)  # an object appears whole, when it is closed
            return
        part = self.path.parent / f".{NAME}.part"
        part.write_text(text)
        part.replace(self.path)

    def _read(self) -> tuple[dict[str, dict[str, Any]], set[str]]:
        if not self.path.exists():
            return {}, set()
        try:
            content = json.loads(self.path.read_text())
            files = {str(name): dict(entry) for name, entry in content["files"].items()}
            for entry in files.values():
                Fetched(**entry)
            return files, set(content.get("absent", ()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise errors.FetchError(
                f"{self.path} is damaged ({error}). Remove it to record the files anew."
            ) from error
