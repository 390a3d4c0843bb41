"""Networks for three or four stains, as functions a recipe names.

`densenet121`, `densenet201`, `inception_resnet_v2` and `all_cnn` have the head of the published
system: 1x1 convolution, flatten, dropout, two dense layers. `pooled_densenet121` has the one of the
competition's winner: mean and maximum over the last map.
"""

from __future__ import annotations

import warnings
from typing import Any

import keras

from cytoimagenet_tfds.training import models
from cytoimagenet_tfds.training.recipe import Recipe

Shape = tuple[int, int, int]
_FILTERS, _DENSE = 128, 512
_ALL_CNN = ((96, 1), (96, 1), (96, 2), (192, 1), (192, 1), (192, 2), (192, 1))  # filters, stride


def densenet121(shape: Shape, classes: int, recipe: Recipe) -> models.Network:
    """DenseNet-121 with the flat head."""
    return _flat("DenseNet121", shape, classes, recipe)


def densenet201(shape: Shape, classes: int, recipe: Recipe) -> models.Network:
    """DenseNet-201 with the flat head."""
    return _flat("DenseNet201", shape, classes, recipe)


def inception_resnet_v2(shape: Shape, classes: int, recipe: Recipe) -> models.Network:
    """Inception-ResNet-v2 with the flat head."""
    return _flat("InceptionResNetV2", shape, classes, recipe)


def all_cnn(shape: Shape, classes: int, recipe: Recipe) -> models.Network:
    """Convolutions only, strides in place of pooling (arXiv 1412.6806, All-CNN-C)."""
    inputs = keras.Input(shape, dtype="uint8", name="image")
    x = keras.layers.Rescaling(1 / 127.5, -1.0)(inputs)
    for filters, stride in _ALL_CNN:
        x = keras.layers.Conv2D(filters, 3, stride, padding="same", activation="relu")(x)
    x = keras.layers.Conv2D(192, 1, activation="relu")(x)
    maps = keras.layers.Conv2D(classes, 1, activation="relu")(x)
    features = keras.layers.GlobalAveragePooling2D()(maps)
    backbone = keras.Model(inputs, features, name="all_cnn")
    return models.Network(models.head(backbone, classes, recipe), backbone)


def pooled_densenet121(shape: Shape, classes: int, recipe: Recipe) -> models.Network:
    """DenseNet-121, mean and maximum over the last map side by side, one hidden layer."""
    inputs, base, maps = _base("DenseNet121", shape)
    pooled = [keras.layers.GlobalAveragePooling2D()(maps), keras.layers.GlobalMaxPooling2D()(maps)]
    x = keras.layers.Concatenate(name="pooled")(pooled)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(recipe.dropout)(x)
    x = keras.layers.Dense(_DENSE, activation="relu", name="hidden")(x)
    backbone = keras.Model(inputs, x, name="pooled_densenet121")
    return models.Network(models.head(backbone, classes, recipe), backbone, "DenseNet121", base)


def _flat(name: str, shape: Shape, classes: int, recipe: Recipe) -> models.Network:
    inputs, base, maps = _base(name, shape)
    # The write-up does not tell the activation of this layer.
    x = keras.layers.Conv2D(_FILTERS, 1, activation="relu", name="fewer")(maps)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dropout(recipe.dropout)(x)
    x = keras.layers.Dense(_DENSE, activation="relu", name="hidden")(x)
    activation = "softmax" if recipe.task == "classification" else "sigmoid"
    outputs = keras.layers.Dense(
        classes, activation=activation, dtype="float32", name="predictions"
    )(x)
    backbone = keras.Model(inputs, x, name=f"flat_{name.lower()}")
    return models.Network(keras.Model(inputs, outputs, name=backbone.name), backbone, name, base)


def _base(name: str, shape: Shape) -> tuple[Any, keras.Model, Any]:
    """Returns input, application without top for this many channels, and its last map."""
    make = models.application(name)
    inputs = keras.Input(shape, dtype="uint8", name="image")
    with warnings.catch_warnings():
        # Four channels are what is wanted here.
        warnings.filterwarnings("ignore", "This model usually expects 1 or 3 input channels")
        base = make(include_top=False, weights=None, input_shape=shape)
    return inputs, base, base(models.prepare(make, inputs))
