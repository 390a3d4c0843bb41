"""TensorFlow Datasets builders, one folder each, and collections of them."""

from __future__ import annotations

import importlib
import pkgutil

_COLLECTIONS = ("cyto_transfer",)


def names() -> list[str]:
    """Returns the names of the builders, sorted."""
    return [name for name in _folders() if name not in _COLLECTIONS]


def register() -> None:
    """Imports every builder module, which registers its builder; in sorted order."""
    for name in _folders():
        ending = "" if name in _COLLECTIONS else "_dataset_builder"
        importlib.import_module(f"{__name__}.{name}.{name}{ending}")


def _folders() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
