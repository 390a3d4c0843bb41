"""The tutorial: a notebook without outputs, run when the documentation is built, shown with them.

A run is kept below `.cache` for as long as the notebook, the package and what is installed stay the
same, so that only the first build of the documentation, or the test, has to wait for it.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"
PAGE = "tutorial.md"
_PICTURES = "tutorial_pictures"  # folder below docs/
_CACHE = ROOT / ".cache" / "tutorial"
_CODE = ("cytoimagenet_tfds", "builders", "evaluation")
_SECONDS = 600  # of one cell at the most
_DATA_DIR = "~/tensorflow_datasets"  # what the page says of the folder it was made in
# Stands on the first page where the classes of the sample are shown, as a cell draws them.
_PLACE, _DRAWS = "<!-- picture: classes -->", '"classes"'
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

Cell = dict[str, Any]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the page and its pictures; the notebook itself is there to be downloaded."""
    from mkdocs.structure.files import File

    text, pictures = page(executed())
    for path, content in {PAGE: text, **pictures}.items():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Shows the classes of the sample on the page that asks for them."""
    return with_picture(markdown, executed()) if _PLACE in markdown else markdown


def with_picture(markdown: str, cells: list[Cell]) -> str:
    """Returns the text with the first picture of the cell that draws the classes in its place."""
    before = 0
    for cell in cells:
        if _DRAWS in _text(cell["source"]):
            break
        before += len(page([cell])[1])
    shown = f"![One image of each class of the sample]({_PICTURES}/{before + 1}.png)"
    return markdown.replace(_PLACE, shown)


def read() -> list[Cell]:
    """Returns the cells of the notebook as it stands in the repository."""
    cells: list[Cell] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return cells


def executed() -> list[Cell]:
    """Returns the cells with their outputs, run or kept.

    Raises:
      nbclient.exceptions.CellExecutionError: a cell failed.
    """
    kept = _CACHE / f"{_digest()}.json"
    if not kept.exists():
        cells = _run()
        _CACHE.mkdir(parents=True, exist_ok=True)
        for old in _CACHE.glob("*.json"):
            old.unlink()
        kept.write_text(json.dumps(cells), encoding="utf-8")
    found: list[Cell] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def _run() -> list[Cell]:
    import nbclient
    import nbformat

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=_SECONDS, resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    )
    with tempfile.TemporaryDirectory() as folder:
        client.execute(env={**os.environ, "TFDS_DATA_DIR": folder, "TF_CPP_MIN_LOG_LEVEL": "3"})
        text = json.dumps(notebook.cells).replace(folder, _DATA_DIR)
    cells: list[Cell] = json.loads(text)
    return cells


def _digest() -> str:
    found = hashlib.sha256(NOTEBOOK.read_bytes())
    for name in _CODE:
        for path in sorted((ROOT / name).rglob("*.py")):
            found.update(path.read_bytes())
    installed = {f"{one.name} {one.version}" for one in importlib.metadata.distributions()}
    found.update("\n".join(sorted(installed)).encode())
    return found.hexdigest()[:32]


def page(cells: list[Cell]) -> tuple[str, dict[str, bytes]]:
    """Returns the notebook as Markdown, and its pictures: path below docs/ -> PNG."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in cells:
        text = _text(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
        parts += _outputs(cell, pictures)
    return "\n\n".join(parts) + "\n", pictures


def _outputs(cell: Cell, pictures: dict[str, bytes]) -> Iterator[str]:
    """Yields what a cell printed, its tables and pictures; warnings of libraries are left out."""
    outputs = cell.get("outputs", [])
    printed = "".join(_text(one["text"]) for one in outputs if one.get("name") == "stdout")
    if printed.strip():
        yield f"```text\n{_COLOUR.sub('', printed).strip()}\n```"
    for output in outputs:
        data = output.get("data", {})
        if "image/png" in data:
            path = f"{_PICTURES}/{len(pictures) + 1}.png"
            pictures[path] = base64.b64decode(_text(data["image/png"]))
            yield f"![What the cell above draws]({path})"
        elif "text/html" in data:
            yield _table(_text(data["text/html"]))
        elif "text/plain" in data:
            yield f"```text\n{_text(data['text/plain'])}\n```"


def _table(html: str) -> str:
    """Returns a table of pandas without its own style; no empty line, which would end the block."""
    found = re.search(r"<table.*?</table>", html, re.DOTALL)
    bare = re.sub(r' (?:border|class|style)="[^"]*"', "", found.group() if found else html)
    return "<div>\n" + "\n".join(line for line in bare.splitlines() if line.strip()) + "\n</div>"


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
