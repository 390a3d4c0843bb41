"""A build from its plan to its shards: render, select, assemble."""

from __future__ import annotations

import dataclasses
import functools
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.build import (
    assemble,
    chunks,
    division,
    layout,
    options,
    pipeline,
    plan_table,
    progress,
    render,
    rendered,
    scratch,
    shards,
    work,
)

if TYPE_CHECKING:
    from etils import epath

    from cytoimagenet_tfds.build.gather import Found
    from cytoimagenet_tfds.build.rendered import Rendered
    from cytoimagenet_tfds.build.selection import ClassRules, Selection

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Planned:
    """What a build is made of.

    Attributes:
      rows: the plan, columns `schema.names('plan')`; other than with pandas, see `plan_table`.
      roots: dir_name -> folder of the raw source.
      found: the sources that were read.
      seed: seed of every choice after the plan.
      rules: cap and minimum of a class, None for a dataset without labels.
      facts: what the dataset's metadata says about its making, JSON types.
      standardize: makes the images of a row from its channels; its text decides which chunks of
        an earlier run are kept.
      arguments: columns of the plan that `standardize` takes by name.
      encode: makes bytes of an image that `standardize` gave.
      step: renders a chunk; takes what `render.RenderChunk` takes.
      select: chooses the images of the dataset from the rendered ones; None for
        `selection.select`.
      read: opens the images, given the folder of the chunks.
      images: the images as they are announced, which are not rendered then; None to render them.
      noted: takes what was noted of each shard while it was written, and the rows of the plan of
        all images in the same order.
      announced: the same with `images`, tried first; what is announced may not be true, and then
        all are rendered.
      rows_times: how many times as many rows as usual a chunk has, where one takes little time.
      differences: what is not as a dataset that is published should be, one sentence each; a build
        stops unless it is told to allow them.
      left_out: the sources of CytoImageNet that are not in it.
    """

    rows: plan_table.Plan
    roots: Mapping[str, str]
    found: tuple[Found, ...]
    seed: int
    rules: ClassRules | None
    facts: dict[str, Any]
    standardize: Callable[..., images.Standardized] = images.standardize
    arguments: tuple[str, ...] = ()
    encode: Callable[[Any], bytes] = images.encode_png
    step: type[render.RenderChunk] = render.RenderChunk
    select: Callable[[Rendered], Selection] | None = None
    read: chunks.Open = chunks.Images
    images: Callable[[], Rendered] | None = None
    noted: Callable[[Iterable[dict[str, Any]], Iterable[Any]], None] | None = None
    announced: Planned | None = None
    rows_times: int = 1
    differences: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Engine:
    """Where a build runs.

    Attributes:
      runner: Beam's runner.
      options: Beam's options.
      work: the work folder.
      name: name of the runner.
      remote: the same where its machines see no disk of this one, else ''.
    """

    runner: Any
    options: options.BuildOptions
    work: work.WorkFolder
    name: str = ""
    remote: str = ""


def render_plan(planned: Planned, engine: Engine) -> Rendered:
    """Renders every row of a plan that no committed chunk holds.

    Returns:
      What all chunks hold.

    Raises:
      BuildError: a chunk is not there after the pipeline has run.
    """
    settings = images.PixelSettings(seed=planned.seed)
    pixels = f"{settings} renderer {images.RENDERER_VERSION}"
    if planned.standardize is not images.standardize:
        pixels += f" {planned.standardize!r}"
    if planned.step is not render.RenderChunk:
        pixels += f" {planned.step.__qualname__}"
    rows_per_chunk = engine.options.cyto_rows_per_chunk * planned.rows_times
    divided = division.divide(planned.rows, rows_per_chunk, pixels, planned.arguments)
    folder = engine.work.chunks
    folder.mkdir(parents=True, exist_ok=True)
    work.sweep(folder)
    _say_what_is_there(engine.work, divided)
    division.write(divided, engine.work)
    run = secrets.token_hex(8)
    step = planned.step(
        engine.work, divided.digest, dict(planned.roots), settings, planned.standardize,
        planned.arguments, planned.encode, run,
    )  # fmt: skip
    numbers = range(len(divided.names))
    tables = [f"{name}.parquet" for name in divided.names]
    with progress.files_done(folder, tables, "Rendering", "chunk"):
        pipeline.run(
            engine.runner,
            engine.options,
            functools.partial(pipeline.render, numbers=numbers, step=step),
        )
    return rendered.read(folder, divided, run)


def assemble_shards(
    chosen: Selection,
    engine: Engine,
    sharding: Any,
    file_format: str,
    templates: Mapping[str, Any],
    made_of: layout.Layout,
    planned: Planned,
) -> tuple[shards.Shard, ...]:
    """Writes the final shards of all splits.

    Args:
      chosen: the images of the dataset.
      engine: where the build runs.
      sharding: TFDS' ShardConfig.
      file_format: TFDS' name of the record format.
      templates: split -> TFDS' template of its file names.
      made_of: what an example is made of.
      planned: the plan, which says how images are opened, and takes what is noted of them.

    Returns:
      What was written, splits by name, the shards of a split in order.

    Raises:
      ImageError: an image that was not read before cannot be used; no shard is left then.
    """
    assembly = assemble.prepare(chosen, engine.work, sharding, made_of.extra)
    step = assemble.WriteShard(
        engine.work, assembly.digest, chosen.classes or None, file_format, dict(templates), made_of,
        planned.read,
    )  # fmt: skip
    notes = shards.notes(assembly.shards)
    with progress.files_done(engine.work.shards(assembly.digest), notes, "Assembling", "shard"):
        pipeline.run(
            engine.runner,
            engine.options,
            functools.partial(pipeline.assemble, shards=assembly.shards, step=step),
        )
    where = engine.work, assembly.digest, assembly.shards
    try:
        written = shards.collect(*where)
        if planned.noted is not None:
            pieces = scratch.pieces(chosen.images)
            planned.noted(shards.noted(*where), (piece["row"] for piece in pieces))
        _check_lengths([step.target(shard) for shard in assembly.shards], written)
        return written
    except errors.ImageError:
        for shard in assembly.shards:
            step.target(shard).unlink(missing_ok=True)
        raise


def _check_lengths(paths: Sequence[epath.Path], written: Sequence[shards.Shard]) -> None:
    """Raises BuildError for shards that are no longer what was written."""
    problems = errors.Problems()
    for path, shard in zip(paths, written, strict=True):
        length = path.stat().length if path.exists() else 0
        if length != shard.bytes:
            problems.add(f"{shard.file} has {length:,} bytes, {shard.bytes:,} were written.")
    problems.raise_if_any(
        errors.BuildError,
        "Shards were written once more by workers that the engine had taken for lost. Start the "
        "same build again when none of them runs any more.",
    )


def _say_what_is_there(folder: work.WorkFolder, divided: division.Division) -> None:
    names = set(work.names(folder.chunks))
    there = sum(f"{name}.parquet" in names for name in divided.names)
    if there:
        _log.warning(
            "%d of %d chunks are in %s from an earlier run: those that are whole and whose source "
            "files did not change are kept.", there, len(divided.names), folder.chunks,
        )  # fmt: skip
