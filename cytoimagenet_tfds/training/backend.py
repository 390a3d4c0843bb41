"""Whether Keras can train with the backend that is asked for; said before Keras is imported."""

from __future__ import annotations

import importlib.util
import os

from cytoimagenet_tfds import errors

BACKENDS = ("tensorflow", "jax", "torch")


def check() -> None:
    """Raises ConfigError where `KERAS_BACKEND` names nothing that is installed and trains."""
    name = os.environ.get("KERAS_BACKEND") or BACKENDS[0]
    if name not in BACKENDS:
        raise errors.ConfigError(
            "KERAS_BACKEND: " + errors.unknown_name("backend that trains", name, BACKENDS)
        )
    if importlib.util.find_spec(name) is None:
        raise errors.ConfigError(
            f"KERAS_BACKEND is {name}, which is not installed: pip install {name}"
        )
