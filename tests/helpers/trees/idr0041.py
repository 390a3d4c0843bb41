"""idr0041: stacks as first submitted, a later delivery of one of them, masks and maps."""

from __future__ import annotations

from pathlib import Path

import tifffile

from trees import _idr, _write

ASSAY = "140411_KIF11_MitoSys1"
NES = "150220_NES_MitoSys1"
FIRST = f"{ASSAY}/cell0003_R0028/rawtif/TR1_W0001_P0007_T000{{}}.tif"
LATER = f"20180717-ftp/{ASSAY}_raw/cell0003_R0028_T0001.tif"
CONTROL = f"{NES}/cell0001_R0041/rawtif/TR1_W0001_P0002_T0040.tif"
SHAPE = (31, 3, 6, 8)  # depth, channels, height, width


def _stack(root: Path, path: str) -> None:
    pages = _write.pixels(path, SHAPE, "uint16")
    target = _write.raw(root, path)
    tifffile.imwrite(target, pages, imagej=True, metadata={"axes": "ZCYX"})


def make(root: Path) -> None:
    for path in (FIRST.format(1), FIRST.format(2), LATER, CONTROL):
        _stack(root, path)
    for path in (
        f"{ASSAY}/cell0003_R0028/masktif/TR1_W0001_P0007_T0001.tif",
        f"{ASSAY}/cell0003_R0028/conctif/TR1_W0001_P0007_T0001.tif",
        f"20180717-ftp/{ASSAY}_mask/cell0003_R0028_T0001.tif",
    ):
        _idr.planes(root, [path])
    lines = [
        {
            "Dataset Name": f"{assay}_{what}", "Image Name": f"cell0003_R0028_T000{time}",
            **_idr.HUMAN, "Characteristics [Cell Line]": "HeLa",
            "Experimental Condition [ # fill in]": "Genome-edited cell",
            "Comment [Gene Symbol]": gene,
        }
        for assay, gene in ((ASSAY, "KIF11"), (NES, "GFP with nuclear export signal"))
        for what in ("raw", "mask", "conc")
        for time in (1, 2)
    ]  # fmt: skip
    _idr.table(root, "idr0041-experimentA-annotation.csv", lines)
    _write.debris(root, LATER)


ROWS = 4
KEY = f"idr0041/{ASSAY}/cell0003_R0028/rawtif/TR1_W0001_P0007_T000{{}}"
EXPECTED = {
    KEY.format(1): {"excluded": "copy", "group": f"idr0041:{ASSAY}/cell0003_R0028"},
    KEY.format(2): {
        "excluded": "", "gene": "kif11 targeted", "cell_visible": "kif11|chromatin",
        "files": f"{FIRST.format(2)}#plane=45|{FIRST.format(2)}#plane=46",
        "channels": "f_protein|f_chromatin", "microscopy": "confocal", "phenotype": "mitosis",
        "cell_type": "hela", "batch": ASSAY, "site": "cell0003_R0028", "missing": "",
    },
    f"idr0041/20180717-ftp/{ASSAY}_raw/cell0003_R0028_T0001": {
        "excluded": "", "group": f"idr0041:{ASSAY}/cell0003_R0028", "gene": "kif11 targeted",
        "files": f"{LATER}#plane=45|{LATER}#plane=46",
    },
    f"idr0041/{NES}/cell0001_R0041/rawtif/TR1_W0001_P0002_T0040": {
        "gene": "", "cell_visible": "gfp with nuclear export signal|chromatin",
    },
}  # fmt: skip
SPARE = f"idr0041/{NES}/cell0001_R0041/rawtif/TR1_W0001_P0002_T0040"
