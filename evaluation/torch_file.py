"""Reads the older file format of PyTorch without PyTorch, and without running what it holds.

Layout (torch/serialization.py, `_legacy_save`): pickles of a magic number, a protocol number, facts
of the machine, the state dict and the keys of its storages; then every storage as an 8-byte count
and its elements. Only the few classes a state dict of tensors needs are resolved.
"""

from __future__ import annotations

import collections
import pickle
import struct
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cytoimagenet_tfds import errors

_MAGIC = 0x1950A86A20F9469CFC6C
_TYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4"}


class _Tensor(NamedTuple):
    storage: tuple[Any, ...]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: _Tensor(
                storage, offset, shape, strides
            )
        if module == "torch" and name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"it refers to {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        return pid


def read(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Returns the tensors of a state dict, in the order of the file.

    Raises:
      ConfigError: the file is damaged, or is something else.
    """
    try:
        with path.open("rb") as file:
            if _Reader(file).load() != _MAGIC:
                raise pickle.UnpicklingError("its first number is not that of PyTorch")
            for _ in range(2):
                _Reader(file).load()
            tensors: dict[str, _Tensor] = _Reader(file).load()
            keys: list[str] = _Reader(file).load()
            types = {t.storage[2]: _TYPES[t.storage[1]] for t in tensors.values()}
            storages = {key: _storage(file, types[key]) for key in keys}
        return {name: _array(tensor, storages) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, EOFError, struct.error, KeyError, ValueError,
            AttributeError, IndexError) as error:  # fmt: skip
        raise errors.ConfigError(f"{path} is no state dict of PyTorch: {error}") from error


def _storage(file: IO[bytes], dtype: str) -> npt.NDArray[Any]:
    (count,) = struct.unpack("<q", file.read(8))
    return np.frombuffer(file.read(count * np.dtype(dtype).itemsize), dtype, count)


def _array(tensor: _Tensor, storages: dict[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
    flat = storages[tensor.storage[2]]
    last = sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True))
    if tensor.offset + last >= len(flat):
        raise ValueError("a tensor reaches beyond its storage")
    strides = [stride * flat.itemsize for stride in tensor.strides]
    view = np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, strides)
    return np.ascontiguousarray(view)
