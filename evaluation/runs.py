"""One evaluation: features of every set of weights on every benchmark, and their results."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cytoimagenet_tfds import errors

from . import extraction, extractors, facts, inputs, planes, scoring, tasks
from .table import FeatureTable, fuse
from .tasks import Protocol, Result

SEEDS = (0, 1, 2)  # of random weights, whose scores are averaged
BASELINES = (extractors.PIXELS, extractors.RANDOM)  # stand beside every model
_JOIN = "+"  # between the names of a fusion


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What is evaluated, and how.

    Attributes:
      weights: names as `extractors.named` takes them, files of features (`.parquet`), or several of
        these joined by `+` for their fusion.
      method: from channels to planes.
      protocol: `default` or `paper`, see `tasks`.
      size: side in pixels of what the model sees, None for the size of the images.
      model: class of `keras.applications` for `random` and `imagenet`.
      batch: planes at a time.
      linear: also a linear probe.
    """

    weights: tuple[str, ...]
    method: planes.Method = planes.METHODS[0]
    protocol: Protocol = "default"
    size: int | None = None
    model: str = extractors.MODEL
    batch: int = 32
    linear: bool = False


@dataclasses.dataclass(frozen=True)
class Run:
    """What an evaluation found.

    Attributes:
      scores: one per task and set of weights, random weights averaged over their seeds.
      results: name of weights -> results; each seed of random weights by itself.
      seconds: what was timed -> seconds.
    """

    scores: tuple[scoring.Score, ...]
    results: Mapping[str, tuple[Result, ...]]
    seconds: Mapping[str, float]


def evaluate(builders: Mapping[str, Any], settings: Settings, out: Path) -> Run:
    """Evaluates every set of weights on every benchmark.

    Args:
      builders: benchmark -> prepared dataset.
      settings: what to evaluate.
      out: folder; features are kept in `out/features` and not taken again.

    Raises:
      ConfigError: unknown names, parts of other features in `out`.
    """
    wanted = list(dict.fromkeys(settings.weights))
    results: dict[str, list[Result]] = {}
    seconds: dict[str, float] = {}
    for benchmark, builder in builders.items():
        known = facts.read(builder)
        atoms = dict.fromkeys(atom for name in wanted for atom in _expanded(name))
        tables = _tables(benchmark, builder, list(atoms), settings, out, seconds)
        for name in (seed for each in wanted for seed in _seeds(each)):
            table = fuse([tables[atom] for atom in name.split(_JOIN)])
            start = time.perf_counter()
            results.setdefault(name, []).extend(
                tasks.results(
                    benchmark, table, known, settings.protocol, linear=settings.linear
                )
            )  # fmt: skip
            seconds[f"{benchmark} {name} protocol"] = time.perf_counter() - start
    found = tuple(score for name in wanted for score in _scores(name, results))
    return Run(found, {name: tuple(each) for name, each in results.items()}, seconds)


def _seeds(name: str) -> list[str]:
    """Returns a name once per seed where it has random weights in it."""
    parts = name.split(_JOIN)
    if extractors.RANDOM not in parts:
        return [name]
    return [
        _JOIN.join(f"{part}:{seed}" if part == extractors.RANDOM else part for part in parts)
        for seed in SEEDS
    ]


def _expanded(name: str) -> list[str]:
    return [atom for seed in _seeds(name) for atom in seed.split(_JOIN)]


def _scores(name: str, results: Mapping[str, Sequence[Result]]) -> Iterator[scoring.Score]:
    per_seed = [[scoring.score(r, name) for r in results[seed]] for seed in _seeds(name)]
    for found in zip(*per_seed, strict=True):
        yield found[0] if len(found) == 1 else scoring.mean(found, name)


def _tables(
    benchmark: str,
    builder: Any,
    atoms: Sequence[str],
    settings: Settings,
    out: Path,
    seconds: dict[str, float],
) -> dict[str, FeatureTable]:
    """Returns the features of each set of weights; those of files are read, others are taken."""
    tables = {atom: FeatureTable.load(atom) for atom in atoms if atom.endswith(".parquet")}
    for atom in atoms:
        if atom in tables:
            continue
        # One after the other: several networks together would need the memory of all.
        start = time.perf_counter()
        extractor = _extractor(atom, settings)
        clean = re.sub(r"[^\w.-]+", "-", Path(atom).name)
        path = out / "features" / f"{benchmark}.{clean}.{settings.method.name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        about = {"input": builder.info.full_name, "model": settings.model}
        found = extraction.extract(
            inputs.of_dataset(builder), [extractor], settings.method, size=settings.size,
            out=[path], about=about,
        )  # fmt: skip
        tables[atom] = found.tables[0]
        seconds[f"{benchmark} {atom} features"] = time.perf_counter() - start
    return tables


def _extractor(atom: str, settings: Settings) -> extractors.Extractor:
    name, _, seed = atom.rpartition(":")
    if name == extractors.RANDOM:
        if not seed.isdigit():
            raise errors.ConfigError(f"{atom!r}: the seed of random weights must be a number.")
        return extractors.named(name, model=settings.model, seed=int(seed), batch=settings.batch)
    return extractors.named(atom, model=settings.model, batch=settings.batch)
