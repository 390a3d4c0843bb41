"""`cytoimagenet sources`: what the 40 sources are, what lies here, and what to do next."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os

from etils import epath

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.commands.fetch import DEFAULT_MANUAL_DIR, build_command
from cytoimagenet_tfds.fetch import lock
from cytoimagenet_tfds.fetch import run as runner


@dataclasses.dataclass(frozen=True)
class State:
    """One line of the table.

    Attributes:
      dir_name, name, database, licence, licence_page, homepage: of the declaration.
      download_gb: gigabytes to fetch, None where unknown.
      images: rows of the complete download, None where unknown.
      here: whether a folder with files lies under `manual_dir`.
      missing: downloads that are neither in that folder nor unpacked in it, where others are.
      next: the next thing to do.
    """

    dir_name: str
    name: str
    database: str
    licence: str
    licence_page: str
    homepage: str
    download_gb: float | None
    images: int | None
    here: bool
    missing: tuple[str, ...]
    next: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add = parser.add_argument
    add(
        "--manual_dir",
        default=DEFAULT_MANUAL_DIR,
        help="where raw data lies (default: %(default)s)",
    )
    add("--database", help=f"only one of {', '.join(sources.databases())}")
    add("--licence", help="only licences that contain this text (CC0, CC-BY, NC, unknown)")
    add("--commercial", action="store_true", help="only licences known to allow commercial use")
    add("--max_gb", type=float, help="only downloads known to be at most so many gigabytes")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="a page for the documentation")
    form.add_argument("--json", action="store_true", help="JSON for scripts")


def run(args: argparse.Namespace) -> int:
    """Prints the table; status 1 where no source is left by the filters."""
    states = [state(sources.get(name), args.manual_dir) for name in _names(args)]
    if args.json:
        print(json.dumps([dataclasses.asdict(one) for one in states], indent=1))
    elif args.markdown:
        print(markdown(states))
    else:
        print(text(states))
    return 0 if states else 1


def _names(args: argparse.Namespace) -> list[str]:
    kept = []
    for name in sources.names(args.database):
        source = sources.get(name)
        if args.licence and args.licence.lower() not in source.licence.lower():
            continue
        free = source.licence != "unknown" and not runner.is_non_commercial(source)
        if args.commercial and not free:
            continue
        known = source.download_gb is not None and source.download_gb <= (args.max_gb or 0)
        if args.max_gb is not None and not known:
            continue
        kept.append(name)
    return kept


def state(source: sources.Source, manual_dir: str) -> State:
    """Returns the line of one source, looking into its folder."""
    base = manual_dir if "://" in manual_dir else os.path.expanduser(manual_dir)
    folder = epath.Path(base) / source.dir_name
    here = folder.is_dir() and any(entry.name != lock.NAME for entry in folder.iterdir())
    missing = tuple(runner.missing(source, str(folder))) if here else ()
    return State(
        dir_name=source.dir_name, name=source.name, database=source.database,
        licence=source.licence, licence_page=source.licence_page, homepage=source.homepage,
        download_gb=source.download_gb, images=source.expected_rows, here=here, missing=missing,
        next=_next(source, here and not missing, manual_dir),
    )  # fmt: skip


def _next(source: sources.Source, ready: bool, manual_dir: str) -> str:
    if ready:
        return build_command(source, manual_dir)
    return runner.how_to_get(source, "" if manual_dir == DEFAULT_MANUAL_DIR else manual_dir)


def _cells(one: State) -> list[str]:
    gigabytes = one.download_gb
    size = "?" if gigabytes is None else f"{gigabytes:,.0f}" if gigabytes >= 10 else f"{gigabytes}"
    images = "?" if one.images is None else f"{one.images:,}"
    here = "part" if one.missing else "yes" if one.here else "no"
    return [one.dir_name, one.licence, size, images, here]


_HEAD = ["source", "licence", "GB", "images", "here"]


def text(states: list[State]) -> str:
    """Returns the table for a terminal: columns aligned, the next step at the end."""
    if not states:
        return "No source fits these filters."
    rows = [[*_HEAD, "next"], *([*_cells(one), one.next] for one in states)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in (2, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row[:-1], widths, strict=True))
        ]
        lines.append("  ".join([*cells, row[-1]]))
    return "\n".join([*lines, "", *_summary(states)])


def _summary(states: list[State]) -> list[str]:
    whole = sum(one.here and not one.missing for one in states)
    lines = [f"{whole} of {len(states)} sources are here."]
    for one in states:
        if one.missing:
            shown = ", ".join(one.missing[:3]) + (", ..." if len(one.missing) > 3 else "")
            lines.append(f"{one.dir_name} lacks {len(one.missing)} downloads: {shown}")
    wanted = [one for one in states if not one.here]
    known = sum(one.download_gb or 0 for one in wanted)
    unknown = sum(one.download_gb is None for one in wanted)
    if wanted:
        also = f"; of {unknown} more the size is not published (?)" if unknown else ""
        lines.append(f"The others are {known:,.0f} GB to fetch{also}.")
    return lines


def markdown(states: list[State]) -> str:
    """Returns a table for each database; nothing of this machine is in it."""
    lines = []
    for database in dict.fromkeys(one.database for one in states):
        lines += [
            f"## {database}", "", "| source | name | licence | download, GB | images |",
            "|---|---|---|---:|---:|",
        ]  # fmt: skip
        for one in states:
            if one.database == database:
                _, _, size, images, _ = _cells(one)
                licence = f"[{one.licence}]({one.licence_page})"
                own = f"[{one.dir_name}]({one.homepage})"
                lines.append(f"| {own} | {one.name} | {licence} | {size} | {images} |")
        lines.append("")
    return "\n".join(lines)
