"""From the archive and its table to the plan: rows, splits, and what is not as published."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from etils import epath

from cytoimagenet_tfds import errors, schema, sources
from cytoimagenet_tfds.build import gather, memory, ordering, plan_table, procedure
from cytoimagenet_tfds.builders.cytoimagenet.published import (
    archive,
    choosing,
    columns,
    expected,
    listing,
    matching,
    pixels,
    table,
)
from cytoimagenet_tfds.curation import reference_split, splits

Split = Literal["group", "paper"]

SEED = 0
_DSET = {"train": splits.TRAIN, "training": splits.TRAIN, "val": splits.VALIDATION,
         "valid": splits.VALIDATION, "validation": splits.VALIDATION}  # fmt: skip
_OTHER = "other"  # dir_name of a row that names none


def plan(
    manual_dir: epath.Path, split: Split, wanted: expected.Expected | None = None
) -> procedure.Planned:
    """Finds the archive, reads its table, and plans every image of it.

    Args:
      manual_dir: see `archive.find`.
      split: 'group' keeps the crops of one source image on one side; 'paper' takes the column
        `dset` or, where there is none, the reference's draw.
      wanted: the counts it should have, None for those that were published.
    """
    matched = _matched(manual_dir, split, wanted or expected.PUBLISHED)
    count = len(matched.rows["label"]) + sum(matched.left_out.values())
    planned = _planned_rows(matched.rows)
    memory.give_back()
    roots = dict.fromkeys(plan_table.codes(planned, "dir_name")[1], matched.root)
    facts: dict[str, Any] = {"published": {"split": split, "archive": archive.PAGE}}
    shown = gather.Found("cytoimagenet", matched.root, count, matched.left_out, ())
    read = pixels.ReadPublished(roots)
    return procedure.Planned(
        rows=planned, roots=roots, found=(shown,), seed=SEED, rules=None, facts=facts,
        step=pixels.CheckChunk, read=read, rows_times=pixels.ROWS_TIMES,
        select=functools.partial(choosing.select, planned, facts, SEED, read.content),
        differences=matched.differences,
    )  # fmt: skip


def _matched(manual_dir: epath.Path, split: Split, wanted: expected.Expected) -> matching.Matched:
    """Reads archive and table; what of them is not needed any more is not kept."""
    found = archive.find(manual_dir)
    memory.give_back()
    rows, differences = table.read(found)
    memory.give_back()
    counts = expected.compare(expected.count(rows), wanted)
    differences = (*counts, *differences, *_no_category(rows))
    rows = rows.append_column("split", _split(rows, split)).drop_columns(["dset", "stated"])
    return matching.match(rows, found, differences)


def _split(rows: pa.Table, split: Split) -> pa.DictionaryArray:
    if split == "paper" and columns.where(plan_table.whole(rows["dset"]), bool).any():
        return _stated(plan_table.whole(rows["dset"]))
    if split == "group":
        numbers, count = _group_numbers(rows)
        labels = rows["label"].to_pandas()
        chosen = splits.by_number(labels, numbers, count, reference_split.FRACTION)
    else:
        logging.getLogger(__name__).info("The table has no column dset: the reference's draw.")
        # The order of the classes decides: their names have to be as they stand in the file.
        classes, names = plan_table.codes(rows, "stated")
        chosen = reference_split.of_classes(names, classes)
    return columns.dictionary(chosen.astype(np.int8), [splits.TRAIN, splits.VALIDATION])


def _stated(dset: pa.DictionaryArray) -> pa.DictionaryArray:
    strange = sorted({value.lower() for value in dset.dictionary.to_pylist()} - set(_DSET))
    if strange:
        raise errors.TableError(
            f"metadata.csv: the column dset holds {', '.join(map(repr, strange[:5]))}; expected "
            f"{', '.join(_DSET)} in every row. The config `release` divides without it."
        )
    stated = columns.merged(dset, lambda value: _DSET[value.lower()])
    held = {value for (value,), _ in columns.pairs(stated)}
    if len(held) < 2:
        raise errors.TableError(
            f"metadata.csv: the column dset says {', '.join(held)} in every row; expected both "
            "train and val. The config `release` divides without it."
        )
    return stated


def _groups(rows: Mapping[str, pa.Array]) -> pa.StructArray:
    """All crops of one source image have its `idx`; a row without one is on its own."""
    source = columns.changed(rows["dir_name"], lambda name: f"{name}:")
    alone = pc.equal(rows["idx"], "").to_numpy(zero_copy_only=False)
    if not alone.any():
        return plan_table.joined(source, rows["idx"])
    folder = columns.changed(rows["folder"], lambda name: f"file:{name}/")
    return plan_table.joined(
        columns.only(source, ~alone), columns.only(folder, alone), rows["idx"],
        columns.only(rows["filename"], alone),
    )  # fmt: skip


def _group_numbers(rows: pa.Table) -> tuple[npt.NDArray[np.int64], int]:
    """Returns the number of each row's group in hash order, and how many groups there are."""
    names = ("dir_name", "idx", "folder", "filename")
    groups = pa.table({"group": _groups({name: plan_table.whole(rows[name]) for name in names})})
    hashes = ordering.hashes(
        lambda chosen: plan_table.texts(groups, "group", chosen), len(rows), SEED, splits.GROUPS
    )
    values, numbers = np.unique(hashes, return_inverse=True)
    return numbers, len(values)


