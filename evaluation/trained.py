"""The network that a training of this package left, from the folder of its run."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from cytoimagenet_tfds import errors

_CHANNELS = 3  # of what an extractor gets


def is_run(path: str | os.PathLike[str]) -> bool:
    """Whether this is the folder of a training."""
    from cytoimagenet_tfds.training import folder

    return folder.is_run(Path(path))


def load(root: Path) -> tuple[Any, str]:
    """Returns the network without its last layer, and a hash of its weights.

    Args:
      root: folder of a run.

    Returns:
      A Keras model, [B, S, S, 3] -> [B, D] with the S of the recipe; 16 hexadecimal digits.

    Raises:
      ConfigError: the training is not finished, its network takes other channels than three equal
        ones, or the weights are not those of the recipe.
    """
    from cytoimagenet_tfds.training import folder, models, weights

    recipe = folder.recipe_of(root)
    if recipe.compose:
        raise errors.ConfigError(
            f"{root}: its network takes channels as {recipe.compose} puts them together; features "
            "are made of three equal channels."
        )
    path = weights.features_file(recipe, folder.Folder(root).weights)
    if not path.is_file():
        raise errors.ConfigError(f"{root}: the training is not finished, {path} is not there yet.")
    backbone = models.build(recipe, _CHANNELS, 1).backbone
    weights.load(backbone, path, recipe.model)
    return backbone, hashlib.sha256(path.read_bytes()).hexdigest()[:16]
