"""TensorFlow Datasets builders, one folder each."""

from __future__ import annotations

import importlib
import pkgutil


def register() -> None:
    """Imports every builder module, which registers its builder; in sorted order."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        if module.ispkg:
            name = module.name
            importlib.import_module(f"{__name__}.{name}.{name}_dataset_builder")
