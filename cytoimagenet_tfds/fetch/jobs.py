"""From a source's declared downloads to single files: the one registry of addresses."""

from __future__ import annotations

import dataclasses
import fnmatch
import html.parser
import itertools
import posixpath
import urllib.parse
from collections.abc import Iterator

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.fetch import numbered
from cytoimagenet_tfds.fetch.http import Client
from cytoimagenet_tfds.sources.base import Download, Source


@dataclasses.dataclass(frozen=True)
class Job:
    """One file to fetch.

    Attributes:
      url: its address.
      name: path below the source's folder.
      size: bytes where published.
      sha256: checksum where published.
      numbered: the declaration, where the server may have no file of this number.
      number: the number.
    """

    url: str
    name: str
    size: int | None = None
    sha256: str | None = None
    numbered: Download | None = None
    number: int = 0


def is_kaggle(download: Download) -> bool:
    """True for a Kaggle page, which wants the user's own login."""
    return urllib.parse.urlsplit(download.url).netloc == "www.kaggle.com"


def file_name(download: Download) -> str:
    """Returns the name a download gets: the last part of its address."""
    path = urllib.parse.unquote(urllib.parse.urlsplit(download.url).path)
    return posixpath.basename(path.rstrip("/"))


def wanted(source: Source, everything: bool) -> list[Download]:
    """Returns the downloads rows are made of; with `everything` masks and features too."""
    return [download for download in source.downloads if everything or download.needed]


def files(
    source: Source,
    client: Client,
    *,
    folder: str = "",
    only: str = "*",
    limit: int | None = None,
    everything: bool = False,
) -> list[Job]:
    """Returns the files to fetch from plain web servers, folders listed.

    Args:
      source: the declaration.
      client: reads the index pages of folders.
      folder: where the files come to lie; a table there may name them.
      only: shell pattern over the path of a file (`*NIRHTa-001*`, `*/Plate1/*`), for trials.
      limit: at most so many files; listing stops there.
      everything: also files no row is made of.

    Raises:
      FetchError: nothing is declared, or nothing fits the pattern.
    """
    web = [download for download in wanted(source, everything) if not is_kaggle(download)]
    pattern = only if only.startswith("*") else f"*{only}"
    listed = itertools.chain.from_iterable(_expand(one, client, folder) for one in web)
    fitting = (job for job in listed if fnmatch.fnmatch(job.name, pattern))
    found = list(itertools.islice(fitting, limit))
    if web and not found:
        shown = ", ".join(posixpath.basename(d.url) or d.url for d in web[:3])
        raise errors.FetchError(
            f"No file of {source.dir_name} fits --only {only!r}; its downloads are {shown} ..."
        )
    return found


def _expand(download: Download, client: Client, folder: str) -> Iterator[Job]:
    if download.numbers is not None:
        for number in numbered.numbers(download, folder):
            url = download.url.format(number=number)
            name = posixpath.basename(urllib.parse.urlsplit(url).path)
            yield Job(url, name, numbered=download, number=number)
        return
    if not download.url.endswith("/"):
        yield Job(download.url, file_name(download), download.size, download.sha256)
        return
    top = file_name(download)
    for url in _walk(download.url, client):
        relative = urllib.parse.unquote(url[len(download.url) :])
        yield Job(url, f"{top}/{relative}")


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def _walk(folder: str, client: Client) -> Iterator[str]:
    """Yields the files below an index page, depth first, sorted; never leaves the folder."""
    parser = _Links()
    parser.feed(client.get(folder).decode("utf-8", "replace"))
    links = {
        urllib.parse.urljoin(folder, link.split("?")[0].split("#")[0]) for link in parser.found
    }
    for link in sorted(links):
        below = link.removeprefix(folder)
        if not link.startswith(folder) or not below or ".." in below.split("/"):
            continue
        if link.endswith("/"):
            yield from _walk(link, client)
        else:
            yield link
