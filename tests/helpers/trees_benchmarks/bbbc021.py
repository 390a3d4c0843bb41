"""BBBC021: some wells of three plates with lines as in the real tables."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from trees import _write

HEADER = (
    "TableNumber", "ImageNumber", "Image_FileName_DAPI", "Image_PathName_DAPI",
    "Image_FileName_Tubulin", "Image_PathName_Tubulin", "Image_FileName_Actin",
    "Image_PathName_Actin", "Image_Metadata_Plate_DAPI", "Image_Metadata_Well_DAPI", "Replicate",
    "Image_Metadata_Compound", "Image_Metadata_Concentration",
)  # fmt: skip
# Plate -> prefix of its file names, which is no plate.
PREFIX = {"Week1_22123": "Week1_150607_", "Week1_22141": "", "Week7_34341": "Week7_7__"}
# Well -> compound, concentration as the table writes it.
WELLS = {
    "B02": ("DMSO", "0"), "E11": ("DMSO", "0"), "B11": ("taxol", "0.3"), "E02": ("taxol", "0.3"),
    "D05": ("taxol", "0.3"), "C05": ("emetine", "3e-1"), "G10": ("5-fluorouracil", "0.003"),
}  # fmt: skip
SITES = (1, 4)
MOA = """"compound",concentration,"moa"
"emetine",0.300000,"Protein synthesis"
"taxol",0.300000,"Microtubule stabilizers"
"DMSO",0.000000,"DMSO"
"""
COMPOUNDS = '"compound","smiles"\n"emetine","CCC1CN2CCc3cc"\n"taxol","CC1=C2"\n"DMSO","CS(C)=O"\n'


def name(plate: str, well: str, site: int, wave: int) -> str:
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{plate}{well}{site}{wave}")).upper()
    return f"{PREFIX[plate]}{well}_s{site}_w{wave}{identity}.tif"


def lines() -> list[list[str]]:
    found = []
    for plate in PREFIX:
        folder = f"{plate.partition('_')[0]}/{plate}"
        for well, (compound, amount) in WELLS.items():
            for site in SITES:
                names = [name(plate, well, site, wave) for wave in (1, 2, 4)]
                files = [part for file in names for part in (file, folder)]
                found.append(["4", "233", *files, plate, well, "1", compound, amount])
    return found


def make(root: Path) -> None:
    """All plates unpacked, except the last, which stays as downloaded."""
    _write.csv(root, "BBBC021_v1_image.csv", HEADER, lines())
    _write.text(root, "BBBC021_v1_moa.csv", MOA)
    _write.text(root, "BBBC021_v1_compound.csv", COMPOUNDS)
    for plate in PREFIX:
        archive = f"BBBC021_v1_images_{plate}"
        for well in WELLS:
            for site in SITES:
                for wave in (1, 2, 4):
                    file = f"{archive}/{plate}/{name(plate, well, site, wave)}"
                    _write.image(root, file, dtype="uint16", high=9000)
    shutil.make_archive(str(root / archive), "zip", root / archive)
    shutil.rmtree(root / archive)
    _write.debris(root, f"{archive}/{plate}/a.tif")
