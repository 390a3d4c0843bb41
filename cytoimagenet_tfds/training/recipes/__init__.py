"""The recipes, one module each with `RECIPE`; its docstring tells command, runtime and scores."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training.recipe import Recipe


def names() -> list[str]:
    """Returns the names of all recipes, sorted."""
    found = pkgutil.iter_modules(__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))


def get(name: str) -> Recipe:
    """Returns a recipe by its name; raises ConfigError where there is none of that name."""
    found: Recipe = _module(name).RECIPE
    return found


def text(name: str) -> str:
    """Returns what a recipe says about itself."""
    return (_module(name).__doc__ or "").strip()


def _module(name: str) -> ModuleType:
    if name not in names():
        raise errors.ConfigError(errors.unknown_name("recipe", name, names()))
    return importlib.import_module(f"{__name__}.{name}")