def _no_category(rows: pa.Table) -> list[str]:
    labels, categories = (plan_table.whole(rows[name]) for name in ("label", "category"))
    without = [label for (label, name), _ in columns.pairs(labels, categories) if not name]
    what = "classes have no category, and no column has their label"
    lines: list[str] = expected.listed(what, sorted(without))
    return lines


def _planned_rows(rows: dict[str, pa.Array]) -> pa.Table:
    """Returns the rows with the columns of a plan and those that `choosing.select` needs.

    They are in the order of their keys. Texts that hold others share their memory with them.

    Args:
      rows: see `matching.Matched`; it is empty afterwards.
    """
    order = pa.array(_order(rows))
    found = {name: rows.pop(name).take(order) for name in sorted(rows)}
    folder = columns.changed(found["folder"], lambda name: f"cytoimagenet/{name}/")
    own: dict[str, pa.Array] = {
        **found,
        "key": plan_table.joined(folder, found["filename"]),
        "files": listing.reference(found, found["filename"]),
        "group": _groups(found),
        "dir_name": columns.merged(found["dir_name"], lambda name: name or _OTHER),
        "licence": columns.changed(found["dir_name"], _licence),
        "crops": found["crop"].cast(pa.int32()),
    }
    blank: dict[Any, pa.Array] = {}
    planned = {
        c.name: own[c.name] if c.name in own else _blank(c, len(order), blank)
        for c in schema.columns("plan")
    }
    return pa.table(planned | {choosing.STATED[name]: found[name] for name in choosing.STATED})


def _order(rows: Mapping[str, pa.Array]) -> npt.NDArray[np.int64]:
    ends = columns.changed(rows["folder"], lambda name: f"{name}/")
    return plan_table.order(pa.table([ends, rows["filename"]], ["0", "1"]), ("0", "1"))


def _blank(column: schema.Column, count: int, known: dict[Any, pa.Array]) -> pa.Array:
    """Returns a column without values; all of one kind are the same in memory."""
    if column.kind not in known:
        numbers = {"int": pa.int32(), "float": pa.float32(), "bool": pa.bool_()}
        known[column.kind] = (
            pa.repeat(pa.scalar(column.missing, numbers[column.kind]), count)
            if column.kind in numbers
            else columns.dictionary(np.zeros(count, np.int8), [str(column.missing)])
        )
    return known[column.kind]


@functools.cache
def _licence(dir_name: str) -> str:
    return sources.get(dir_name).licence if dir_name in sources.names() else "unknown"
