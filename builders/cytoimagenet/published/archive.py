"""Where the published archive lies, and which files it has: a folder, or the zip as downloaded."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from etils import epath

from cytoimagenet_tfds import archives, errors, files
from cytoimagenet_tfds.build import scratch
from cytoimagenet_tfds.builders.cytoimagenet.published import listing
from cytoimagenet_tfds.sources import tree as trees

HANDLE = "stanleyhua/cytoimagenet"
PAGE = f"https://www.kaggle.com/datasets/{HANDLE}"
FOLDER = "cytoimagenet"
ZIPS = ("cytoimagenet.zip", "archive.zip")  # as Kaggle's command and its page name it
TABLE = "metadata.csv"
COPY = "metadata.feather"

_SHOWN = 3  # files a message names


@dataclasses.dataclass(frozen=True)
class Archive:
    """The files of the published archive.

    Attributes:
      root: folder that the references start from.
      images: the PNGs, of each place the first.
      twice: paths of PNGs whose place another path has as well.
      tables: file name -> where the table lies.
      strangers: paths of all other files.
    """

    root: str
    images: listing.Images
    twice: tuple[str, ...]
    tables: Mapping[str, files.FileRef]
    strangers: tuple[str, ...]


def find(manual_dir: epath.Path, store: scratch.Store | None = None) -> Archive:
    """Finds the archive and lists it; nothing is unpacked.

    Looked for, in this order: the folder `manual_dir/cytoimagenet` (with the files or the zip in
    it), `manual_dir` itself where it holds `metadata.csv`, a zip called as Kaggle calls it in
    `manual_dir`, and what kagglehub has fetched.

    Args:
      manual_dir: folder of the raw sources.
      store: gets the list of images; a database of its own where it is None.

    Raises:
      MissingSourcesError: it is in none of these places.
      SourceLayoutError: it is there, but has no table or no image, or is damaged.
    """
    store = store or scratch.Store()
    for folder in (manual_dir / FOLDER, manual_dir):
        if any((folder / name).exists() for name in (TABLE, COPY)):
            return _of_tree(folder, store)
        if folder != manual_dir and _holds_zip(folder):
            return _of_tree(folder, store)
    for name in ZIPS:
        if (manual_dir / name).exists():
            return _of_zip(manual_dir, name, store)
    fetched = kagglehub_folder()
    if fetched is not None:
        return _of_tree(fetched, store)
    if (manual_dir / FOLDER).is_dir():
        return _of_tree(manual_dir / FOLDER, store)
    raise errors.MissingSourcesError(_missing_message(manual_dir))


def _holds_zip(folder: epath.Path) -> bool:
    return folder.is_dir() and any(path.suffix.lower() == ".zip" for path in folder.iterdir())


def kagglehub_folder() -> Path | None:
    """Returns the newest version that kagglehub has fetched, None where there is none."""
    cache = os.environ.get("KAGGLEHUB_CACHE") or Path.home() / ".cache" / "kagglehub"
    versions = Path(cache, "datasets", *HANDLE.split("/"), "versions")
    found = [path for path in versions.glob("*") if path.name.isdigit() and path.is_dir()]
    return max(found, key=lambda path: int(path.name), default=None)


def _of_tree(folder: os.PathLike[str], store: scratch.Store) -> Archive:
    tree = trees.Tree(folder)
    listed = ((path, files.FileRef(inner, span=span)) for path, inner, span in tree.walk())
    return _archive(str(tree.root), listed, tree, store)


def _of_zip(manual_dir: epath.Path, name: str, store: scratch.Store) -> Archive:
    listed = (
        (path, files.FileRef(f"{name}/{path}", span=span))
        for path, span in archives.walk(os.fspath(manual_dir / name))
        if not trees.is_debris(path)
    )
    return _archive(str(manual_dir), listed, None, store)


def _archive(
    root: str,
    listed: Iterable[tuple[str, files.FileRef]],
    tree: trees.Tree | None,
    store: scratch.Store,
) -> Archive:
    """Divides the files into images, tables and others; `tree` knows more of both once listed."""
    collector = listing.Collector(store)
    tables: dict[str, dict[str, files.FileRef]] = {TABLE: {}, COPY: {}}
    others: set[str] = set()
    for path, reference in listed:
        folder, _, name = path.rpartition("/")
        if name in tables:
            tables[name][path] = reference
        elif folder and name.lower().endswith(".png"):
            collector.add(path, reference)
        else:
            others.add(path)
    images, twice = collector.finish()
    chosen: dict[str, files.FileRef] = {}
    for name, found in tables.items():
        # The table at the top is the one that counts.
        first, *rest = [*sorted(found, key=lambda path: (path.count("/"), path)), ""]
        chosen |= {name: found[first]} if first else {}
        others |= {path for path in rest if path}
    if tree is not None:
        others = (others - tree.opened) | {*tree.packed, *tree.links, *tree.undecodable}
    _check_there(root, images, chosen, others)
    return Archive(root, images, twice, chosen, tuple(sorted(others)))


def _check_there(
    root: str, images: listing.Images, tables: Mapping[str, files.FileRef], others: set[str]
) -> None:
    problems = errors.Problems()
    if not tables:
        problems.add(f"There is no {TABLE}, and no {COPY} in its place.")
    if not len(images):
        problems.add("There is no image <folder of the label>/<name>.png.")
    if problems:
        some = [*others, *tables, *images.first(_SHOWN)]
        problems.add(f"Found: {', '.join(sorted(some)[:_SHOWN]) or 'nothing'}.")
    problems.raise_if_any(
        errors.SourceLayoutError, f"{root} is not the archive of {PAGE}, or not all of it:"
    )


def _missing_message(manual_dir: epath.Path) -> str:
    return "\n".join([
        "cytoimagenet/release needs the published archive (56 GB), and it is not there. Nothing "
        "was built.",
        f"Get it from {PAGE}: as a zip, or with kagglehub:",
        f"  python -c \"import kagglehub; kagglehub.dataset_download('{HANDLE}')\"",
        "It is found as it is, nothing has to be unpacked:",
        f"- {manual_dir / FOLDER}: a folder with {TABLE} and one folder per label, or the zip",
        *(f"- {manual_dir / name}: the zip as downloaded" for name in ZIPS),
        "- in the cache of kagglehub",
    ])  # fmt: skip
