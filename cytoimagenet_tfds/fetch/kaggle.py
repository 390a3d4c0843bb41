"""Kaggle's datasets and competitions, through kagglehub and the user's own login."""

from __future__ import annotations

import shutil
import urllib.parse
from pathlib import Path

from cytoimagenet_tfds import errors


def download(page: str, folder: Path) -> None:
    """Fetches what a Kaggle page offers into `folder`.

    Args:
      page: address of a dataset (`.../datasets/<owner>/<name>`) or a competition
        (`.../competitions/<name>` or `.../c/<name>`).
      folder: where the files come to lie.

    Raises:
      FetchError: kagglehub is not installed, there is no login, or the rules of the competition
        were not accepted on its page.
    """
    try:
        import kagglehub
    except ImportError as error:
        raise errors.FetchError(
            f"{page} wants kagglehub: pip install 'cytoimagenet-tfds[kaggle]'"
        ) from error
    kind, handle = parse(page)
    fetch = kagglehub.competition_download if kind == "competition" else kagglehub.dataset_download
    try:
        cached = Path(fetch(handle))
    except Exception as error:
        raise errors.FetchError(
            f"Kaggle did not give {page}: {error}. Log in (kagglehub.login(), or ~/.kaggle/"
            "kaggle.json), open the page, accept its rules, and run the command again."
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(cached, folder, dirs_exist_ok=True)


def parse(page: str) -> tuple[str, str]:
    """Returns ('competition' or 'dataset', its handle); raises FetchError for another page."""
    words = [word for word in urllib.parse.urlsplit(page).path.split("/") if word]
    if len(words) >= 2 and words[0] in ("c", "competitions"):
        return "competition", words[1]
    if words and words[0] == "datasets":
        words = words[1:]
    if len(words) >= 2:
        return "dataset", "/".join(words[:2])
    raise errors.FetchError(f"{page} is neither a Kaggle dataset nor a competition.")
