"""The checksum of zip archives and of shards, by libdeflate: several times as fast as zlib's."""

from __future__ import annotations


def crc32(data: bytes | memoryview, value: int = 0) -> int:
    """Returns CRC-32 as `zlib.crc32` does.

    Args:
      data: the bytes.
      value: checksum of what goes before them.
    """
    import imagecodecs  # not at the top: names of sources are listed without any codec

    return int(imagecodecs.deflate_crc32(data, value))  # type: ignore[arg-type]  # any buffer
