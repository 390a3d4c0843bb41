"""BBBC014: cytoplasm to nucleus translocation of NFkB.

The title says U2OS; the cells are MCF7 in rows A to D and A549 in rows E to H. CytoImageNet's
author wrote `mcf7|a549` on every image; here each has the one that is in it, since the row tells.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources import wells
from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _platemap, _site

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# A space follows "Channel", and the extension is spelled .Bmp.
_IMAGE = (
    r"(?:^|/)Channel (?P<channel>[12])-(?P<number>\d\d)-(?P<row>[a-h])-(?P<column>\d\d)"
    r"-(?P<site>\d\d)\.(?:bmp|tiff?)$"
)
_PLATE_MAP = "BBBC014_v1_platemap_all.txt"
_COMPOUND = "tnf alpha"
_COLUMNS = 12
_WELLS = 96
_MOLAR_TO_MICROMOLAR = 1e6
# Two digits before the point, as powers and as molar doses have: no number is out of range.
_DOSE = re.compile(
    r"10\^(?P<power>[-+]?\d{1,2}(?:\.\d*)?)|(?P<dose>[-+]?\d{1,2}(?:\.\d*)?(?:[eE][-+]?\d{1,2})?)",
    re.ASCII,
)


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per file; the concentration comes from the plate map where it is there."""
    files = tree.match(_IMAGE, report)
    if files.empty:
        return files
    row = files["row"].str.upper()
    files["well"] = row + files["column"]
    files["field"] = files["well"] + "_" + files["site"]
    files["canonical"] = files["field"] + "_channel" + files["channel"] + ".bmp"
    files["group"] = "bbbc014:" + files["well"]
    files["cell_type"] = row.isin(list("ABCD")).map({True: "mcf7", False: "a549"})
    _platemap.check_numbers(files, _COLUMNS, report)
    lines = _platemap.add(files, _plate(tree, report), report)
    return lines.drop(columns=["number", "row", "column"])


def _plate(tree: Tree, report: Report) -> dict[str, _platemap.Well]:
    """Returns what each well holds: TNF alpha, and how much where the map file says it."""
    names = [wells.from_index(number, _COLUMNS) for number in range(1, _WELLS + 1)]
    doses = _doses(tree, report)
    if doses is None:
        return dict.fromkeys(names, _platemap.Well(compound=_COMPOUND))
    return {
        well: _platemap.Well(_COMPOUND, dose * _MOLAR_TO_MICROMOLAR, "um")
        for well, dose in zip(names, doses, strict=True)
    }


def _doses(tree: Tree, report: Report) -> list[float] | None:
    """Returns the molar concentrations, row by row, or None: a header and 96 entries as `10^-7`."""
    path = tree.find(_PLATE_MAP)
    if path is None:
        report.note("missing table", f"{_PLATE_MAP} is not there: concentrations stay unknown.")
        return None
    # Line ends are mixed in one file: CR, LF and both.
    lines = [line.strip() for line in re.split(r"[\r\n]+", tree.read_bytes(path).decode("latin-1"))]
    entries = [line for line in lines if line][1:]
    found = [_DOSE.fullmatch(entry) for entry in entries]
    doses = [
        10.0 ** float(f["power"]) if f["power"] else float(f["dose"])
        for f in found
        if f is not None
    ]
    if len(entries) == len(doses) == _WELLS:
        return doses
    report.note(
        "plate map",
        f"{path} has {wording.counted(len(entries), 'entry', 'entries')} after its header, "
        f"{len(doses)} of them numbers; expected {_WELLS} such as 10^-7. Concentrations stay "
        "unknown.",
        [entry for entry, match in zip(entries, found, strict=True) if match is None],
    )
    return None


SOURCE = Source(
    dir_name="bbbc014",
    name="Human U2OS cells cytoplasm–nucleus translocation (2)",  # noqa: RUF001
    database=_site.DATABASE,
    description=(
        "MCF7 (rows A to D) and A549 cells (rows E to H) of one 96-well plate under 12 "
        "concentrations of TNF alpha, one per column, which moves NFkB from the cytoplasm to the "
        "nucleus. Channel 1 is NFkB (FITC), channel 2 nuclei (DAPI)."
    ),
    homepage=_site.page(14),
    licence="CC-BY-3.0",
    licence_page=_site.page(14),
    citation=_site.CITATION,
    rows="channel",
    channels=(
        # Where NFkB is depends on the dose, so the file names no component.
        Channel(code="1", name="f_nfkb", stain="FITC, NFkB"),
        Channel(code="2", name="f_nucleus", visible="nucleus", stain="DAPI"),
    ),
    constants={"organism": "human"},
    expected_files=192,
    expected_rows=192,
    image_size=(1024, 1360),
    bit_depth=8,
    download_gb=0.12,
    downloads=(
        Download(url=_site.address(14, "BBBC014_v1_images.zip"), note="Images, 121 MB."),
        Download(
            url=_site.address(14, _PLATE_MAP),
            note="Concentration of every well, 800 bytes.",
        ),
    ),
    manual=(
        "Unpack BBBC014_v1_images.zip: bbbc014/BBBC014_v1_images/Channel 1-29-C-05-00.Bmp. Put "
        f"{_PLATE_MAP} beside the folder."
    ),
    unsure=(f"The text of {_PLATE_MAP}, known from a public reader of it.",),
    read=read,
)
