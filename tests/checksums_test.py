from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from cytoimagenet_tfds import checksums


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_it_is_that_of_zlib_also_in_pieces(first, second):
    assert checksums.crc32(first) == zlib.crc32(first)
    assert checksums.crc32(second, checksums.crc32(first)) == zlib.crc32(first + second)
