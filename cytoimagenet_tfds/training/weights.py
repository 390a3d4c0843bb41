"""Weights into a network before a training, and out of it afterwards."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import models
from cytoimagenet_tfds.training.recipe import Recipe

IMAGENET = "imagenet"
_UNFIT = (
    ValueError,
    OSError,
    KeyError,
    IndexError,
    UserWarning,
)  # what loading a strange file does


def start(network: models.Network, recipe: Recipe) -> None:
    """Gives the backbone the weights a recipe starts from.

    A file is loaded as it is: Keras' `.weights.h5`, or the older `.h5` that the author of
    CytoImageNet published (`efficientnetb0_weights-notop.h5`). A network around an application
    takes the application's file too, for three channels, and widens its first layer.

    Raises:
      ConfigError: there is no such file, it belongs to another network, or ImageNet's weights
        cannot be downloaded.
    """
    if recipe.weights == IMAGENET and network.base is not None:
        copy(_imagenet(recipe, network.application, pooling=None), network.base)
    elif recipe.weights == IMAGENET:
        copy(_imagenet(recipe, recipe.model, pooling=recipe.pooling), network.backbone)
    elif recipe.weights:
        _load(network, recipe)


def _load(network: models.Network, recipe: Recipe) -> None:
    path = Path(recipe.weights)
    if not path.is_file():
        raise errors.ConfigError(
            f"weights is {recipe.weights!r}: there is no such file. Expected imagenet or a file."
        )
    if network.base is not None and (donor := _donor(network.application, path)) is not None:
        copy(donor, network.base)
        return
    load(network.backbone, path, recipe.model)


def load(model: keras.Model, path: Path, name: str) -> None:
    """Loads weights without top into a network, as they are.

    Args:
      model: gets them.
      path: Keras' `.weights.h5`, or the older `.h5`.
      name: of the network, for the message.

    Raises:
      ConfigError: they are of another network.
    """
    try:
        _read(model, path)
    except _UNFIT as error:
        first = str(error).strip().partition("\n")[0].partition(". ")[0]
        raise errors.ConfigError(
            f"{path} does not hold weights of {name} without top: {first}."
        ) from error
    refresh(model)


def _donor(application: str, path: Path) -> keras.Model | None:
    """Returns the plain application with the weights of a file, None where they do not fit it."""
    donor = models.application(application)(include_top=False, weights=None)
    try:
        _read(donor, path)
    except _UNFIT:
        return None  # it may hold the weights of the whole network
    return donor


def _read(model: keras.Model, path: Path) -> None:
    """Loads weights; what Keras would only warn of and leave random is an error here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Skipping nested container", UserWarning)
        model.load_weights(path)


def _imagenet(recipe: Recipe, application: str, pooling: str | None) -> keras.Model:
    make = models.application(application)
    try:
        return make(include_top=False, weights=IMAGENET, pooling=pooling)
    except Exception as error:  # Keras raises a plain Exception where a download fails
        raise errors.ConfigError(
            f"ImageNet's weights of {application} cannot be had: {error}\n"
            "Without a network, put Keras' own weights file without top into ~/.keras/models, or "
            "start from another file: --set weights=PATH"
        ) from error


def copy(donor: keras.Model, backbone: keras.Model) -> None:
    """Copies all weights, so that the backbone gives the features of the donor.

    For ImageNet's weights Keras puts a second `Rescaling` behind the `Normalization` of
    EfficientNet, which a model made with `weights=PATH` does not have. Its factor goes into the
    variance here, so that exported weights mean the same everywhere.
    """
    backbone.set_weights(widened(donor.get_weights(), [w.shape for w in backbone.weights]))
    for before, layer in itertools.pairwise(donor.layers):
        if isinstance(before, keras.layers.Normalization) and isinstance(
            layer, keras.layers.Rescaling
        ):
            (mine,) = _normalizations(backbone)
            mean, variance, count = mine.get_weights()
            mine.set_weights([mean, variance / np.square(layer.scale), count])
    refresh(backbone)


def widened(
    weights: Sequence[npt.NDArray[np.float32]], shapes: Sequence[tuple[int, ...]]
) -> list[npt.NDArray[np.float32]]:
    """Returns weights for a network whose first layer takes more channels than the donor's.

    Each further channel gets the mean of those there are, and all are scaled so that an image with
    the same value in every channel gives the same result as before.

    Args:
      weights: of the donor.
      shapes: those that are needed.
    """
    result = list(weights)
    for number, (own, shape) in enumerate(zip(weights, shapes, strict=True)):
        if own.ndim == 4 and own.shape != shape and own.shape[:2] == shape[:2]:
            more = shape[2] - own.shape[2]
            mean = own.mean(axis=2, keepdims=True)
            wide = np.concatenate([own, *[mean] * more], axis=2)
            result[number] = wide * (own.shape[2] / shape[2])
    return result


def refresh(model: keras.Model) -> None:
    """Makes `Normalization` layers use their weights: they keep a copy of their own."""
    for layer in _normalizations(model):
        layer.finalize_state()


def _normalizations(model: keras.Model) -> list[keras.layers.Normalization]:
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Normalization)]


def file_name(recipe: Recipe) -> str:
    """Returns the name of the model in file names."""
    return recipe.model.rpartition(":")[2].lower()


def features_file(recipe: Recipe, folder: Path) -> Path:
    """Returns the file of the weights without top in a folder of weights."""
    return folder / f"{file_name(recipe)}-notop.weights.h5"


def export(network: models.Network, recipe: Recipe, folder: Path) -> list[Path]:
    """Writes weights with and without top, as `keras.applications` loads them.

    For example `keras.applications.EfficientNetB0(weights=PATH, classes=N)` and
    `keras.applications.EfficientNetB0(weights=PATH, include_top=False, pooling='avg')`.

    Returns:
      The two files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = file_name(recipe)
    written = []
    whole = folder / f"{name}.weights.h5"
    pairs = ((network.model, whole), (network.backbone, features_file(recipe, folder)))
    for model, path in pairs:
        part = folder / f".part-{path.name}"
        model.save_weights(part)
        os.replace(part, path)
        written.append(path)
    return written
