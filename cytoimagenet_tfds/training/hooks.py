"""Functions that a recipe names as `module:function`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from cytoimagenet_tfds import errors


def resolve(name: str) -> Callable[..., Any]:
    """Returns the function behind `module:function`; raises ConfigError where there is none."""
    module_name, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise errors.ConfigError(
            f"{name!r} names no function, expected module:function: {error}"
        ) from error
    if not callable(found):
        raise errors.ConfigError(f"{name!r} is a {type(found).__name__}, expected a function.")
    function: Callable[..., Any] = found
    return function
