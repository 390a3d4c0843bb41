"""Neocortex with three layer markers, as ndev-sampledata ships it."""

from __future__ import annotations

import functools

from cytoimagenet_tfds.sources.base import Channel, Source

from . import ndev, tiles

_IMAGE = r"(?:^|/)(?P<field>neocortex_(?P<site>r\dc\d))_(?P<channel>CTIP2|BRN2|ROR)\.tif$"

SOURCE = Source(
    dir_name="sample_neocortex",
    name="Neocortex (ndev-sampledata)",
    database=tiles.DATABASE,
    description=(
        "One field of neocortex stained for CTIP2, BRN2 and ROR, cut into eight tiles. Every "
        "channel is a row of its own."
    ),
    homepage=ndev.PAGE,
    licence=ndev.LICENCE,
    licence_page=ndev.PAGE,
    citation=ndev.CITATION,
    rows="channel",
    channels=(
        Channel(code="CTIP2", name="f_ctip2", visible="ctip2"),
        Channel(code="BRN2", name="f_brn2", visible="brn2"),
        Channel(code="ROR", name="f_ror", visible="ror"),
    ),
    expected_files=24,
    expected_rows=24,
    image_size=(222, 201),
    manual="sample_neocortex/neocortex_r0c0_BRN2.tif: the package holds the files.",
    read=functools.partial(tiles.read, pattern=_IMAGE),
)
