"""What the declarations of all IDR studies share: database, pages, places to download from."""

from __future__ import annotations

from cytoimagenet_tfds.sources.base import Download

DATABASE = "Image Data Resource"

_SITE = "https://idr.openmicroscopy.org/"
_MIRROR = "https://ftp.ebi.ac.uk/pub/databases/IDR/"
_GITHUB = "https://github.com/IDR/"

SAME_TREE = (
    "The same tree lies on ftp.ebi.ac.uk (anonymous FTP) and in the Globus collection 'EMBL-EBI "
    "Public Data', which IDR recommends for large transfers, below /pub/databases/IDR/. "
    "Tables may lie anywhere below the source's folder."
)


def screen(number: int) -> str:
    """Returns the page of a screen; screens and projects are numbered apart."""
    return f"{_SITE}webclient/?show=screen-{number}"


def project(number: int) -> str:
    """Returns the page of a project."""
    return f"{_SITE}webclient/?show=project-{number}"


def table(repository: str, path: str) -> str:
    """Returns the address of today's revision of a metadata table."""
    return f"{_GITHUB}{repository}/raw/HEAD/{path}"


def images(folder: str, note: str) -> Download:
    """Returns a folder of the mirror; its address ends in `/` and answers with a listing."""
    return Download(url=f"{_MIRROR}{folder.strip('/')}/", note=f"Folder listing. {note}")


def tables(*urls: str) -> tuple[Download, ...]:
    """Returns the tables labels come from."""
    return tuple(Download(url=url, note="Metadata table.") for url in urls)
