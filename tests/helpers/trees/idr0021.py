"""idr0021: float and 16-bit DeltaVision projections, one TIFF, one name in two datasets."""

from __future__ import annotations

from pathlib import Path

from trees import _idr, _write

PCNT = "PCNT-N1/PCNTab_gTub_20110909/PCNT_gtub_I_023_SIR_PRJ.dv"
TUBG = "TUBG1-N/PCNTab_gTub_20110909/PCNT_gtub_I_023_SIR_PRJ.dv"
CEP120 = "CEP120/20111106/a_001_SIR_PRJ.dv"
THREE = "CENT2/Cep192_Centrin_20101014/b_002_SIR_PRJ.dv"
TIFF = "NEDD1-C1/NEDD1ab_PCNTab_20100521_tifs/c_SIR_PRJ_615_525_xx.tif"
STAINS = {
    PCNT: ("PCNT-N1", "525:PCNT-N1; 615:TUBG1-N", "PCNT"),
    TUBG: ("TUBG1-N", "525:TUBG1-N; 615:PCNT-N1", "TUBG1"),
    CEP120: ("CEP120/20111106", "525:CEP120; 615:TUBG1-N", "CEP120"),
    THREE: ("CENT2", "525:CENT2; 442:Sas6; 615:CEP192-M", "CETN2"),
    TIFF: ("NEDD1-C1", "525:NEDD1-C1; 615:PCNT-N1", "NEDD1"),
}


def make(root: Path) -> None:
    for path in (PCNT, TUBG, CEP120):
        _idr.deltavision(root, f"Raw-files/{path}", channels=2, dtype="float32", sequence=1)
    _idr.deltavision(root, f"Raw-files/{THREE}", channels=3, dtype="float32")
    _idr.stack(root, f"Raw-files/{TIFF}", channels=2)
    _idr.deltavision(root, "20160411-original/PCNT_gtub_I_023_SIR_PRJ.dv", channels=2)
    lines = [
        {
            "Dataset Name": dataset, "Image Name": path.rsplit("/", 1)[1], **_idr.HUMAN,
            "Characteristics [Cell Line]": "HeLa",
            "Characteristics [Cell Cycle Phase]": "interphase",
            "Comment [Gene Symbol]": gene, "Channels": stains,
            "Phenotype Annotation Level": "protein",
            "Phenotype 1": "protein localized to centrosome", "Phenotype 1 Term Name": "x",
        }
        for path, (dataset, stains, gene) in STAINS.items()
    ]  # fmt: skip
    _idr.table(root, "experimentA/idr0021-experimentA-annotation.csv", lines)
    server = "/uod/idr/incoming/idr0021-lawo-pericentriolarmaterial/Raw-files"
    paths = [
        (f"Dataset:name:{dataset}", f"{server}/{path.rsplit('/', 1)[0]}/")
        for path, (dataset, _, _) in STAINS.items()
    ]
    _idr.places(root, "experimentA/idr0021-experimentA-filePaths.tsv", paths)
    _write.debris(root, f"Raw-files/{PCNT}")


ROWS = 5
EXPECTED = {
    f"idr0021/{PCNT}": {
        "files": f"Raw-files/{PCNT}|Raw-files/{PCNT}#plane=1", "channels": "f_pcnt-n1|f_tubg1-n",
        "cell_visible": "centrosome", "gene": "pcnt targeted", "cell_type": "hela",
        "phenotype": "protein localized to centrosome|interphase", "microscopy": "fluorescence",
        "group": "idr0021:PCNT_gtub_I_023_SIR_PRJ.dv", "missing": "",
        "batch": "PCNT-N1/PCNTab_gTub_20110909",
    },
    f"idr0021/{TUBG}": {"group": "idr0021:PCNT_gtub_I_023_SIR_PRJ.dv", "gene": "tubg1 targeted"},
    f"idr0021/{CEP120}": {"channels": "f_cep120|f_tubg1-n", "gene": "cep120 targeted"},
    f"idr0021/{THREE}": {
        "channels": "f_sas6|f_cent2|f_cep192-m",
        "files": f"Raw-files/{THREE}#plane=1|Raw-files/{THREE}|Raw-files/{THREE}#plane=2",
    },
    f"idr0021/{TIFF}": {"files": f"Raw-files/{TIFF}|Raw-files/{TIFF}#plane=1"},
}  # fmt: skip
