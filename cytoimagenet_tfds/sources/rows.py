"""From image files to rows: one mechanism for all sources.

A reader returns one line per image file (or plane, or region). `assemble` joins the channels of a
field where the source says so, fills what is constant, and gives every row its identity.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cytoimagenet_tfds import files as files_module
from cytoimagenet_tfds import schema, wording
from cytoimagenet_tfds.sources.report import Report

if TYPE_CHECKING:
    from cytoimagenet_tfds.sources.base import Channel, Rows, Source

# What a reader must give, and what it may give beside columns of the row table.
REQUIRED = ("path", "field")
OPTIONAL = ("channel", "plane", "region", "canonical", "location")

_LABEL_COLUMNS = tuple(name for name in schema.CATEGORIES if name != "gene")
_DTYPES: dict[str, Any] = {"int": "int32", "float": "float32", "bool": "bool"}
_JOINED = ("files", "channels", "cell_visible", "microscopy")


def assemble(source: Source, files: pd.DataFrame, report: Report, *, rows: Rows) -> pd.DataFrame:
    """Returns the row table of a source.

    Args:
      source: the declaration.
      files: one line per image file with the columns
        - `path`: relative path of the file;
        - `field`: canonical path of the field of view, without the channel's part: the same
          however the download was unpacked;
        - `channel`: code of a declared channel; left out where the source declares none;
        - `plane` (int), `region` ('y_min,y_max,x_min,x_max'): left out for the whole first plane;
        - `canonical`: canonical path of the file, `path` where left out;
        - `location`: archive, member and place, joined as `Source.table` does it; '' for a file;
        - any column of the row table; `cell_visible`, `microscopy` and `channels` given here go
          before those of the channel. `group` without ':' is completed with `<dir_name>:`.
      report: gets duplicate files and missing channels.
      rows: 'field' merges the channels declared `merge=True`, 'channel' merges nothing.

    Returns:
      The columns `schema.names('rows')`, sorted by `key`, index 0 to N-1.
    """
    lines = _complete_lines(source, files, report, rows=rows)
    merged = lines["_merge"]
    parts = [_single_rows(lines[~merged])]
    if merged.any():
        parts.append(_merged_rows(source, lines[merged], report))
    table = pd.concat(parts, ignore_index=True)
    return _finish(source, table, report)


def _complete_lines(
    source: Source, files: pd.DataFrame, report: Report, *, rows: Rows
) -> pd.DataFrame:
    """Adds reference, identity and the declared facts of its channel to every line."""
    # A join leaves NaN where it found nothing; in a row table unknown text is ''.
    text = [c.name for c in schema.columns("rows") if c.kind in ("text", "tokens")]
    lines = files.assign(
        **{name: files[name].astype("str").fillna("") for name in text if name in files}
    )
    absent = [name for name in REQUIRED if name not in lines]
    if absent:
        raise KeyError(f"The reader of {source.dir_name} must return the columns {absent}.")
    canonical = lines.pop("canonical") if "canonical" in lines else lines["path"]
    lines["files"], suffix = _references(lines)
    lines["_name"] = _escaped(canonical) + suffix
    if "channel" in lines:
        by_code = {channel.code: channel for channel in source.channels}
        lines = _known_channels(lines, by_code, report)
        _add_channel_facts(lines, by_code)
    else:
        lines["channel"], lines["_order"], lines["_merge"] = "", 0, False
    lines["_merge"] &= rows == "field" or source.stacked
    # The path last: of two files for one image the same one is kept on every machine.
    order = ["field", "_order", "_name", "path"]
    lines = lines.sort_values(order, kind="stable", ignore_index=True)
    return _without_copies(lines, report)


def _known_channels(
    lines: pd.DataFrame, by_code: dict[str, Channel], report: Report
) -> pd.DataFrame:
    unknown = ~lines["channel"].isin(by_code)
    if unknown.any():
        codes = ", ".join(sorted(lines.loc[unknown, "channel"].unique()))
        report.note(
            "unknown channel",
            f"{wording.counted(int(unknown.sum()), 'file')} of channels that are not declared "
            f"({codes}) left out.",
            lines.loc[unknown, "path"].tolist(),
        )
    return lines[~unknown].copy()


def _without_copies(lines: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Leaves out the second file of one image, as from a download unpacked twice."""
    merged = lines["_merge"]
    twice = lines.duplicated(["_name"]) | (merged & lines.duplicated(["field", "channel"]))
    if twice.any():
        report.note(
            "duplicate file",
            f"{wording.counted(int(twice.sum()), 'file stands', 'files stand')} for an image that "
            "is there already: left out.",
            lines.loc[twice, "path"].tolist(),
        )
        lines = lines[~twice].reset_index(drop=True)
    return lines


