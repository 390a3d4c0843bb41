"""The folder of a run: what belongs where, and whose run it is."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from cytoimagenet_tfds import errors, hashing
from cytoimagenet_tfds.training import data, writing
from cytoimagenet_tfds.training.recipe import Recipe, from_dict
from cytoimagenet_tfds.version import __version__

_RUN = "run.json"
_COMPARED = ("recipe", "data")


@dataclasses.dataclass(frozen=True)
class Folder:
    """The files of one run below `root`."""

    root: Path

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.root / "checkpoints"

    @property
    def weights(self) -> Path:
        """Folder of the exported weights."""
        return self.root / "weights"

    @property
    def tensorboard(self) -> Path:
        """Folder of TensorBoard's events."""
        return self.root / "tensorboard"


def is_run(root: Path) -> bool:
    """Whether a folder holds a run."""
    return (root / _RUN).is_file()


def recipe_of(root: Path) -> Recipe:
    """Returns the recipe of the run in a folder; ConfigError where it cannot be read."""
    path = root / _RUN
    try:
        return from_dict(json.loads(path.read_text(encoding="utf-8"))["recipe"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.ConfigError(f"{path} is no run of this version: {error!r}") from error


def claim(root: Path, recipe: Recipe, dataset: data.Dataset, counts: data.Counts) -> Folder:
    """Makes the folder of a run, or finds that it holds the same run already.

    Raises:
      TrainingError: as `check` does; nothing in it is touched.
    """
    if not check(root, recipe, dataset, counts):
        writing.as_json(root / _RUN, {**_mine(recipe, dataset, counts), "version": __version__})
    return Folder(root)


def check(root: Path, recipe: Recipe, dataset: data.Dataset, counts: data.Counts) -> bool:
    """Returns whether a folder holds this run already; False where it is new or empty.

    Raises:
      TrainingError: it holds something else, or a run of another recipe or of other data.
    """
    path = root / _RUN
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        _compare(path, found, _mine(recipe, dataset, counts))
        return True
    if root.exists() and not (root.is_dir() and all(map(writing.unfinished, root.iterdir()))):
        raise errors.TrainingError(
            f"{root} is not empty and holds no run. Nothing was written; choose another --out."
        )
    return False


def _mine(recipe: Recipe, dataset: data.Dataset, counts: data.Counts) -> dict[str, Any]:
    return {"recipe": recipe.to_dict(), "data": _identity(dataset, counts)}


def _identity(dataset: data.Dataset, counts: data.Counts) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "plan_hash": dataset.plan_hash,
        "file_format": dataset.builder.info.file_format.value,  # two formats, two orders
        "classes": len(dataset.classes),
        "class_hash": hashing.hex_digest(*dataset.classes),
        **{f"{split}_images": count for split, count in counts.examples.items()},
    }


def _compare(path: Path, found: dict[str, Any], mine: dict[str, Any]) -> None:
    problems = errors.Problems()
    for part in _COMPARED:
        old, new = _flat(found.get(part, {})), _flat(mine[part])
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                problems.add(f"{part}: {name} is {new.get(name)!r}, there {old.get(name)!r}.")
    problems.raise_if_any(
        errors.TrainingError,
        f"{path.parent} holds another run. Nothing was written; choose another --out. It differs:",
    )


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        flat.update({f"{name}.{key}" if key else name: item for key, item in inner})
    return flat
