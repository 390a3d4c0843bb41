"""From the archive and its table to the plan: rows, splits, and what is not as published."""

from __future__ import annotations

import dataclasses
import functools
import logging
import os
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import gather, memory, procedure, scratch, stored_plan
from cytoimagenet_tfds.builders.cytoimagenet.published import (
    announced,
    archive,
    choosing,
    expected,
    lines,
    matching,
    noting,
    pixels,
    rows,
    table,
)
from cytoimagenet_tfds.curation import reference_split, splits

Split = Literal["group", "paper"]

_DSET = {"train": splits.TRAIN, "training": splits.TRAIN, "val": splits.VALIDATION,
         "valid": splits.VALIDATION, "validation": splits.VALIDATION}  # fmt: skip


def plan(
    manual_dir: epath.Path,
    split: Split,
    wanted: expected.Expected | None = None,
    folder: os.PathLike[str] | None = None,
) -> procedure.Planned:
    """Finds the archive, reads its table, and plans every image of it.

    Args:
      manual_dir: see `archive.find`.
      split: 'group' keeps the crops of one source image on one side; 'paper' takes the column
        `dset` or, where there is none, the reference's draw.
      wanted: the counts it should have, None for those that were published.
      folder: where there is room for the rows, see `scratch.Store`.
    """
    found = archive.find(manual_dir, scratch.Store(folder))
    listed, differences = table.read(found)
    counts = expected.compare(expected.count(listed), wanted or expected.PUBLISHED)
    sides = _sides(listed, split)
    matched = matching.match(listed, found, (*counts, *differences, *_no_category(listed)))
    planned = _stored(listed, found.images.heads, sides)
    memory.give_back()
    roots = dict.fromkeys(rows.source_names(listed), found.root)
    facts: dict[str, Any] = {"published": {"split": split, "archive": archive.PAGE}}
    shown = gather.Found("cytoimagenet", found.root, len(listed), matched.left_out, ())
    read = pixels.ReadPublished(roots)
    made = procedure.Planned(
        rows=planned.select(rows.COLUMNS), roots=roots, found=(shown,), seed=lines.SEED, rules=None,
        facts=facts, step=pixels.CheckChunk, read=read, rows_times=pixels.ROWS_TIMES,
        select=functools.partial(choosing.select, planned, lines.SEED),
        noted=functools.partial(noting.tell, planned, facts, read.content),
        differences=matched.differences,
    )  # fmt: skip
    if not announced.is_near(found):
        return made
    at_once = dataclasses.replace(
        made, read=pixels.ReadPublished(roots, announced.Reading),
        images=functools.partial(announced.images_of, planned, roots),
    )  # fmt: skip
    return dataclasses.replace(made, announced=at_once)


def _stored(
    listed: lines.Lines, heads: Sequence[str], sides: npt.NDArray[np.bool_]
) -> stored_plan.StoredPlan:
    """Writes the rows of the plan, in the order of their keys."""
    stored = stored_plan.Rows(rows.ROW, rows.TEXTS, listed.store.folder)
    source_ranks, head_ranks = rows.source_ranks(listed), rows.ranks([*heads, ""])
    for piece in listed.store.pieces(matching.JOINED):
        numbers, places, idx, data, references, head = zip(*piece, strict=True)
        own = scratch.records(data, lines.LINE)
        found = np.empty(len(piece), rows.ROW)
        for name in lines.LINE.names or ():
            found[name] = own[name]
        found["source"] = source_ranks[own["dir_name"]]
        found["head"] = head_ranks[[-1 if number is None else number for number in head]]
        found["side"] = sides[list(numbers)]
        stored.append(found, places, idx, [text or "" for text in references])
    make = functools.partial(rows.make, dataclasses.replace(listed, store=None))
    names = (*rows.COLUMNS, *choosing.STATED.values())
    return stored_plan.StoredPlan(stored, make, names, rows.SORTING)


def _sides(listed: lines.Lines, split: Split) -> npt.NDArray[np.bool_]:
    """Returns which lines are for validation, [N] in file order."""
    if split == "paper" and any(value for _, value in listed.pairs("dset")):
        return _stated(listed.dset_of or listed)
    if split == "group":
        return _by_group(listed)
    logging.getLogger(__name__).info("The table has no column dset: the reference's draw.")
    # The order of the classes decides: their names have to be as they stand in the file.
    values = listed.codes["stated"].values()
    order = sorted(range(len(values)), key=values.__getitem__)
    rank = np.empty(len(values), np.int32)
    rank[order] = np.arange(len(values), dtype=np.int32)
    classes = np.concatenate([rank[numbers["stated"]] for numbers in listed.numbers()])
    return reference_split.of_classes([values[number] for number in order], classes)


def _stated(listed: lines.Lines) -> npt.NDArray[np.bool_]:
    values = {value for _, value in listed.pairs("dset")}
    strange = sorted({value.lower() for value in values} - set(_DSET))
    if strange:
        raise errors.TableError(
            f"metadata.csv: the column dset holds {', '.join(map(repr, strange[:5]))}; expected "
            f"{', '.join(_DSET)} in every row. The config `release` divides without it."
        )
    held = {_DSET[value.lower()] for value in values}
    if len(held) < 2:
        raise errors.TableError(
            f"metadata.csv: the column dset says {', '.join(held)} in every row; expected both "
            "train and val. The config `release` divides without it."
        )
    known = listed.codes["dset"].values()
    validated = np.array([_DSET.get(value.lower()) == splits.VALIDATION for value in known])
    return np.concatenate([validated[numbers["dset"]] for numbers in listed.numbers()])


def _by_group(listed: lines.Lines) -> npt.NDArray[np.bool_]:
    """Keeps rows of one group on one side; a group is its hash, and stands in that order."""
    numbers, count = _group_numbers(listed)
    members = zip(scratch.pieces(listed.members), scratch.pieces(numbers), strict=True)
    codes = (part["label"].astype(np.int64) * count + group for part, group in members)
    pairs, sizes = _counted(scratch.joined(codes, len(listed), "i8"))
    side = splits.sides(
        listed.codes["label"].values(), (pairs // count).astype(np.int32),
        (pairs % count).astype(np.int32), sizes, count, reference_split.FRACTION,
    )  # fmt: skip
    found = (side[part] == 1 for part in scratch.pieces(numbers))
    return scratch.joined(found, len(listed), "?")


def _group_numbers(listed: lines.Lines) -> tuple[scratch.Spooled, int]:
    """Returns the number of each line's group in hash order, and how many groups there are."""
    groups = (part["group"] for part in scratch.pieces(listed.members))
    hashes, _ = _counted(scratch.joined(groups, len(listed), "u8"))
    numbers = scratch.Spooled(np.dtype(np.int32), listed.store.folder)
    for part in scratch.pieces(listed.members):
        numbers.append(np.searchsorted(hashes, part["group"]))
    return numbers, len(hashes)


def _counted(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int32]]:
    """As `np.unique` with counts, in the room of the values, which are sorted."""
    values.sort()
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]).astype(np.int32)
    return values[starts], np.diff(starts, append=np.int32(len(values)))


def _no_category(listed: lines.Lines) -> list[str]:
    without = [label for label, name in listed.pairs("category") if not name]
    what = "Classes without a category, whose label no column has"
    said: list[str] = expected.listed(what, sorted(without))
    return said
