"""Networks: any application of Keras, a small one, or your own; all from raw grey or colour bytes.

The first layers make three channels of one and bring the values into the range the application
expects, so that everything before the model stays one byte a pixel.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.training import hooks
from cytoimagenet_tfds.training.recipe import Recipe

SMALL = "small"


@dataclasses.dataclass(frozen=True)
class Network:
    """A model and the part of it that makes features.

    Attributes:
      model: images [B, size, size, C] -> probabilities [B, classes] float32.
      backbone: the same images -> features [B, F]; it shares its layers with `model`.
      application: class of `keras.applications` that `base` is, '' where there is none.
      base: the part of `backbone` that takes ImageNet's weights; None for all of it.
    """

    model: keras.Model
    backbone: keras.Model
    application: str = ""
    base: keras.Model | None = None


def applications() -> list[str]:
    """Returns the names of the classes of `keras.applications`."""
    return sorted(name for name in dir(keras.applications) if name[0].isupper())


def application(name: str) -> Callable[..., keras.Model]:
    """Returns one of `keras.applications`; raises ConfigError where there is none of that name."""
    if name not in applications():
        known = [SMALL, *applications()]
        raise errors.ConfigError(
            errors.unknown_name("model", name, known) + " Your own is written module:function."
        )
    found: Callable[..., keras.Model] = getattr(keras.applications, name)
    return found


def build(recipe: Recipe, channels: int, classes: int) -> Network:
    """Returns the network of a recipe with random weights drawn from its seed.

    Args:
      recipe: names the model, its pooling and dropout.
      channels: of the images, before `recipe.compose`.
      classes: number of outputs.
    """
    keras.utils.set_random_seed(recipe.seed)
    shape, dtype = input_shape(recipe, channels)
    if ":" in recipe.model:
        network: Network = hooks.resolve(recipe.model)(shape, classes, recipe)
        return network
    inputs = keras.Input(shape, dtype=dtype, name="image")
    three = (
        keras.layers.Concatenate(name="three_channels")([inputs] * 3) if shape[-1] == 1 else inputs
    )
    if recipe.model == SMALL:
        backbone = _small(inputs, three, recipe.pooling)
    else:
        backbone = _application(recipe, inputs, three)
    return Network(head(backbone, classes, recipe), backbone)


def input_shape(recipe: Recipe, channels: int) -> tuple[tuple[int, int, int], str]:
    """Returns shape and dtype of what the model gets."""
    images = np.zeros((1, recipe.image_size, recipe.image_size, channels), dtype=np.uint8)
    if recipe.compose:
        images = np.asarray(hooks.resolve(recipe.compose)(images))
    _, height, width, made = images.shape
    return (height, width, made), str(images.dtype)


def head(backbone: keras.Model, classes: int, recipe: Recipe) -> keras.Model:
    """Returns the backbone with dropout and one dense layer, which stays in float32."""
    activation = "softmax" if recipe.task == "classification" else "sigmoid"
    dropped = keras.layers.Dropout(recipe.dropout, name="top_dropout")(backbone.output)
    outputs = keras.layers.Dense(
        classes, activation=activation, dtype="float32", name="predictions"
    )(dropped)
    return keras.Model(backbone.input, outputs, name=backbone.name)


def _application(recipe: Recipe, inputs: Any, images: Any) -> keras.Model:
    make = application(recipe.model)
    prepared = prepare(make, images)
    made = make(include_top=False, weights=None, input_tensor=prepared, pooling=recipe.pooling)
    # The application takes its inputs as a list, which would then be wanted from callers too.
    return keras.Model(inputs, made.output, name=made.name)


def prepare(make: Callable[..., keras.Model], images: Any) -> Any:
    """Applies the application's own `preprocess_input`, an affine map, as layers.

    Channels beyond the third get the mean of the three.
    """
    preprocess = sys.modules[make.__module__].preprocess_input

    def probe(*rgb: float) -> np.ndarray[Any, np.dtype[np.float64]]:
        image = np.array(rgb, dtype="float32").reshape(1, 1, 1, 3)
        return np.asarray(preprocess(image), dtype=np.float64).reshape(3)

    offset = probe(0, 0, 0)
    scale = (probe(255, 255, 255) - offset) / 255
    if np.allclose(scale, 1) and np.allclose(offset, 0):
        return images
    further = images.shape[-1] - 3
    scale, offset = (np.r_[v, [v.mean()] * further] for v in (scale, offset))
    if not np.isclose(probe(255, 0, 0)[0], offset[0] + 255 * scale[0]):
        images = images[..., ::-1]  # some were trained on blue, green, red
    return keras.layers.Rescaling(scale.tolist(), offset.tolist(), name="preprocess")(images)


def _small(inputs: Any, images: Any, pooling: str) -> keras.Model:
    x = keras.layers.Rescaling(1 / 127.5, -1.0)(images)
    for filters in (16, 32, 64):
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.ReLU()(x)
    pools = {"avg": keras.layers.GlobalAveragePooling2D, "max": keras.layers.GlobalMaxPooling2D}
    return keras.Model(inputs, pools[pooling]()(x), name=SMALL)
