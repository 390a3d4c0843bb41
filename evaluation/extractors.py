"""What makes features: pixel statistics, networks with any weights, functions of your own."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

from . import shipped, trained

Floats = npt.NDArray[np.float32]
Function = Callable[[Floats], npt.ArrayLike]

PIXELS, RANDOM, IMAGENET = "pixels", "random", "imagenet"
MODEL = "EfficientNetB0"  # the network of the CytoImageNet paper
_USUAL = 224  # side of images, pixels
_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclasses.dataclass(frozen=True)
class Extractor:
    """A function from images to features.

    Attributes:
      name: short name, for tables.
      identity: tells two of the same name apart: seed, hash of a file.
      function: [B, H, W, 3] float32, 0 to 255, three equal channels -> [B, D]; B is `batch`.
      batch: images a call gets, always as many.
    """

    name: str
    identity: str
    function: Function
    batch: int = 32


def named(weights: str, *, model: str = MODEL, seed: int = 0, batch: int = 32) -> Extractor:
    """Returns the extractor of a name.

    Args:
      weights: `pixels` (statistics of the pixels), `random`, `imagenet`, the name of weights that
        a package ships (`shipped.NAMES`), a model file (`.keras`), a file of weights of `model`
        without top (`.h5`), or `module:function` for a function of your own.
      model: class of `keras.applications` for `random`, `imagenet` and files of weights.
      seed: of random weights.
      batch: images at a time.

    Raises:
      ConfigError: there is nothing of that name, or it cannot be had.
    """
    if weights == PIXELS:
        return Extractor(PIXELS, "", pixel_statistics, batch)
    if weights == RANDOM:
        network = _application(model, seed=seed)
        return of(network, f"{RANDOM}:{seed}", f"{model} seed {seed}", batch)
    if weights == IMAGENET:
        return of(_imagenet(model), IMAGENET, model, batch)
    if weights in shipped.NAMES:
        return of(shipped.load(weights), weights, shipped.NAMES[weights].package, batch)
    if Path(weights).is_file():
        return _of_file(Path(weights), model, batch)
    if trained.is_run(weights):
        network, digest = trained.load(Path(weights))
        return of(network, Path(weights).resolve().name, digest, batch)
    if ":" in weights:
        from cytoimagenet_tfds.training import hooks

        return of(hooks.resolve(weights), weights, "", batch)
    known = (PIXELS, RANDOM, IMAGENET, *shipped.NAMES)
    raise errors.ConfigError(
        errors.unknown_name("set of weights", weights, known)
        + " A file, the folder of a training or module:function does too; there is none of that "
        "name."
    )


def of(model: Any, name: str, identity: str = "", batch: int = 32) -> Extractor:
    """Returns the extractor of a Keras model, or of any function.

    Args:
      model: takes [B, H, W, 3] float32, 0 to 255. It returns [B, D], or feature maps [B, H, W, D],
        which are averaged. A Keras model must rescale its input itself, as those of
        `keras.applications.efficientnet` do.
      name: for tables.
      identity: tells it apart from others of that name.
      batch: images at a time.
    """
    function = _compiled(model) if _is_keras(model) else model
    return Extractor(name, identity, lambda images: _pooled(function(images), len(images)), batch)


def pixel_statistics(images: Floats) -> Floats:
    """Returns mean, deviation, extremes and quantiles of the grey values, [B, 11]."""
    grey = images[..., 0].reshape(len(images), -1)
    columns = [grey.mean(axis=1), grey.std(axis=1), grey.min(axis=1), grey.max(axis=1)]
    quantiles = np.quantile(grey, _QUANTILES, axis=1)
    return np.stack([*columns, *quantiles], axis=1).astype(np.float32)


def _pooled(features: npt.ArrayLike, count: int) -> Floats:
    array = np.asarray(features, np.float32)
    shape = list(array.shape)
    if array.ndim == 4:
        array = array.mean(axis=(1, 2))
    if array.ndim != 2 or len(array) != count:
        raise errors.ConfigError(
            f"A model must give features [{count}, D] or maps [{count}, H, W, D] of {count} "
            f"images, not {shape}."
        )
    return array


def _is_keras(model: Any) -> bool:
    return any(cls.__module__.partition(".")[0] == "keras" for cls in type(model).__mro__)


def _compiled(model: Any) -> Function:
    """Returns the model as a graph; not with XLA, which costs minutes on processors."""
    import tensorflow as tf

    @tf.function(jit_compile=False)  # type: ignore[untyped-decorator]
    def run(images: Any) -> Any:
        return model(images, training=False)

    def checked(images: Floats) -> npt.ArrayLike:
        try:
            features: npt.ArrayLike = run(tf.constant(images)).numpy()
        except (ValueError, tf.errors.InvalidArgumentError) as error:
            height, width = images.shape[1:3]
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            reason = next((line for line in lines if "dimension" in line.lower()), lines[-1])
            raise errors.ConfigError(
                f"The network cannot take images of {height} x {width}: {reason[:200]}\n"
                f"Resize them, for instance --size {_side(model)}."
            ) from error
        return features

    return checked


def _side(model: Any) -> int:
    """Returns the side of the images a network takes; a usual one where it takes any."""
    side = (getattr(model, "input_shape", None) or (None, None))[1]
    return _USUAL if side is None else int(side)


def _application(name: str, *, weights: str | None = None, seed: int = 0) -> Any:
    import keras

    from cytoimagenet_tfds.training import models

    make = models.application(name)
    keras.utils.set_random_seed(seed)
    return make(include_top=False, weights=weights, pooling="avg")


def _imagenet(model: str) -> Any:
    try:
        return _application(model, weights=IMAGENET)
    except errors.ConfigError:
        raise
    except Exception as error:  # Keras raises a plain Exception where a download fails
        raise errors.ConfigError(
            f"ImageNet's weights of {model} cannot be had: {error}\n"
            f"Without the network: {', '.join(shipped.NAMES)}, from packages."
        ) from error


def _of_file(path: Path, model: str, batch: int) -> Extractor:
    import keras

    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    if path.suffix == ".keras":
        try:
            network = keras.saving.load_model(path, compile=False)
        except (ValueError, OSError, KeyError, IndexError, TypeError) as error:
            raise errors.ConfigError(f"{path} holds no Keras model: {error}") from error
    else:
        from cytoimagenet_tfds.training import weights

        network = _application(model)
        weights.load(network, path, model)
    return of(network, path.name.removesuffix(".keras").removesuffix(".h5"), digest, batch)
