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
TUTORIAL = "tutorial.md"  # made from the notebook
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TOP = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
FENCE = re.compile(r"^```(\w+)?[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEEDS = "<!-- needs data -->\n"  # stands before a block that a test cannot run


def _name(path):
    return path.relative_to(ROOT).as_posix()


def _module(name):
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / "hooks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def hook():
    """The module that makes pages from the code."""
    return _module("pages")


@pytest.fixture(scope="module")
def notebook():
    """The module that makes a page of the notebook."""
    return _module("notebook")


@pytest.fixture(scope="module")
def generated(hook, notebook):
    return {**hook.pages(), TUTORIAL: notebook.page(notebook.read())[0]}


@pytest.fixture
def at_home(sample, tmp_path, monkeypatch):
    """An empty folder to be in, where the sample is what TFDS finds."""
    import tensorflow_datasets as tfds

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(sample.data_dir_root), raising=True)
    tfds.core.add_data_dir(str(sample.data_dir_root))


def _runnable(text):
    return re.sub(re.escape(NEEDS) + r"```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def _blocks(text, language):
    return [body for kind, body in FENCE.findall(text) if kind == language]


def _runs(text):
    """Returns each block of Python with the text block right below it: what it prints."""
    pattern = r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?"
    return re.findall(pattern, _runnable(text), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", [p for p in [*PAGES, *TOP] if _runs(p.read_text())], ids=_name)
def test_python_of_a_page_runs(path, at_home, capsys):
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


def _check(commands):
    for name, *words in commands:
        assert name in cli.COMMANDS, f"cytoimagenet {name}"
        parser = argparse.ArgumentParser(name, exit_on_error=False)
        importlib.import_module(cli.COMMANDS[name][0]).add_arguments(parser)
        parser.parse_args(words)


@pytest.mark.parametrize("path", [*PAGES, *TOP], ids=_name)
def test_commands_of_a_page_exist(path):
    _check(_commands(path.read_text()))


def test_commands_of_generated_pages_exist(generated):
    for path, text in generated.items():
        if path != "reference/commands.md":  # help texts, no calls
            _check(_commands(text))


def _runs_here(text):
    """Returns the commands of the blocks that are not marked, as lists of words."""
    return list(_commands(_runnable(text)))


@pytest.mark.parametrize(
    "path", [p for p in [*PAGES, *TOP] if _runs_here(p.read_text())], ids=_name
)
def test_commands_run_or_are_marked(path, at_home):
    for words in _runs_here(path.read_text()):
        assert any("cytoimagenet/sample" in word for word in words) or words == ["sources"], (
            f"cytoimagenet {shlex.join(words)}: a test cannot run it, put {NEEDS.strip()} before it"
        )
        assert cli.main(words) == 0, shlex.join(words)


def test_the_tutorial_runs(notebook):
    pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    text, pictures = notebook.page(notebook.executed())
    assert "Images written: 333 (259 train, 74 validation)" in text
    assert "Window(y_min=546, y_max=681, x_min=330, x_max=465, scaling=0.125)" in text
    assert re.search(r"this network: \d+ of 74 are right", text)
    assert list(pictures) == [f"tutorial_pictures/{number}.png" for number in range(1, 6)]
    assert all(f"]({path})" in text for path in pictures)
    assert all(content.startswith(b"\x89PNG") for content in pictures.values())
    assert str(ROOT) not in text
    assert "/tmp/" not in text


def test_the_report_of_the_readme_is_that_of_the_sample(sample):
    from etils import epath

    [shown] = [body for body in _blocks(TOP[0].read_text(), "text") if "Rows read" in body]
    assert (epath.Path(sample.data_path) / "build_report.txt").read_text().startswith(shown)


def test_the_tutorial_is_kept_without_outputs(notebook):
    cells = [cell for cell in notebook.read() if cell["cell_type"] == "code"]
    assert len(cells) > 10
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def test_outputs_of_a_cell(notebook):
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "a warning"},
        {"output_type": "stream", "name": "stdout", "text": ["\x1b[1mone\x1b[0m\n", "two\n"]},
        {"data": {"text/html": "<div><style>x</style>\n<table border=\"1\" class=\"dataframe\">"
                               "\n\n<tr></tr></table></div>", "text/plain": "t"}},
        {"data": {"image/png": "iVBORw==", "text/plain": "<Figure>"}},
        {"data": {"text/plain": "3"}},
    ]  # fmt: skip
    cell = {"cell_type": "code", "source": ["1 +", " 2"], "outputs": outputs}
    text, pictures = notebook.page([{"cell_type": "markdown", "source": "# T"}, cell])
    assert text.split("\n\n") == [
        "# T", "```python\n1 + 2\n```", "```text\none\ntwo\n```",
        "<div>\n<table>\n<tr></tr></table>\n</div>",
        "![What the cell above draws](tutorial_pictures/1.png)", "```text\n3\n```\n",
    ]  # fmt: skip
    assert pictures == {"tutorial_pictures/1.png": b"\x89PNG"}


def test_the_first_page_shows_the_classes(notebook):
    image = [{"data": {"image/png": "iVBORw=="}}]
    cells = [
        {"cell_type": "code", "source": source, "outputs": image * 2}
        for source in ("plt.imshow()", 'draw(["classes", "crops"])', "others")
    ]
    text = notebook.with_picture((DOCS / "index.md").read_text(), cells)
    assert "](tutorial_pictures/3.png)" in text
    drawn = [cell for cell in notebook.read() if notebook._DRAWS in "".join(cell["source"])]
    assert len(drawn) == 1


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


def test_every_source_has_a_page_of_its_own_facts(generated):
    for name in sources.names():
        source, page = sources.get(name), generated[f"sources/{name}.md"]
        assert page.startswith(f"# {name}\n")
        assert f"[{source.licence}]({source.licence_page})" in page
        assert source.citation in page
        assert page.count("\n- ") >= len(source.unsure)
        assert all(f"`{channel.code}`" in page for channel in source.channels)
        assert f"[{name}]({name}.md)" in generated["sources/index.md"]
        assert "cytoimagenet fetch" not in page or " --to=/data/raw" in page
    assert "need not be unpacked" in generated["sources/bbbc006.md"]
    assert "need not be unpacked" not in generated["sources/bbbc025.md"]  # .tar.gz


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


def test_text_shows_as_it_is(hook):
    assert hook._plain("a_b <GUID> *x*") == r"a\_b &lt;GUID&gt; \*x\*"
    assert hook._plain("See https://a.org/x_y.") == "See <https://a.org/x_y>."


def test_navigation_names_every_page(hook, generated):
    text = (ROOT / "mkdocs.yml").read_text()
    named = set(re.findall(r"(\S+\.md)$", text, re.MULTILINE))
    filled = {path for path in generated if path.startswith("sources/")}
    here = {page.relative_to(DOCS).as_posix() for page in PAGES}
    assert named | filled == here | set(generated)
