"""The plan of a labelled dataset: made by rules from row tables, or read from a file."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from etils import epath

from cytoimagenet_tfds import curation, errors, images, sources
from cytoimagenet_tfds.build import gather, plan_table, procedure, selection
from cytoimagenet_tfds.curation import plan_file

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources import Source

FILE = "plan.parquet"  # beside the shards


@dataclasses.dataclass(frozen=True)
class Curated:
    """A plan with its rules.

    Attributes:
      planned: what the build needs.
      rules: the rules of the plan.
      summary: its summary, None where a plan was edited after it was made.
    """

    planned: procedure.Planned
    rules: curation.CurationConfig
    summary: curation.Summary | None

    def write(self, folder: epath.Path) -> None:
        """Writes the plan into the folder of the dataset, where a later build can take it from."""
        curation.write_plan(folder / FILE, self.planned.rows, self.rules, self.summary)


def from_rules(
    what: str,
    wanted: Sequence[Source],
    base: epath.Path,
    rules: curation.CurationConfig,
    advice: Sequence[str] = (),
) -> Curated:
    """Reads the tables of the sources and plans by the rules; see `gather.gather`."""
    gathered = gather.gather(what, wanted, base, advice)
    rows, summary = curation.plan_with_summary(gathered.rows, rules)
    return _curated(rows, gathered.roots, gathered.found, rules, summary)


def from_file(
    what: str, path: str | os.PathLike[str], base: epath.Path, advice: Sequence[str] = ()
) -> Curated:
    """Reads a plan that `cytoimagenet plan` made, or that was edited since.

    Raises:
      MissingSourcesError: the folder of a source of the plan is not below `base`.
      TableError: the file is no plan a build could use.
    """
    file = curation.read_plan_file(path)
    counts = file.table["dir_name"].value_counts().sort_index()
    names = [str(name) for name in counts.index]
    unknown = [name for name in names if name not in sources.names()]
    if unknown:
        raise errors.TableError(errors.unknown_name("source", unknown[0], sources.names()))
    gather.check_there(what, [sources.get(name) for name in names], base, advice)
    roots = {name: str(base / name) for name in names}
    found = tuple(
        gather.Found(name, roots[name], int(counts[name]), {}, ("rows of a plan file",))
        for name in names
    )
    rules = file.config or curation.CurationConfig()
    summary = None if file.edited else file.summary
    return _curated(file.table, roots, found, rules, summary)


def _curated(
    rows: pd.DataFrame,
    roots: dict[str, str],
    found: tuple[gather.Found, ...],
    rules: curation.CurationConfig,
    summary: curation.Summary | None,
) -> Curated:
    facts: dict[str, Any] = {
        "curation": rules.to_dict(),
        "plan_hash": plan_file.digest(rows),
        "renderer_version": images.RENDERER_VERSION,
    }
    if summary is not None:
        facts["curation_summary"] = json.loads(summary.to_json())
    by_image = rules.validation_fraction if rules.split == "paper" else None
    known = sources.names()
    left_out = sorted(set(known) - set(roots)) if set(roots) <= set(known) else []
    planned = procedure.Planned(
        rows=plan_table.compact(rows), roots=roots, found=found, seed=rules.seed,
        rules=selection.ClassRules(rules.cap, rules.min_class, by_image), facts=facts,
        left_out=tuple(left_out),
    )  # fmt: skip
    return Curated(planned, rules, summary)