def _references(lines: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Returns the file references as text, and their part from `#` on; removes plane and region."""
    suffix = pd.Series("", index=lines.index, dtype="str")
    if "plane" in lines or "region" in lines:
        plane = lines.pop("plane") if "plane" in lines else pd.Series(0, index=lines.index)
        region = lines.pop("region") if "region" in lines else suffix
        plane_text = plane.map(lambda value: f"plane={value}" if value else "")
        region_text = region.map(lambda value: f"region={value}" if value else "")
        pairs = zip(plane_text, region_text, strict=True)
        joined = ["&".join(filter(None, pair)) for pair in pairs]
        suffix = pd.Series(["#" + text if text else "" for text in joined], index=lines.index)
    plain = _escaped(lines["path"]) + suffix
    if "location" not in lines:
        return plain, suffix
    places = zip(lines.pop("location"), suffix, plain, strict=True)
    text = [_member(place, end) if place else own for place, end, own in places]
    return pd.Series(text, index=lines.index, dtype="str"), suffix


def _member(location: str, suffix: str) -> str:
    """Returns the reference of a member of an archive; its place is no part of its identity."""
    path, _, span = location.rpartition("?")
    return f"{files_module.escape(path)}#{span}{suffix.replace('#', '&')}"


def _escaped(paths: pd.Series) -> pd.Series:
    """As `files.escape`, which hardly any source needs: one test instead of a call per file."""
    if not paths.str.contains(files_module.NEEDS_ESCAPE.pattern, regex=True).any():
        return paths
    return paths.map(files_module.escape)


def _add_channel_facts(lines: pd.DataFrame, by_code: dict[str, Channel]) -> None:
    order = {code: number for number, code in enumerate(by_code)}
    lines["_order"] = lines["channel"].map(order)
    lines["_merge"] = lines["channel"].map({c: by_code[c].merge for c in by_code}).astype(bool)
    declared = {
        "channels": {c: by_code[c].name for c in by_code},
        "cell_visible": {c: by_code[c].visible for c in by_code},
        "microscopy": {c: by_code[c].microscopy for c in by_code},
    }
    for column, values in declared.items():
        facts = lines["channel"].map(values)
        if column in lines:
            facts = lines[column].where(lines[column] != "", facts)
        lines[column] = facts


def _single_rows(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per line; its key is the file's own canonical name."""
    return lines.assign(key=lines["_name"], missing="")


def _merged_rows(source: Source, lines: pd.DataFrame, report: Report) -> pd.DataFrame:
    """One row per field; its lines are already sorted by field and channel order."""
    fields = lines["field"].to_numpy()
    starts = np.flatnonzero(np.r_[True, fields[1:] != fields[:-1]])
    table = lines.iloc[starts].reset_index(drop=True)
    ends = np.r_[starts[1:], len(lines)]
    for column in _JOINED:
        if column in lines:
            values = lines[column].tolist()
            cells = (values[a:b] for a, b in zip(starts, ends, strict=True))
            joined = ["|".join(filter(None, cell)) for cell in cells]
            table[column] = joined if column == "files" else [_once(text) for text in joined]
    table["key"] = _escaped(table["field"])
    table["missing"] = _missing(source, lines["channel"].tolist(), starts, ends)
    incomplete = table["missing"] != ""
    if incomplete.any():
        report.note(
            "missing channel",
            f"{wording.counted(int(incomplete.sum()), 'field lacks', 'fields lack')} a channel "
            "file: rejected when built.",
            table.loc[incomplete, "key"].tolist(),
        )
    return table


def _missing(source: Source, codes: list[str], starts: np.ndarray, ends: np.ndarray) -> list[str]:
    wanted = tuple(c.code for c in source.channels if c.merge and not c.optional)
    names = {c.code: c.name for c in source.channels}

    @functools.cache
    def lacking(present: tuple[str, ...]) -> str:
        return schema.join_tokens(names[code] for code in wanted if code not in present)

    return [lacking(tuple(codes[a:b])) for a, b in zip(starts, ends, strict=True)]


@functools.cache
def _once(text: str) -> str:
    return schema.join_tokens(schema.split_tokens(text))


@functools.cache
def _targeted(text: str) -> str:
    return schema.join_tokens(schema.targeted(gene) for gene in schema.split_tokens(text))


def _finish(source: Source, table: pd.DataFrame, report: Report) -> pd.DataFrame:
    constants: dict[str, str | int | float] = {
        "database": source.database, "name": source.name, "dir_name": source.dir_name,
        "licence": source.licence, **source.constants,
    }  # fmt: skip
    if source.segmented:
        constants["segmented"] = True
    if source.bit_depth is not None:
        constants["bit_depth"] = source.bit_depth
    if source.pixel_size is not None:
        constants["pixel_size"] = source.pixel_size
    prefix = f"{source.dir_name}/"
    table["key"] = prefix + table["key"]
    table["field"] = prefix + _escaped(table["field"])
    columns: dict[str, pd.Series] = {}
    for column in schema.columns("rows"):
        default = constants.get(column.name, column.missing)
        if column.name in table:
            values = table[column.name]
            if isinstance(default, str) and default:
                values = values.where(values != "", default)
        else:
            values = pd.Series([default] * len(table), index=table.index)
        columns[column.name] = values.astype(_DTYPES.get(column.kind, "str"))
    result = pd.DataFrame(columns)
    for name in _LABEL_COLUMNS:
        result[name] = result[name].map(_once).astype("str")
    result["gene"] = result["gene"].map(_targeted).astype("str")
    result["group"] = _groups(source, result)
    result = result.sort_values("key", kind="stable", ignore_index=True)
    _check_keys(result, report)
    result["idx"] = [f"{source.dir_name}-{number}" for number in range(len(result))]
    return result


def _groups(source: Source, table: pd.DataFrame) -> pd.Series:
    own = f"{source.dir_name}:"
    group = table["group"].where(table["group"] != "", table["field"])
    return group.where(group.str.contains(":", regex=False), own + group).astype("str")


def _check_keys(table: pd.DataFrame, report: Report) -> None:
    twice = table["key"][table["key"].duplicated()]
    if len(twice):
        report.fatal(
            f"{wording.counted(len(twice), 'row shares its', 'rows share their')} key with another "
            "row.",
            twice.tolist(),
        )
