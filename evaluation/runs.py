"""One evaluation: features of every set of weights on every benchmark, and their results."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from cytoimagenet_tfds import errors

from . import (
    extraction,
    extractors,
    facts,
    inputs,
    normalization,
    planes,
    report_files,
    scoring,
    tasks,
    views,
)  # fmt: skip
from .normalization import Protocol
from .table import FeatureTable, fuse
from .tasks import Result
from .wells import Measured

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
      normalization: name of one of `normalization.NORMALIZATIONS`, '' for that of the protocol.
    """

    weights: tuple[str, ...]
    method: planes.Method = planes.METHODS[0]
    protocol: Protocol = "default"
    size: int | None = None
    model: str = extractors.MODEL
    batch: int = 32
    linear: bool = False
    normalization: str = ""


@dataclasses.dataclass(frozen=True)
class Run:
    """What an evaluation found.

    Attributes:
      scores: one per task and set of weights, random weights averaged over their seeds.
      results: name of weights -> results; each seed of random weights by itself.
      seconds: what was timed -> seconds.
      views: some of the features of each benchmark and set of weights, to be drawn.
      notes: what the reader should know, such as what a table of measurements holds.
    """

    scores: tuple[scoring.Score, ...]
    results: Mapping[str, tuple[Result, ...]]
    seconds: Mapping[str, float]
    views: tuple[views.View, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> list[str]:
        """The names of weights that are drawn and compared: of random ones the first seed."""
        return [name for name in self.results if _first_seed(name)]


def evaluate(
    builders: Mapping[str, Any],
    settings: Settings,
    out: Path,
    measured: Mapping[str, Measured] | None = None,
    known: Mapping[str, facts.Facts] | None = None,
) -> Run:
    """Evaluates every set of weights on every benchmark, and tables of measurements on BBBC021.

    Args:
      builders: benchmark -> prepared dataset.
      settings: what to evaluate.
      out: folder; features are kept in `out/features` and not taken again.
      measured: name -> a table of measurements.
      known: facts of the datasets that have been read.

    Raises:
      ConfigError: unknown names, parts of other features in `out`.
    """
    wanted = list(dict.fromkeys(settings.weights)) if builders else []
    found = _Found({}, {}, [])
    for benchmark, builder in builders.items():
        own = (known or {}).get(benchmark) or facts.read(builder)
        atoms = dict.fromkeys(atom for name in wanted for atom in _expanded(name))
        tables = _tables(benchmark, builder, list(atoms), settings, out, found.seconds)
        for name in (seed for each in wanted for seed in _seeds(each)):
            table = fuse([tables[atom] for atom in name.split(_JOIN)])
            found.add(benchmark, name, table, own, settings)
    for name, one in (measured or {}).items():
        found.add("bbbc021", name, one.table, one.facts, settings)
        wanted.append(name)
    scored = tuple(score for name in wanted for score in _scores(name, found.results))
    results = {name: tuple(each) for name, each in found.results.items()}
    notes = tuple(f"{name}: {note}." for name, one in (measured or {}).items()
                  for note in one.notes)  # fmt: skip
    return Run(scored, results, found.seconds, tuple(found.views), notes)


@dataclasses.dataclass(frozen=True)
class _Found:
    results: dict[str, list[Result]]
    seconds: dict[str, float]
    views: list[views.View]

    def add(
        self, benchmark: str, name: str, table: FeatureTable, known: facts.Facts, settings: Settings
    ) -> None:
        """Runs the tasks of one benchmark on one set of features."""
        start = time.perf_counter()
        given = tasks.check(benchmark, table, known, settings.protocol, settings.normalization)
        done = tasks.run(benchmark, given, linear=settings.linear)
        self.results.setdefault(name, []).extend(done)
        self.seconds[f"{benchmark} {name} protocol"] = time.perf_counter() - start
        if _first_seed(name):
            self.views.append(views.view(benchmark, name, given))


def check(settings: Settings, benchmarks: Iterable[str]) -> dict[str, str]:
    """Returns benchmark -> normalization; raises ConfigError before any work where one is wrong."""
    if settings.protocol not in get_args(Protocol):
        known = get_args(Protocol)
        raise errors.ConfigError(errors.unknown_name("protocol", settings.protocol, known))
    return {name: normalization.chosen(settings.normalization, name, settings.protocol)
            for name in benchmarks}  # fmt: skip


def _first_seed(name: str) -> bool:
    """Whether no part of a name is a further seed of random weights."""
    repeated = {f"{extractors.RANDOM}:{seed}" for seed in SEEDS[1:]}
    return not repeated & set(name.split(_JOIN))


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
        clean = report_files.clean(Path(atom).name)
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
