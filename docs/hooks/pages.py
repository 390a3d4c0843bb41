"""Pages that are made from the code when the documentation is built, and never committed.

The sources come from their declarations, the columns from the schema, the commands from their
parsers. `pages()` needs no MkDocs; `on_config` and `on_files` are what MkDocs calls.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import re
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import cli, schema, sources
from cytoimagenet_tfds.commands import sources as sources_command
from cytoimagenet_tfds.fetch import run as fetching

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

_NAV = "The sources"
_RAW = "/data/raw"  # the folder for raw data on all pages
_NO_FOLDER = "no-such-folder"  # the table must not tell what lies on the machine that builds it


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts the sources into the navigation, by database."""
    for entry in config.nav or []:
        if _NAV in entry:
            entry[_NAV] = ["sources/index.md", *_navigation()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the generated pages."""
    from mkdocs.structure.files import File

    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def pages() -> dict[str, str]:
    """Returns path below docs/ -> Markdown text of every generated page."""
    made = {f"sources/{name}.md": source_page(sources.get(name)) for name in sources.names()}
    return {
        "sources/index.md": sources_page(),
        **made,
        "columns.md": columns_page(),
        "reference/commands.md": commands_page(),
    }


def _navigation() -> list[dict[str, list[dict[str, str]]]]:
    found = []
    for database in sources.databases():
        names = sources.names(database)
        entries = [{name: f"sources/{name}.md"} for name in names]
        found.append({sources.get(names[0]).database: entries})
    return found


def sources_page() -> str:
    """Returns the overview: the tables of `cytoimagenet sources --markdown`, linked to pages."""
    states = [sources_command.state(sources.get(n), _NO_FOLDER) for n in sources.names()]
    tables = sources_command.markdown(states)
    for one in states:
        own = f"[{one.dir_name}]({one.dir_name}.md)"
        tables = tables.replace(f"[{one.dir_name}]({one.homepage})", own)
    return "\n".join([
        f"# The {len(states)} sources", "",
        "What each source is, as this package declares it. A question mark stands for what the "
        "source does not publish, `unknown` for a licence that was not found: ask before you "
        "publish anything made from it. `cytoimagenet sources` prints the same for your "
        "machine, with what lies there already and what to do next.", "",
        tables,
    ])  # fmt: skip


def source_page(source: sources.Source) -> str:
    """Returns the page of one source."""
    parts = [
        f"# {source.dir_name}", "", f"**{_plain(source.name)}**", "",
        _plain(source.description), "",
        *_facts(source), "", *_channels(source),
        "## How to get it", "", *_getting(source), "",
        "## How the folder looks", "", _plain(source.manual) or "As it is downloaded.", "",
        "## Build it alone", "", "```bash",
        f"tfds build {sources.builder(source.dir_name)}/{source.dir_name} "
        f"--imports=cytoimagenet_tfds --manual_dir={_RAW}", "```", "",
        *_unsure(source),
        "## Citation", "", "```bibtex", source.citation, "```", "",
    ]  # fmt: skip
    return "\n".join(parts)


def _facts(source: sources.Source) -> list[str]:
    size = "varies or unknown"
    if source.image_size:
        size = f"{source.image_size[0]} x {source.image_size[1]} pixels (height x width)"
    one = "one field: its stained channels are merged" if source.rows == "field" else "one file"
    facts = {
        "Database": f"[{source.database}]({source.homepage})",
        "Licence": f"[{source.licence}]({source.licence_page})",
        "Images": _number(source.expected_rows),
        "Image files": _number(source.expected_files),
        "Download": f"{source.download_gb:,} GB" if source.download_gb else "size not published",
        "One image is": one,
        "Size": size,
        "Bit depth": source.bit_depth or "varies or unknown",
        "Pixel size": f"{source.pixel_size} µm" if source.pixel_size else "varies or unknown",
        **{f"Same for all: `{name}`": value for name, value in source.constants.items()},
        **{f"See also ({n})": f"<{url}>" for n, url in enumerate(source.links, 1)},
    }
    return [
        "| fact | value |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in facts.items()),
    ]


def _number(value: int | None) -> str:
    return "unknown before it lies there" if value is None else f"{value:,}"


def _channels(source: sources.Source) -> list[str]:
    if not source.channels:
        return []
    rows = [
        f"| `{c.code}` | {_plain(c.name)} | {_plain(c.stain) or '-'} | {_plain(c.visible) or '-'} "
        f"| {c.microscopy} | {'yes' if c.merge else 'no'} |"
        for c in source.channels
    ]
    head = "| in file names | channel | stain | `cell_visible` | microscopy | may be merged |"
    return ["## Channels", "", head, "|---|---|---|---|---|---|", *rows, ""]


def _getting(source: sources.Source) -> list[str]:
    how = fetching.how_to_get(source, _RAW)
    by_hand = how.startswith("by hand")
    lines = [f"By hand, from <{source.homepage}>."] if by_hand else ["```bash", how, "```"]
    if fetching.is_non_commercial(source):
        lines += ["", "The licence forbids commercial use."]
    if source.downloads:
        lines += ["", "| file | size | needed | what |", "|---|---|---|---|"]
    for one in source.downloads:
        size = f"{one.size:,} bytes" if one.size else "not published"
        needed = "yes" if one.needed else "no"
        lines.append(f"| <{one.url}> | {size} | {needed} | {_plain(one.note)} |")
    if any(one.needed and one.url.endswith((".zip", ".tar")) for one in source.downloads):
        lines += ["", "Archives are read as they are; they need not be unpacked."]
    return lines


def _unsure(source: sources.Source) -> list[str]:
    if not source.unsure:
        return []
    head = "The reader relies on these facts, which no real file has confirmed. It stops and says so where they are wrong."  # noqa: E501
    return ["## Not confirmed", "", head, "", *(f"- {_plain(u)}" for u in source.unsure), ""]


def _plain(text: str) -> str:
    """Returns text that Markdown shows as it is; addresses stay links."""
    found = re.split(r"(https?://[^\s,;)]*[^\s,;).])", text)
    return "".join(
        f"<{part}>" if number % 2 and "<" not in part else _escaped(part)
        for number, part in enumerate(found)
    )


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]#|])", r"\\\1", text).replace("<", "&lt;").replace(">", "&gt;")


def columns_page() -> str:
    """Returns the table of the metadata columns."""
    rows = [
        f"| `{c.name}` | {_plain(c.doc)} | {c.kind} | {', '.join(c.tables)} |"
        for c in schema.COLUMNS
    ]
    return "\n".join([
        "# Every column", "",
        "One image is one row. Text is empty where a value is unknown, numbers are NaN or -1. A "
        "cell of kind `tokens` holds several values with `|` between them. `class` is a "
        "`ClassLabel` in TFDS and text in tables. A column stands in the tables named: `rows`, "
        "what a source gives; `plan`, what is to be built; `example`, what `tfds.load` reads.",
        "", "| column | what it holds | kind | tables |", "|---|---|---|---|", *rows, "",
    ])  # fmt: skip


def commands_page() -> str:
    """Returns the help of every command."""
    lines = [
        "# Commands",
        "",
        "`cytoimagenet --help` lists them, each has a `--help` of its own.",
        "",
    ]
    for name, (module, text) in sorted(cli.COMMANDS.items()):
        shape: Any = functools.partial(cli.Help, width=88)
        parser = argparse.ArgumentParser(f"cytoimagenet {name}", formatter_class=shape)
        importlib.import_module(module).add_arguments(parser)
        help_text = parser.format_help().rstrip()
        lines += [f"## cytoimagenet {name}", "", f"{text[0].upper()}{text[1:]}.", "", "```text",
                  help_text, "```", ""]  # fmt: skip
    return "\n".join(lines)
