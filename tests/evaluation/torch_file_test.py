"""Files as `torch.save(..., _use_new_zipfile_serialization=False)` writes them, made by hand."""

from __future__ import annotations

import collections
import io
import pickle
import struct
import sys
import types

import numpy as np
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import torch_file

VALUES = np.arange(6, dtype=np.float32)


class _Storage:
    """Stands for a storage in the pickle, which holds only its facts."""


def _rebuild_tensor_v2(*parts):
    return parts


class _Tensor:
    def __init__(self, shape, strides):
        self.shape, self.strides = shape, strides

    def __reduce__(self):
        return _rebuild_tensor_v2, (_Storage(), 0, self.shape, self.strides, False, None)


class _Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, _Storage):
            return ("storage", sys.modules["torch"].FloatStorage, "7", "cpu", 6, None)
        return None


@pytest.fixture
def save(monkeypatch, tmp_path):
    """Writes a state dict with the class names of PyTorch."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    monkeypatch.setattr(_rebuild_tensor_v2, "__module__", "torch._utils")

    def write(state):
        file = io.BytesIO()
        for head in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
            pickle.dump(head, file, protocol=2)
        _Pickler(file, protocol=2).dump(state)
        pickle.dump(["7"], file, protocol=2)
        file.write(struct.pack("<q", 6) + VALUES.tobytes())
        path = tmp_path / "weights.pth"
        path.write_bytes(file.getvalue())
        return path

    return write


def test_tensors_keep_order_shape_and_strides(save):
    state = {"b": _Tensor((2, 3), (3, 1)), "a": _Tensor((3, 2), (1, 3))}
    found = torch_file.read(save(collections.OrderedDict(state)))
    assert list(found) == ["b", "a"]
    assert found["b"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["a"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_nothing_but_tensors_is_made(save):
    with pytest.raises(errors.ConfigError, match=r"refers to .*system|refers to .*print"):
        torch_file.read(save({"a": print}))


def test_a_tensor_beyond_its_storage_and_a_cut_file(save):
    with pytest.raises(errors.ConfigError, match="beyond its storage"):
        torch_file.read(save({"a": _Tensor((3, 3), (3, 1))}))
    path = save({"a": _Tensor((2, 3), (3, 1))})
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(errors.ConfigError, match="no state dict"):
        torch_file.read(path)
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(errors.ConfigError, match="no state dict"):
        torch_file.read(path)
