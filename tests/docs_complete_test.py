"""What the documentation names is there, and what is there stands in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def test_datasets_that_the_pages_build_exist():
    import tensorflow_datasets as tfds

    text = "".join(path.read_text() for path in [*sorted(DOCS.rglob("*.md")), *ROOT.glob("*.md")])
    named = set(re.findall(r"tfds build ([a-z]\w*)(?:/([\w-]+))?", text))
    assert ("cytoimagenet", "sample") in named
    for name, config in named:
        assert not config or config in tfds.builder_cls(name).builder_configs, f"{name}/{config}"


def test_every_recipe_stands_in_the_documentation():
    from cytoimagenet_tfds.training import recipes

    tables = [line for line in (DOCS / "train.md").read_text().splitlines() if line[:1] == "|"]
    assert all(any(f"`{name}`" in line for line in tables) for name in recipes.names())


def test_every_builder_stands_in_the_readme():
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    found = {path.parent.name for path in ROOT.glob("builders/*/*_dataset_builder.py")}
    assert set(rows) == found


def test_every_figure_stands_in_the_documentation():
    from cytoimagenet_tfds.figures import catalogue

    text = (DOCS / "figures.md").read_text()
    assert re.findall(r"^\| `(\w+)`", text, re.MULTILINE) == list(catalogue.CATALOGUE)
