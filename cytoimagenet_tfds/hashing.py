"""Choices that depend on content alone: never on order, process, machine or worker count.

Every random choice of the package comes from `hash(seed, key)`, so that one more file in a
source changes nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SEPARATOR = b"\x1f"


def stable_hash(*parts: object) -> int:
    """Returns a 64-bit unsigned hash of the parts' text, the same on every machine."""
    data = _SEPARATOR.join(str(part).encode() for part in parts)
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def hex_digest(*parts: object, length: int = 16) -> str:
    """Returns `length` hexadecimal digits of a hash of the parts' text, for file names."""
    data = _SEPARATOR.join(str(part).encode() for part in parts)
    return hashlib.blake2b(data, digest_size=32).hexdigest()[:length]


def hex_digest_of(parts: Iterable[object], last: Iterable[str], length: int = 16) -> str:
    """As `hex_digest`, where the last part is a long text that comes piece by piece."""
    state = hashlib.blake2b(digest_size=32)
    for part in parts:
        state.update(str(part).encode() + _SEPARATOR)
    for piece in last:
        state.update(piece.encode())
    return state.hexdigest()[:length]


def hash_keys(seed: int, purpose: str, keys: Iterable[str]) -> npt.NDArray[np.uint64]:
    """Returns one 64-bit hash per key, [N] uint64: equal to `stable_hash(seed, purpose, key)`.

    `purpose` names the choice ("split", "sample", ...), so that two choices about one row
    are independent of each other.
    """
    import numpy as np

    start = hashlib.blake2b(
        _SEPARATOR.join([str(seed).encode(), purpose.encode()]) + _SEPARATOR, digest_size=8
    )

    def digest(key: str) -> bytes:
        state = start.copy()
        state.update(key.encode())
        return state.digest()

    data = b"".join(map(digest, keys))
    return np.frombuffer(data, dtype=">u8").astype(np.uint64)


def of_arrays(pieces: Iterable[npt.NDArray[Any]]) -> str:
    """Returns a hash of the bytes of arrays, one after the other, 16 hexadecimal digits."""
    import numpy as np

    state = hashlib.blake2b(digest_size=8)
    for piece in pieces:
        state.update(np.ascontiguousarray(piece).data)
    return state.hexdigest()


def generator(seed: int, purpose: str, key: str) -> np.random.Generator:
    """Returns the random generator that belongs to one row and one purpose."""
    import numpy as np

    return np.random.Generator(np.random.PCG64(stable_hash(seed, purpose, key)))
