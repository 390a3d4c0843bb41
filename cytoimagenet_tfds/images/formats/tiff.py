"""TIFF and what is built on it: OME-TIFF, ImageJ, MetaMorph .stk, Opera .flex, BigTIFF.

Planes are counted in file order: directories (thumbnails and masks left out), in each its
separate samples unless they are colour. MetaMorph and large ImageJ stacks have one directory and
their planes one after another.

Where 0 is white (MINISWHITE), levels are inverted, so that larger is always brighter. Missing,
empty and short strips are errors: decoders fill them with zeros.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator

import numpy as np
import tifffile

from cytoimagenet_tfds.images import convert
from cytoimagenet_tfds.images.formats import blob as blobs
from cytoimagenet_tfds.images.formats import directories, jpeg, tiff_plain

# Damage is reported by exceptions; without a handler logging would print it on stderr as well.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _MASK, _YCBCR = 0, 1, 2, 3, 4, 6
_GREY = (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _MASK)
_JPEG = (6, 7, 34892)
_ALPHA = 2  # not multiplied into the colours yet
_MAX_SAMPLES = 4  # times the pixel limit, for all samples of a page together
_UIC2 = 33629  # MetaMorph: its count is the number of planes
# From the start alone: from every line the search would take the square of the length.
_IMAGEJ = re.compile(r"\AImageJ=.*?^images=(\d+)", re.DOTALL | re.MULTILINE)
# JPEG 2000, XR and XL, PNG, WebP and LERC say once more how large they are, and are unpacked as
# large as that. No microscope of the sources writes them.
_OWN_SIZE = (22610, 33003, 33004, 33005, 34712, 34887, 34927, 34933, 34934, 50001, 50002, 52546)

matches = directories.matches


def count(blob: blobs.Blob) -> int:
    """Returns the number of planes of the file."""
    pages = [(_planes(page), _stacked(page)) for page in _pages(blob)]
    if len(pages) == 1:
        return max(pages[0])
    return sum(planes for planes, _ in pages)


def decode(blob: blobs.Blob, plane: int) -> convert.Array:
    """Decodes one plane: [H, W], or [H, W, 3] where a page is 8-bit colour."""
    if plane == 0 and (plain := tiff_plain.decode(blob)) is not None:
        return plain
    first = page = None
    earlier = 0  # planes of the pages before
    for page in _pages(blob):
        if 0 <= plane < earlier + _planes(page):
            return _from_page(blob, page, plane - earlier)
        earlier += _planes(page)
        first = first or page
    if page is None:
        raise blob.error("unreadable", "the TIFF has no page.")
    blob.check_plane(plane, max(earlier, _stacked(page) if page is first else 0))
    return _from_stack(blob, page, plane)


def _pages(blob: blobs.Blob) -> Iterator[tifffile.TiffPage]:
    """Yields the pages, each only when asked for and its directory found whole."""
    tif: tifffile.TiffFile | None = None
    for offset in directories.pages(blob):
        if tif is None:
            blob.handle.seek(0)
            tif = tifffile.TiffFile(blob.handle)
        yield _page(blob, tif, offset)


def _page(blob: blobs.Blob, tif: tifffile.TiffFile, offset: int) -> tifffile.TiffPage:
    """Reads one directory and checks its size, before anything is decoded."""
    first = tif.pages.first
    if first.offset == offset:
        page = first
    else:
        tif.filehandle.seek(offset)
        page = tifffile.TiffPage(tif, index=0)
    blob.check_size(page.imagelength, page.imagewidth)
    if math.prod(page.shaped) > _MAX_SAMPLES * blob.max_pixels:
        raise blob.error(
            "too large",
            f"the page holds {math.prod(page.shaped)} values; {_MAX_SAMPLES} times the limit of "
            f"{blob.max_pixels} pixels (max_pixels) are allowed.",
        )
    return page


def _is_colour(page: tifffile.TiffPage) -> bool:
    return page.photometric in (_RGB, _YCBCR)


def _has_alpha(page: tifffile.TiffPage) -> bool:
    return page.extrasamples[:1] == (_ALPHA,)


def _planes(page: tifffile.TiffPage) -> int:
    """Number of planes in one page: its depth times its samples, colour and alpha being one."""
    separate, depth, _, _, contiguous = page.shaped
    if _is_colour(page):
        return int(depth)
    samples = separate * contiguous
    return int(depth) * (1 if samples == 2 and _has_alpha(page) else int(samples))


def _is_plain(page: tifffile.TiffPage) -> bool:
    """Whether the bytes of a page are the pixels of one plane, one after another."""
    one = math.prod(page.shaped) == page.imagelength * page.imagewidth
    return page.is_contiguous and page.fillorder == page.predictor == 1 and bool(one)


def _stacked(page: tifffile.TiffPage) -> int:
    """Number of planes that follow each other behind a single directory."""
    if not _is_plain(page):
        return 1
    if (metamorph := page.tags.get(_UIC2)) is not None:  # single images often lack it
        return int(metamorph.count)
    described = _IMAGEJ.search(page.description)
    return int(described[1]) if described else 1


def _from_stack(blob: blobs.Blob, page: tifffile.TiffPage, plane: int) -> convert.Array:
    start = page.dataoffsets[0] + plane * page.nbytes
    dtype = np.dtype(page.dtype).newbyteorder(page.parent.byteorder)
    pixels = np.frombuffer(blob.pixels(start, page.nbytes, f"plane {plane}"), dtype)
    return _levels(blob, page, pixels.reshape(page.imagelength, page.imagewidth))


def _from_page(blob: blobs.Blob, page: tifffile.TiffPage, plane: int) -> convert.Array:
    _check_segments(blob, page)
    if _is_plain(page):
        return _from_stack(blob, page, 0)
    stored = page.asarray(squeeze=False, maxworkers=1)  # [separate, depth, H, W, contiguous]
    separate, depth = stored.shape[:2]
    if _is_colour(page):
        pixels = stored[:, plane]
        joined = np.moveaxis(pixels[..., 0], 0, -1) if separate > 1 else pixels[0]
        return _colour(blob, page, joined)
    if _has_alpha(page) and _planes(page) == depth:
        pair = np.moveaxis(stored, 0, -2)[plane].reshape(*stored.shape[2:4], 2)
        return _levels(blob, page, convert.over_black(pair[..., :1], pair[..., 1])[..., 0])
    sample, layer = divmod(plane, depth)
    outer, inner = divmod(sample, stored.shape[-1])
    return _levels(blob, page, stored[outer, layer, :, :, inner])


def _check_segments(blob: blobs.Blob, page: tifffile.TiffPage) -> None:
    """Raises ImageError unless every strip or tile is there, whole, not empty and no bomb."""
    if page.compression in _OWN_SIZE:
        raise blob.error("unsupported", f"compression {int(page.compression)} inside TIFF.")
    if page.is_contiguous:
        blob.check_range(page.dataoffsets[0], page.nbytes, "the pixels")
        return
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    expected = math.prod(page.chunked)
    if len(segments) < expected:
        raise blob.error("unreadable", f"{len(segments)} strips or tiles; expected {expected}.")
    for index, (offset, length) in enumerate(segments[:expected]):
        if not offset or not length:
            raise blob.error("truncated", f"strip or tile {index} of {expected} has no bytes.")
        blob.check_range(offset, length, f"strip or tile {index} of {expected}")
        if page.compression in _JPEG:
            part = blob.part(offset, length, "a strip")
            if jpeg.END not in part:
                raise blob.error("truncated", f"strip or tile {index} of {expected} is cut short.")
            jpeg.check(blob, part)


def _colour(blob: blobs.Blob, page: tifffile.TiffPage, pixels: convert.Array) -> convert.Array:
    if pixels.shape[-1] < 3 or (page.photometric == _YCBCR and page.compression not in _JPEG):
        raise blob.error(
            "unsupported", f"colour of {pixels.shape[-1]} samples, photometric {page.photometric}."
        )
    if _has_alpha(page) and pixels.dtype.kind == "u":
        pixels = np.dstack([convert.over_black(pixels[..., :3], pixels[..., 3])])
    return convert.colour(pixels[..., :3])


def _levels(blob: blobs.Blob, page: tifffile.TiffPage, pixels: convert.Array) -> convert.Array:
    """Turns the stored numbers of one plane into levels, by the page's photometric rule."""
    if page.photometric == _PALETTE:
        return _through_palette(blob, page, pixels)
    if page.photometric not in _GREY:
        raise blob.error("unsupported", f"photometric interpretation {page.photometric}.")
    if page.photometric == _WHITE_IS_ZERO:
        if pixels.dtype.kind not in "bu":
            raise blob.error("unsupported", f"0 is white, but pixels are {pixels.dtype}.")
        pixels = ~pixels if pixels.dtype.kind == "b" else 2**page.bitspersample - 1 - pixels
    return convert.grey(pixels)


def _through_palette(
    blob: blobs.Blob, page: tifffile.TiffPage, codes: convert.Array
) -> convert.Array:
    """Looks codes up in the page's palette; a palette of greys gives [H, W]."""
    if page.colormap is None or codes.dtype.kind != "u":
        raise blob.error("unreadable", "a palette image without a palette.")
    palette: convert.Array = page.colormap.T  # [entries, 3] uint16
    if palette.max() > 255:  # some writers store 8-bit entries against the rule
        palette = palette >> 8
    if codes.max() >= len(palette):
        raise blob.error("unreadable", f"palette entry {codes.max()} of {len(palette)}.")
    palette = palette.astype(np.uint8)
    if (palette == palette[:, :1]).all():
        return convert.grey(palette[:, 0][codes])
    return convert.colour(palette[codes])
