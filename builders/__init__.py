"""TensorFlow Datasets builders, one folder each, and collections of them."""

from __future__ import annotations

import importlib
import pkgutil

_COLLECTIONS = ("cyto_transfer",)


def register() -> None:
    """Imports every builder module, which registers its builder; in sorted order."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        if module.ispkg:
            name = module.name
            ending = "" if name in _COLLECTIONS else "_dataset_builder"
            importlib.import_module(f"{__name__}.{name}.{name}{ending}")
