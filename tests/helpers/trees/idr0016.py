"""idr0016: channel folders of both deliveries, a leftover of BBBC022, a `.screen` list."""

from __future__ import annotations

import uuid
from pathlib import Path

from trees import _idr, _write

WAVES = {"ERSyto": 2, "ERSytoBleed": 3, "Hoechst": 1, "Mito": 5, "Ph_golgi": 4}
FIRST, SECOND = "2016-02-19-screens-cellimagelibrary", "2017-07-14-cellimagelibrary-60newplates"


def _file(delivery: str, plate: str, channel: str, name: str) -> str:
    guid = uuid.uuid5(uuid.NAMESPACE_OID, f"{plate}{channel}{name}")
    return f"{delivery}/{plate}-{channel}/{name}_w{WAVES[channel]}{guid}.tif"


def _names(delivery: str, plate: str, name: str) -> dict[str, str]:
    return {channel: _file(delivery, plate, channel, name) for channel in WAVES}


FIELDS = [
    _names(SECOND, "24277", "cdp2bioactives_a01_s1"),
    _names(SECOND, "24277", "cdp2bioactives_a01_s6"),
    _names(SECOND, "24277", "cdp2bioactives_a02_s1"),
    _names(FIRST, "26579", "cdp2w7x2_p24_s1"),
]
LEFTOVER = {
    channel: path.replace(path[-40:-4], path[-40:-4].upper())
    for channel, path in _names(FIRST, "20585", "IXMtest_A01_s9").items()
}
ORDER = ("Mito", "Hoechst", "ERSytoBleed", "ERSyto", "Ph_golgi")  # of the merged row


def _screen(fields: dict[str, list[dict[str, str]]]) -> str:
    """A list of plate 24277: well -> its fields."""
    text = "[Plate]\nName = 24277\nRows = 16\nColumns = 24\nFields = 6\n"
    for number, (well, files) in enumerate(fields.items()):
        row, column = ord(well[0]) - ord("A"), int(well[1:]) - 1
        text += f"\n[Well {number}]\nRow = {row}\nColumn = {column}\nAxisTypes = C\n"
        for index, names in enumerate(files):
            choices = (f"{c}/{path.rsplit('/', 1)[1][:-4]}" for c, path in names.items())
            folder = f"{_idr.SERVER}/idr0016-wawer/{SECOND}/24277-"
            text += f"Field_{index} = {folder}<{','.join(choices)}>.tif\n"
    return text


def make(root: Path) -> None:
    for names in (*FIELDS, LEFTOVER):
        _idr.planes(root, names.values())
    lines = [
        {"Plate": "24277", "Well": "A1", **_idr.HUMAN, "Compound Name": "",
         "Compound Broad Identifier": "BRD-K18250272-003-03-7", "Dose": "5.00 micromolar",
         "Control Type": ""},
        {"Plate": "24277", "Well": "A2", **_idr.HUMAN, "Compound Name": "DMSO",
         "Compound Broad Identifier": "", "Dose": "", "Control Type": "negative control"},
    ]  # fmt: skip
    _idr.table(root, "idr0016-screenA-annotation.csv", lines)
    older = {
        "Plate": "20585", "Well": "A1", "Compound Name %% url=https://x?term=%s": "NIFLUMIC ACID",
        "Compound Concentration (micromolar)": "8.858401198", "Control Type": "",
    }  # fmt: skip
    _idr.table(root, "idr0016-screenA-annotation.BBBC022_20plates.at-2016-02-24.csv", [older])
    space = "Metadata_Plate Metadata_Well Metadata_broad_sample Metadata_pert_id\n"
    space += "26579 p24 DMSO NA\n24277 a01 BRD-K18250272-003-03-7 BRD-K18250272\n"
    _write.text(root, "CDRP_plate_well_broadsample.txt", space)
    _write.text(root, "screens/24277.screen", _screen({"A01": FIELDS[:2], "A02": [FIELDS[2]]}))
    _write.debris(root, FIELDS[0]["Hoechst"])


ROWS = 5
EXPECTED = {
    "idr0016/24277/A01_s1": {
        "files": "|".join(FIELDS[0][channel] for channel in ORDER),
        "channels": "f_mitochondria|f_nucleus|f_nucleoli|f_er|f_actin_golgi",
        "compound": "brd-k18250272-003-03-7", "plate": "24277", "well": "A01", "site": "1",
        "group": "idr0016:24277/A01", "cell_type": "u2os", "concentration": 5.0,
        "concentration_unit": "um", "excluded": "", "control": "",
    },
    "idr0016/24277/A01_s6": {"group": "idr0016:24277/A01", "site": "6"},
    "idr0016/24277/A02_s1": {"compound": "dmso", "control": "negative", "concentration_unit": ""},
    "idr0016/26579/P24_s1": {"compound": "dmso", "control": "negative", "well": "P24"},
    "idr0016/20585/A01_s9": {
        "excluded": "copy", "group": "bbbc022:20585/A01", "compound": "niflumic acid",
        "concentration": 8.858401198,
    },
}  # fmt: skip
SPARE = "idr0016/26579/P24_s1"
