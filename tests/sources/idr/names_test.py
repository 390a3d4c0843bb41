"""File names of seven microscopes, as published and as other exports write them."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from cytoimagenet_tfds.sources.idr import _names

EXAMPLES = [
    (_names.SCANR, "A1--W00025--P00003--Z00000--T00000--nucleus-dapi.tif",
     {"well": "B01", "site": "3", "channel": "nucleus-dapi"}),
    (_names.SCANR, "W00384--P00001--Z00000--T00000--GFP.tif", {"well": "P24", "channel": "GFP"}),
    (_names.HARMONY, "r16c24f09p02-ch3sk1fk1fl1.tiff",
     {"well": "P24", "site": "9", "focal": "02", "channel": "3"}),
    (_names.CELL_VOYAGER, "AssayPlate_A02_B02_B02_T0001F012L01A02Z01C03.tif",
     {"well": "B02", "site": "12", "action": "02", "channel": "03"}),
    (_names.IN_CELL, "A - 1(fld 4 wv DAPI - DAPI).tif",
     {"well": "A01", "site": "4", "channel": "DAPI"}),
    (_names.IN_CELL, "P_-_24(fld_1_wv_Cy3_-_Cy3).tif", {"well": "P24", "channel": "Cy3"}),
    (_names.IN_CELL, "B - 02(fld 1 wv FITC - FITC).tif", {"well": "B02", "channel": "FITC"}),
    (_names.METAXPRESS, "cdp2w7x2_p24_s6_w158f6ca69-31e9-4a86-8e44-8c5ff1e0daa1.tif",
     {"well": "P24", "site": "6", "wave": "1", "prefix": "cdp2w7x2"}),
    (_names.METAXPRESS, "Za_BSF018104_A10_w2.TIF",
     {"well": "A10", "wave": "2", "prefix": "Za_BSF018104", "guid": ""}),
    (_names.OPERA, "016024012.flex", {"well": "P24", "site": "12"}),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "name", "expected"), EXAMPLES)
def test_grammar(grammar, name, expected):
    found = re.search(_names.below("plate", grammar), f"x/plate/{name}", re.IGNORECASE)
    assert found is not None
    files = pd.DataFrame([found.groupdict(default="")], dtype="str")
    _names.add_wells(files)
    assert {column: files[column].item() for column in expected} == expected


@pytest.mark.parametrize(
    ("grammar", "name"),
    [
        (_names.HARMONY, "Index.idx.xml"),
        (_names.METAXPRESS, "IXMtest_A01_s1_w2_thumb.tif"),
        (_names.OPERA, "01002003.flex"),
        (_names.CELL_VOYAGER, "DC_sCMOS #1_CAM1.tif"),
        (_names.SCANR, "experiment_descriptor.tif"),
    ],
)
def test_other_names_fit_no_grammar(grammar, name):
    assert re.search(_names.below("plate", grammar), f"plate/{name}", re.IGNORECASE) is None


def test_a_place_that_no_plate_has_is_no_well():
    for files in ({"row": ["99"], "column": ["1"]}, {"well": ["ZZ9"]}, {"well_index": ["0"]}):
        lines = pd.DataFrame(files, dtype="str")
        _names.add_wells(lines)
        assert lines["well"].tolist() == [""]


def test_channels_are_spelled_as_declared():
    files = pd.DataFrame({"channel": ["gfp", "CHERRY", "dapi", "new"]})
    _names.spell_channels(files, "GFP", "Cherry", dapi="nucleus")
    assert files["channel"].tolist() == ["GFP", "Cherry", "nucleus", "new"]
