"""From the archive and its table to the plan: rows, splits, and what is not as published."""

from __future__ import annotations

import dataclasses
import functools
import logging
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from etils import epath

from cytoimagenet_tfds import errors, schema, sources
from cytoimagenet_tfds.build import gather, plan_table, procedure
from cytoimagenet_tfds.builders.cytoimagenet.published import (
    archive,
    choosing,
    expected,
    pixels,
    table,
)
from cytoimagenet_tfds.curation import reference_split, splits

Split = Literal["group", "paper"]

SEED = 0
_DSET = {"train": splits.TRAIN, "training": splits.TRAIN, "val": splits.VALIDATION,
         "valid": splits.VALIDATION, "validation": splits.VALIDATION}  # fmt: skip
_OTHER = "other"  # dir_name of a row that names none
_TWICE, _TWO_LABELS, _NO_LABEL = "row stands twice", "file of two labels", "no label"


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
    planned = _planned_rows(matched.rows)
    roots = dict.fromkeys(sorted(planned["dir_name"].unique()), matched.root)
    facts: dict[str, Any] = {"published": {"split": split, "archive": archive.PAGE}}
    count = len(matched.rows) + sum(matched.left_out.values())
    shown = gather.Found("cytoimagenet", matched.root, count, matched.left_out, ())
    read = pixels.ReadPublished(roots)
    return procedure.Planned(
        rows=planned, roots=roots, found=(shown,), seed=SEED, rules=None, facts=facts,
        step=pixels.CheckChunk, read=read,
        select=functools.partial(choosing.select, planned, facts, SEED, read.content),
        differences=matched.differences,
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Matched:
    """Rows and files brought together.

    Attributes:
      root: folder of the archive.
      rows: the rows to read, with `files` ('' where the file is missing).
      left_out: reason -> rows that cannot be told apart.
      differences: one sentence for each kind of what does not fit.
    """

    root: str
    rows: pd.DataFrame
    left_out: dict[str, int]
    differences: tuple[str, ...]


def _matched(manual_dir: epath.Path, split: Split, wanted: expected.Expected) -> Matched:
    """Reads archive and table; what of them is not needed any more is not kept."""
    found = archive.find(manual_dir)
    rows, differences = table.read(found)
    counts = expected.compare(expected.count(rows), wanted)
    rows = rows.assign(split=_split(rows, split))
    differences = (*counts, *differences, *_no_category(rows))
    matched = match(rows, found)
    return dataclasses.replace(matched, differences=(*differences, *matched.differences))


def match(rows: pd.DataFrame, found: archive.Archive) -> Matched:
    """Finds the file of each row by folder and name."""
    places = list(zip(rows["folder"].tolist(), rows["filename"].tolist(), strict=True))
    references = [found.images.get(place) for place in places]
    rows = rows.assign(files=["" if ref is None else str(ref) for ref in references])
    rows["place"] = ["/".join(place) for place in places]
    missing = sorted(set(rows.loc[rows["files"] == "", "place"]))
    extra = sorted("/".join(place) for place in found.images.keys() - set(places))
    again = rows.duplicated("place", keep=False)
    labels = rows[again].groupby("place")["label"].transform("nunique")
    two_labels = again & (labels.reindex(rows.index).fillna(1) > 1)
    same = again & ~two_labels & rows.duplicated("place")
    nameless = (rows["label"] == "") & ~same & ~two_labels
    reasons = {_TWICE: same, _TWO_LABELS: two_labels, _NO_LABEL: nameless}
    left_out = {reason: int(which.sum()) for reason, which in reasons.items()}
    lines = [
        *expected.listed("files of the table are missing", missing),
        *expected.listed("images are not in the table", extra),
        *_renamed(missing, extra),
        *expected.listed("images lie in two places, the first of which counts", found.twice),
        *expected.listed("other files lie in the archive", found.strangers),
        *expected.listed("rows name a file that a row before them names",
                         rows.loc[same, "place"].tolist()),
        *expected.listed("rows of different labels name the same file and are left out",
                         rows.loc[two_labels, "place"].tolist()),
        *expected.listed("rows have no label and are left out",
                         rows.loc[nameless, "place"].tolist()),
    ]  # fmt: skip
    kept = rows[~(same | two_labels | nameless)].reset_index(drop=True)
    return Matched(found.root, kept, {k: v for k, v in left_out.items() if v}, tuple(lines))


def _renamed(missing: list[str], extra: list[str]) -> list[str]:
    """Missing and unknown files of one folder that are as many were perhaps renamed."""
    by_folder: dict[str, list[list[str]]] = {}
    for side, places in enumerate((missing, extra)):
        for place in places:
            by_folder.setdefault(place.rpartition("/")[0], [[], []])[side].append(place)
    pairs = [
        f"{old} -> {new.rpartition('/')[2]}"
        for gone, come in by_folder.values()
        if len(gone) == len(come)
        for old, new in zip(gone, come, strict=True)
    ]
    lines: list[str] = expected.listed("of both are in one folder, perhaps renamed", pairs)
    return lines


def _split(rows: pd.DataFrame, split: Split) -> Any:
    if split == "group":
        chosen = splits.by_group(rows["label"], _groups(rows), reference_split.FRACTION, SEED)
        return splits.names(chosen).to_numpy()
    if (rows["dset"] != "").any():
        return _stated(rows["dset"])
    logging.getLogger(__name__).info("The table has no column dset: the reference's draw.")
    drawn = reference_split.validation(rows["label"].tolist())
    return splits.names(drawn).to_numpy()


def _stated(dset: pd.Series) -> list[str]:
    strange = sorted(set(dset.str.lower()) - set(_DSET))
    if strange:
        raise errors.TableError(
            f"metadata.csv: the column dset holds {', '.join(map(repr, strange[:5]))}; expected "
            f"{', '.join(_DSET)} in every row. The config `release` divides without it."
        )
    return [_DSET[value] for value in dset.str.lower().tolist()]


def _groups(rows: pd.DataFrame) -> pd.Series:
    """All crops of one source image have its `idx`; a row without one is on its own."""
    own = "file:" + rows["folder"] + "/" + rows["filename"]
    return (rows["dir_name"] + ":" + rows["idx"]).where(rows["idx"] != "", own).astype("str")


def _no_category(rows: pd.DataFrame) -> list[str]:
    without = sorted(set(rows.loc[rows["category"] == "", "label"]))
    what = "classes have no category, and no column has their label"
    lines: list[str] = expected.listed(what, without)
    return lines


def _planned_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows with the columns of a plan and those that `choosing.select` needs."""
    stated = table.bounds(rows)
    values: dict[str, Any] = {
        **{name: rows[name] for name in ("idx", "label", "category", "split", "folder", "files")},
        **{name: rows[name] for name in ("database", "name", *table.TOKENS)},
        "key": "cytoimagenet/" + rows["place"],
        "dir_name": rows["dir_name"].where(rows["dir_name"] != "", _OTHER),
        "group": _groups(rows),
        "licence": [_licence(name) for name in rows["dir_name"].tolist()],
        "missing": np.where(rows["files"] == "", "file", ""),
        "crops": rows["crop"].astype("int32"),
    }
    own = {"crop": rows["crop"], "scaling": rows["scaling"].astype("float32"), **stated}
    order = rows["place"].array.argsort()
    columns = {
        c.name: _ordered(values.get(c.name, [c.missing] * len(rows)), _dtype(c.kind), order)
        for c in schema.columns("plan")
    }
    columns |= {choosing.STATED[name]: _ordered(own[name], None, order) for name in own}
    return pd.DataFrame(columns, copy=False)


def _ordered(values: Any, dtype: str | None, order: npt.NDArray[Any]) -> pd.Series:
    """Returns a column in the order of the plan, compact at once."""
    column = pd.Series(values, dtype=dtype).take(order).reset_index(drop=True)
    return plan_table.compact_column(column)


def _dtype(kind: str) -> str:
    return {"int": "int32", "float": "float32", "bool": "bool"}.get(kind, "str")


@functools.cache
def _licence(dir_name: str) -> str:
    return sources.get(dir_name).licence if dir_name in sources.names() else "unknown"
