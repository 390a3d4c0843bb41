"""TensorFlow Datasets builders, one folder each."""

from __future__ import annotations

import importlib
import pkgutil


def register() -> None:
    """Imports every builder module, which registers its builder; in sorted order."""
    for folder in sorted(pkgutil.iter_modules(__path__), key=lambda folder: folder.name):
        package = importlib.import_module(f"{__name__}.{folder.name}")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name == f"{folder.name}_dataset_builder":
                importlib.import_module(f"{package.__name__}.{module.name}")
