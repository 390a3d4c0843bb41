"""A neuron with four stains, as ndev-sampledata ships it."""

from __future__ import annotations

import functools

from cytoimagenet_tfds.sources.base import Channel, Source

from . import ndev, tiles

_IMAGE = (
    r"(?:^|/)(?P<field>neuron_(?P<site>r\dc\d))_(?P<channel>AF647|AF568|AF488|DAPI)\.tif$"
)  # fmt: skip

SOURCE = Source(
    dir_name="sample_neuron",
    name="Neuron (ndev-sampledata)",
    database=tiles.DATABASE,
    description=(
        "One neuron stained for NCOA4, ferritin, actin and DNA: the six tiles that hold a part of "
        "it, four files each, which are merged."
    ),
    homepage=ndev.PAGE,
    licence=ndev.LICENCE,
    licence_page=ndev.PAGE,
    citation=ndev.CITATION,
    rows="field",
    channels=(
        Channel(code="AF647", name="f_ncoa4", visible="ncoa4", stain="Alexa Fluor 647"),
        Channel(code="AF568", name="f_ferritin", visible="ferritin", stain="Alexa Fluor 568"),
        Channel(code="AF488", name="f_actin", visible="actin", stain="phalloidin (AF488)"),
        Channel(code="DAPI", name="f_nucleus", visible="nucleus", stain="DAPI"),
    ),
    constants={"cell_type": "neuron"},
    expected_files=24,
    expected_rows=6,
    image_size=(139, 139),
    pixel_size=0.1241,
    manual="sample_neuron/neuron_r0c0_DAPI.tif: the package holds the files.",
    read=functools.partial(tiles.read, pattern=_IMAGE),
)
