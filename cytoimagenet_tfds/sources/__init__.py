"""The source datasets: what they are, declared as data, and how their tables are read.

`get('bbbc006').table('downloads/manual/bbbc006')` gives the row table of one of them.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.sources.base import Channel, Download, Source

__all__ = ["Channel", "Download", "Source", "builder", "databases", "get", "names"]

# Folder of each database, which is also the name of its builder.
_DATABASES = ("bbbc", "cell_image_library", "idr", "kaggle", "recursion")


@functools.cache
def _modules() -> dict[str, str]:
    """Returns dir_name -> module: one source is one file in the folder of its database."""
    found: dict[str, str] = {}
    for database in _DATABASES:
        package = importlib.import_module(f"{__name__}.{database}")
        for module in pkgutil.iter_modules(package.__path__):
            if not module.name.startswith("_"):
                found[module.name] = f"{package.__name__}.{module.name}"
    return found


def names(database: str | None = None) -> tuple[str, ...]:
    """Returns the dir_names of all sources, or of one database (`bbbc`, `idr` ...), sorted."""
    if database is not None and database not in _DATABASES:
        raise errors.ConfigError(errors.unknown_name("database", database, _DATABASES))
    prefix = f"{__name__}.{database}." if database else ""
    return tuple(sorted(name for name, module in _modules().items() if module.startswith(prefix)))


def databases() -> tuple[str, ...]:
    """Returns the short names of the databases, which are also the names of their builders."""
    return _DATABASES


@functools.cache
def get(name: str) -> Source:
    """Returns one source; raises ConfigError with the nearest names where there is none."""
    if name not in _modules():
        raise errors.ConfigError(errors.unknown_name("source", name, _modules()))
    source: Source = importlib.import_module(_modules()[name]).SOURCE
    return source


def builder(name: str) -> str:
    """Returns the builder of a source, the folder of its database: 'bbbc006' -> 'bbbc'."""
    get(name)
    return _modules()[name].split(".")[-2]
