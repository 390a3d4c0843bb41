"""What was fetched, written down beside it: size and SHA-256 of every file at first download."""

from __future__ import annotations

import json
import os
import threading

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
        self._files = self._read()

    def get(self, name: str) -> Fetched | None:
        """Returns what is recorded of a file, by its path relative to the folder."""
        entry = self._files.get(name)
        if entry is None:
            return None
        return Fetched(int(entry["size"]), str(entry["sha256"]), str(entry["url"]))

    def names(self) -> list[str]:
        """Returns the recorded files, sorted."""
        return sorted(self._files)

    def add(self, name: str, fetched: Fetched) -> None:
        """Records a file, at once and safely against a kill."""
        with self._guard:
            self._files[name] = {
                "url": fetched.url, "size": fetched.size, "sha256": fetched.sha256,
            }  # fmt: skip
            text = json.dumps({"files": self._files}, indent=1, sort_keys=True)
            if "://" in os.fspath(self.path):
                self.path.write_text(text)  # an object appears whole, when it is closed
                return
            part = self.path.parent / f".{NAME}.part"
            part.write_text(text)
            part.replace(self.path)

    def _read(self) -> dict[str, dict[str, str | int]]:
        if not self.path.exists():
            return {}
        try:
            files: dict[str, dict[str, str | int]] = json.loads(self.path.read_text())["files"]
            for entry in files.values():
                if not {"url", "size", "sha256"} <= entry.keys():
                    raise KeyError("size")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise errors.FetchError(
                f"{self.path} is damaged ({error}). Remove it to record the files anew."
            ) from error
        return files
