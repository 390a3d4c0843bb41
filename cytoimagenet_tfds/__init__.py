"""CytoImageNet as TensorFlow Datasets builders.

Importing this package registers every builder with TensorFlow Datasets. Neither TensorFlow
nor Apache Beam nor pandas is imported before something needs it.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import paths
from cytoimagenet_tfds.version import __version__

if TYPE_CHECKING:
    from cytoimagenet_tfds import curation, images, schema, sources, training

# In a checkout `builders` and `evaluation` lie beside this package, not inside it: Python started
# in the repository finds this folder before the installed package.
if not os.path.isdir(os.path.join(__path__[0], "builders")):
    __path__.append(os.path.dirname(__path__[0]))

# Imported on first use.
_MODULES = ("curation", "evaluation", "images", "schema", "sources", "training")

__all__ = ["__version__", "curation", "evaluation", "images", "schema", "sources", "training"]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


paths.register()

# Last, because the builders import modules of this package.
importlib.import_module(f"{__name__}.builders").register()
