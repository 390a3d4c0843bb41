"""Which rendered images enter the dataset, in which order and under which name.

Of every image only numbers are in memory; its texts are made when a shard's table is written.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from cytoimagenet_tfds import errors, wording
from cytoimagenet_tfds.build import naming, ordering, plan_table, scratch
from cytoimagenet_tfds.curation import splits

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from cytoimagenet_tfds.build.rendered import Rendered


@dataclasses.dataclass(frozen=True)
class ClassRules:
    """What a class must be after the quality checks.

    Attributes:
      cap: most images of a class.
      min_class: classes with fewer images are left out.
      by_image: share of validation where each image is drawn by itself, as the reference did; None
        to keep the split of the plan, which no group crosses.
    """

    cap: int
    min_class: int
    by_image: float | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Selection:
    """The images of a dataset, in its order: splits by name, each shuffled.

    Attributes:
      plan: the columns of the plan.
      chunks: names of the chunks.
      images: [N] of type `rendered.IMAGE`, perhaps on the disk, as `chances` then are.
      splits: [N] number of the split of each image in `split_names`, rising.
      split_names: the splits, sorted.
      chances: [N] hash of each key that the order comes from.
      names: makes folders and file names.
      numbers: [N, 2] number of each image in its class, and how many the class has.
      classes: the class names, sorted; empty for a dataset without labels.
      dropped: class -> images of the classes that are left out.
      differences: as in `procedure.Planned`, known once the images were read.
    """

    plan: pa.Table | plan_table.Stored
    chunks: tuple[str, ...]
    images: scratch.Array
    splits: npt.NDArray[np.int8]
    split_names: tuple[str, ...]
    chances: scratch.Array
    names: naming.Names
    numbers: npt.NDArray[np.int32]
    classes: tuple[str, ...]
    dropped: dict[str, int]
    differences: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    def sizes(self) -> dict[str, int]:
        """Returns split -> images, splits that have any."""
        counts = np.bincount(self.splits, minlength=len(self.split_names)).tolist()
        return {name: n for name, n in zip(self.split_names, counts, strict=True) if n}


@dataclasses.dataclass(frozen=True, eq=False)
class _Candidates:
    """Images that may enter, with the text of their keys at hand."""

    plan: pa.Table
    images: npt.NDArray[Any]

    def keys(self, positions: ordering.Positions) -> list[str]:
        images = self.images[positions]
        keys = plan_table.take(self.plan.select(["key"]), images["row"])["key"].to_pylist()
        return naming.example_keys(keys, images["crop"])

    def order(self, seed: int, purpose: str) -> tuple[ordering.Positions, ordering.Hashes]:
        """Returns the positions in order of hash(seed, purpose, key), and the hashes."""
        chances = ordering.hashes(self.keys, len(self.images), seed, purpose)
        return ordering.order(chances, self.keys), chances

    def only(self, kept: npt.NDArray[Any]) -> _Candidates:
        return _Candidates(self.plan, self.images[kept])


def select(
    plan: pd.DataFrame, rendered: Rendered, seed: int, rules: ClassRules | None
) -> Selection:
    """Applies cap and minimum, names the files and shuffles.

    Args:
      plan: the planned rows, columns of `plan`.
      rendered: what the chunks of the plan hold.
      seed: seed of every choice made here.
      rules: None for a dataset without labels, where every image stays.

    Raises:
      BuildError: no image or no class is left.
      TableError: two examples would have the same key.
    """
    table = plan_table.of(plan)
    found = _Candidates(table, rendered.images)
    if rules is None:
        _check_left(table, rendered, found, {}, rules)
        return finish(table, rendered, found.images, seed, naming.own, (), {})
    classes, names = plan_table.codes(table, "label")
    found = found.only(_capped(found, classes, seed, rules.cap))
    counts = np.bincount(classes[found.images["row"]], minlength=len(names))
    small = counts < rules.min_class
    found = found.only(~small[classes[found.images["row"]]])
    dropped = {names[n]: int(counts[n]) for n in np.flatnonzero(small & (counts > 0)).tolist()}
    _check_left(table, rendered, found, dropped, rules)
    return finish(
        table, rendered, found.images, seed, naming.numbered,
        tuple(names[n] for n in np.flatnonzero(~small & (counts > 0)).tolist()), dropped,
        rules.by_image,
    )  # fmt: skip


def _capped(
    found: _Candidates, classes: npt.NDArray[np.int32], seed: int, cap: int
) -> npt.NDArray[np.bool_]:
    """Keeps `cap` images of a class: first one of every source image, then second ones."""
    ordered, _ = found.order(seed, "cap")
    turn = ordering.turns(found.images["row"], ordered)
    rank = np.empty(len(ordered), np.int64)
    rank[ordered] = np.arange(len(ordered))
    ordered = np.lexsort((rank, turn))
    kept: npt.NDArray[np.bool_] = ordering.turns(classes[found.images["row"]], ordered) < cap
    return kept


def finish(
    plan: pa.Table,
    rendered: Rendered,
    images: npt.NDArray[Any],
    seed: int,
    names: naming.Names,
    classes: tuple[str, ...],
    dropped: dict[str, int],
    by_image: float | None = None,
) -> Selection:
    """Numbers, divides and shuffles the images of a dataset.

    Args:
      plan: the columns of the plan.
      rendered: what the chunks of the plan hold.
      images: those that enter, of type `rendered.IMAGE`; they are put in order where they lie, as
        there is no room for all of them twice.
      seed: seed of the order.
      names: makes folders and file names.
      classes: the class names, sorted.
      dropped: class -> images of the classes that are left out.
      by_image: as in `ClassRules`.

    Raises:
      TableError: two examples would have the same key.
    """
    found = _Candidates(plan, images)
    shuffled, chances = found.order(seed, "shuffle")
    _check_keys(ordering.repeated(chances, shuffled, found.keys))
    side, split_names = _splits(found, seed, by_image)
    order = shuffled[np.argsort(side[shuffled], kind="stable")]
    if names is naming.numbered:
        numbers = _numbers(found, seed)[order]
    else:
        numbers = np.broadcast_to(np.zeros(2, np.int32), (len(images), 2))
    for column in images.dtype.names or ():
        images[column] = images[column][order]
    return Selection(
        plan, rendered.chunks, images, side[order], split_names, chances[order], names, numbers,
        classes, dropped,
    )  # fmt: skip


def _splits(
    found: _Candidates, seed: int, by_image: float | None
) -> tuple[npt.NDArray[np.int8], tuple[str, ...]]:
    """Returns the number of the split of each image, and the names of the splits."""
    if by_image is None:
        of_rows, names = plan_table.codes(found.plan, "split")
        return of_rows[found.images["row"]].astype(np.int8), names
    of_rows, _ = plan_table.codes(found.plan, "label")
    shuffled, _ = found.order(seed, "split")
    drawn = splits.draw(of_rows[found.images["row"]], shuffled, by_image)
    return drawn.astype(np.int8), (splits.TRAIN, splits.VALIDATION)


def _numbers(found: _Candidates, seed: int) -> npt.NDArray[np.int32]:
    """Numbers every image within its class, in the order of a hash."""
    of_rows, names = plan_table.codes(found.plan, "label")
    classes = of_rows[found.images["row"]]
    numbers = ordering.turns(classes, found.order(seed, "number")[0])
    sizes = np.bincount(classes, minlength=len(names))[classes]
    return np.stack([numbers, sizes.astype(np.int32)], axis=1)


def _check_keys(twice: list[str]) -> None:
    if twice:
        shown = ", ".join(sorted(set(twice))[:3])
        raise errors.TableError(
            f"{wording.counted(len(twice), 'example shares its', 'examples share their')} key with "
            f"another: {shown}"
        )


def _check_left(
    plan: pa.Table,
    rendered: Rendered,
    found: _Candidates,
    dropped: dict[str, int],
    rules: ClassRules | None,
) -> None:
    """Raises BuildError with every reason where no image is left."""
    if len(found.images):
        return
    rejected = rendered.rejected
    text = f"No image is left of {len(plan):,} planned ones; {len(rejected.rows):,} were rejected."
    for reason in rejected.by_reason(plan, 1):
        key, message = reason.first[0]
        text += f"\n- {reason.name}: {reason.count:,}, for example {key}: {message}"
    if dropped and rules is not None:
        largest = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))[:5]
        shown = ", ".join(f"{label} ({count:,})" for label, count in largest)
        text += (
            f"\nEvery class has fewer than {rules.min_class:,} images; the largest: {shown}. "
            "Lower min_class, or add sources."
        )
    raise errors.BuildError(text)


def first(selection: Selection, count: int | None) -> Selection:
    """Keeps the first `count` images of each split, all of them where it is None."""
    if count is None:
        return selection
    starts = np.flatnonzero(np.diff(selection.splits, prepend=-1)).tolist()
    ends = [*starts[1:], len(selection)]
    kept = [slice(start, min(start + count, end)) for start, end in zip(starts, ends, strict=True)]

    def few(values: Any) -> Any:
        return np.concatenate([values[:0], *(values[where] for where in kept)])

    return dataclasses.replace(
        selection, images=few(selection.images), splits=few(selection.splits),
        chances=few(selection.chances), numbers=few(selection.numbers),
    )  # fmt: skip
