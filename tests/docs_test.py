"""The documentation: its Python runs, its links resolve, the commands it names exist."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from cytoimagenet_tfds import cli, schema, sources

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TOP = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
FENCE = re.compile(r"^```(\w+)?[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEEDS = "<!-- needs data -->\n"  # stands before a block that a test cannot run


def _name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def hook():
    """The module that makes pages from the code."""
    spec = importlib.util.spec_from_file_location("docs_pages", DOCS / "hooks" / "pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generated(hook):
    return hook.pages()


def _runnable(text):
    return re.sub(re.escape(NEEDS) + r"```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def _blocks(text, language):
    return [body for kind, body in FENCE.findall(text) if kind == language]


def _runs(text):
    """Returns each block of Python with the text block right below it: what it prints."""
    pattern = r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?"
    return re.findall(pattern, _runnable(text), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", [p for p in PAGES if _runs(p.read_text())], ids=_name)
def test_python_of_a_page_runs(path, sample, tmp_path, monkeypatch, capsys):
    import tensorflow_datasets as tfds

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(sample.data_dir_root), raising=True)
    tfds.core.add_data_dir(str(sample.data_dir_root))
    names = {"__name__": "page"}
    for number, (block, shown) in enumerate(_runs(path.read_text())):
        exec(compile(block, f"{_name(path)}, block {number}", "exec"), names)
        printed = [line.rstrip() for line in capsys.readouterr().out.rstrip().splitlines()]
        assert printed == shown.rstrip().splitlines(), f"block {number} prints something else"


def _anchors(text):
    found = set()
    for title in re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE):
        words = re.sub(r"[^\w\s-]", "", title.replace("`", "").lower()).strip()
        found.add(re.sub(r"[\s]+", "-", words))
    return found


def _links(text):
    return re.findall(r"\[[^\]]+\]\(([^)\s]+)\)", FENCE.sub("", text))


def _problem(target, page, texts):
    """Returns what is wrong with one link of a page, '' for nothing."""
    if re.match(r"https?://", target):
        return ""
    place, _, anchor = target.partition("#")
    path = (page.parent / place).resolve() if place else page
    if path not in texts and not (path.exists() and page in TOP):
        return f"{_name(page)}: {target} leads nowhere"
    if anchor and not path.name.startswith("commands") and anchor not in _anchors(texts[path]):
        return f"{_name(page)}: {target}: no heading {anchor}"
    return ""


def test_every_internal_link_resolves(generated):
    texts = {page: page.read_text() for page in [*PAGES, *TOP]}
    texts |= {DOCS / path: text for path, text in generated.items()}
    problems = [
        problem
        for page, text in texts.items()
        for target in _links(text)
        if (problem := _problem(target, page, texts))
    ]
    assert problems == []


def _commands(text):
    """Yields the words of each line that calls `cytoimagenet`, continued lines joined."""
    for body in _blocks(text, "bash") + _blocks(text, ""):
        for line in body.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] == "cytoimagenet":
                yield words[1:]


@pytest.mark.parametrize("path", [*PAGES, *TOP], ids=_name)
def test_commands_of_a_page_exist(path):
    for name, *words in _commands(path.read_text()):
        assert name in cli.COMMANDS, f"cytoimagenet {name}"
        parser = argparse.ArgumentParser(name, exit_on_error=False)
        importlib.import_module(cli.COMMANDS[name][0]).add_arguments(parser)
        parser.parse_args(words)


@pytest.mark.parametrize("path", [*PAGES, *TOP], ids=_name)
def test_options_named_in_the_text_exist(path):
    for name, words in re.findall(
        r"`cytoimagenet ([a-z]+)([^`]*)`", FENCE.sub("", path.read_text())
    ):
        assert name in cli.COMMANDS, f"cytoimagenet {name}"
        parser = argparse.ArgumentParser(name)
        module = cli.COMMANDS[name][0]
        if name == "bench" and words.split():  # its options are those of the benchmark
            module = f"cytoimagenet_tfds.bench.{words.split()[0]}"
        importlib.import_module(module).add_arguments(parser)
        known = {option for action in parser._actions for option in action.option_strings}
        assert set(re.findall(r"--[\w-]+", words)) <= known


def test_datasets_that_the_pages_build_exist():
    import tensorflow_datasets as tfds

    text = "".join(path.read_text() for path in [*PAGES, *TOP])
    named = set(re.findall(r"tfds build ([a-z]\w*)(?:/([\w-]+))?", text))
    assert ("cytoimagenet", "sample") in named
    for name, config in named:
        assert not config or config in tfds.builder_cls(name).builder_configs, f"{name}/{config}"


def test_every_source_has_a_page_of_its_own_facts(generated):
    for name in sources.names():
        source, page = sources.get(name), generated[f"sources/{name}.md"]
        assert page.startswith(f"# {name}\n")
        assert f"[{source.licence}]({source.licence_page})" in page
        assert source.citation in page
        assert page.count("\n- ") >= len(source.unsure)
        assert all(f"`{channel.code}`" in page for channel in source.channels)
        assert f"[{name}]({name}.md)" in generated["sources/index.md"]


def test_unsure_facts_are_shown(generated):
    text = generated["sources/idr0088.md"]
    assert "## Not confirmed" in text
    assert "CellVoyager" in text
    assert "## Not confirmed" not in generated["sources/bbbc006.md"]


def test_generated_pages_hold_nothing_of_this_machine(generated):
    text = "".join(generated.values())
    assert str(Path.home()) + "/" not in text
    assert str(ROOT) not in text
    assert "no-such-folder" not in text


def test_columns_and_commands_are_complete(generated):
    assert all(f"| `{column.name}` |" in generated["columns.md"] for column in schema.COLUMNS)
    text = generated["reference/commands.md"]
    assert all(f"## cytoimagenet {name}\n" in text for name in cli.COMMANDS)


def test_every_figure_stands_in_the_documentation():
    from cytoimagenet_tfds.figures import catalogue

    text = (DOCS / "figures.md").read_text()
    assert re.findall(r"^\| `(\w+)`", text, re.MULTILINE) == list(catalogue.CATALOGUE)


def test_text_shows_as_it_is(hook):
    assert hook._plain("a_b <GUID> *x*") == r"a\_b &lt;GUID&gt; \*x\*"
    assert hook._plain("See https://a.org/x_y.") == "See <https://a.org/x_y>."


def test_navigation_names_every_page(hook, generated):
    text = (ROOT / "mkdocs.yml").read_text()
    named = set(re.findall(r"(\S+\.md)$", text, re.MULTILINE))
    filled = {path for path in generated if path.startswith("sources/")}
    here = {page.relative_to(DOCS).as_posix() for page in PAGES}
    assert named | filled == here | set(generated)
