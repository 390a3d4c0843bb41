"""The tables of BBBC021: one row per site, with treatment, mechanism and role of its well."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

IMAGE_TABLE = "BBBC021_v1_image.csv"
MOA_TABLE = "BBBC021_v1_moa.csv"
COMPOUND_TABLE = "BBBC021_v1_compound.csv"

# Channel -> number of its wavelength in file names.
CHANNELS = {"DAPI": "1", "Tubulin": "2", "Actin": "4"}

MECHANISMS = (
    "Actin disruptors", "Aurora kinase inhibitors", "Cholesterol-lowering", "DMSO", "DNA damage",
    "DNA replication", "Eg5 inhibitors", "Epithelial", "Kinase inhibitors",
    "Microtubule destabilizers", "Microtubule stabilizers", "Protein degradation",
    "Protein synthesis",
)  # fmt: skip

PLATES = tuple(
    f"Week{week}_{number}"
    for week, numbers in {
        1: (22123, 22141, 22161, 22361, 22381, 22401),
        2: (24121, 24141, 24161, 24361, 24381, 24401),
        3: (25421, 25441, 25461, 25681, 25701, 25721),
        4: (27481, 27521, 27542, 27801, 27821, 27861),
        5: (28901, 28921, 28961, 29301, 29321, 29341),
        6: (31641, 31661, 31681, 32061, 32121, 32161),
        7: (34341, 34381, 34641, 34661, 34681),
        8: (38203, 38221, 38241, 38341, 38342),
        9: (39206, 39221, 39222, 39282, 39283, 39301),
        10: (40111, 40115, 40119),
    }.items()
    for number in numbers
)  # fmt: skip

CONTROL = "DMSO"
# Every plate has taxol at 0.3 um in these wells as positive control. As a treatment it has wells of
# its own: D05 on three plates of week 1.
TAXOL, TAXOL_WELLS = ("taxol", 0.3), ("B11", "C11", "D11", "E02", "F02", "G02")

_NAME = re.compile(
    r"(?:.*_)?(?P<well>[A-H]\d\d)_s(?P<site>\d)_w(?P<wave>\d)[0-9A-F]{8}(?:-[0-9A-F]+)+\.tif",
    re.IGNORECASE,
)
_PLACE = ["plate", "well", "site"]
_RENAMED = {
    "Image_Metadata_Plate_DAPI": "plate", "Image_Metadata_Well_DAPI": "well",
    "Replicate": "replicate", "Image_Metadata_Compound": "compound",
    "Image_Metadata_Concentration": "concentration",
    **{f"Image_FileName_{channel}": channel for channel in CHANNELS},
}  # fmt: skip


def read(tree: Tree, report: Report) -> pd.DataFrame | None:
    """Reads and joins the three tables.

    Args:
      tree: the raw folder.
      report: gets everything that is not as expected, fatal findings included.

    Returns:
      One line per site, sorted by plate, well and site: `key`, `plate`, `week`, `well`, `site`,
      `replicate` (int), `compound`, `concentration` (float, um), `moa` ('' where none is known),
      `control` (negative, positive or ''), `smiles`, and the file name of each channel; None where
      a table cannot be used.
    """
    images = tree.table(IMAGE_TABLE, list(_RENAMED), report)
    moa = tree.table(MOA_TABLE, ["compound", "concentration", "moa"], report)
    smiles = _smiles(tree, report)
    if images is None or moa is None:
        return None
    sites = images[list(_RENAMED)].rename(columns=_RENAMED)
    if not (_numbers(sites, "replicate", report) & _numbers(sites, "concentration", report)
            & _numbers(moa, "concentration", report)):  # fmt: skip
        return None
    sites["replicate"] = sites["replicate"].astype("int32")
    sites["site"] = _sites(sites, report)
    sites["week"] = sites["plate"].str.partition("_")[0]
    treatments = list(zip(sites["compound"], sites["concentration"], strict=True))
    mechanisms = _mechanisms(moa, report)
    sites["moa"] = [mechanisms.get(treatment, "") for treatment in treatments]
    sites["control"] = [
        control(treatment, well) for treatment, well in zip(treatments, sites["well"], strict=True)
    ]
    sites["smiles"] = [smiles.get(compound, "") for compound in sites["compound"]]
    sites["key"] = sites["plate"] + "/" + sites["well"] + "_s" + sites["site"]
    again = sites.duplicated(_PLACE)
    if again.any():
        twice = wording.counted(int(again.sum()), "site stands", "sites stand")
        report.fatal(f"{twice} in {IMAGE_TABLE} more than once.",
                     sites.loc[again, "key"].tolist())  # fmt: skip
    return sites.sort_values(_PLACE, ignore_index=True)


def _numbers(table: pd.DataFrame, column: str, report: Report) -> bool:
    """Turns a column of text into numbers; False, with a fatal finding, where a cell is none."""
    import pandas as pd

    numbers = pd.to_numeric(table[column], errors="coerce")
    if numbers.isna().any():
        cells = table.loc[numbers.isna(), column]
        found = wording.counted(len(cells), "cell is no number", "cells are no numbers")
        report.fatal(f"{found} in the column {column}.",
                     [repr(cell) for cell in cells])  # fmt: skip
        return False
    table[column] = numbers
    return True


def _sites(sites: pd.DataFrame, report: Report) -> list[str]:
    """Returns the site of each line, from the file names, which must agree with the table."""
    found: list[str] = []
    strange: list[str] = []
    for line in sites[["well", *CHANNELS]].itertuples(index=False, name=None):
        well, *names = line
        parts = [_NAME.fullmatch(name) for name in names]
        told = {(part["well"].upper(), part["site"]) for part in parts if part}
        waves = [part["wave"] if part else "" for part in parts]
        fits = len(told) == 1 and waves == list(CHANNELS.values()) and well in next(iter(told))
        found.append(next(iter(told))[1] if fits else "")
        strange += [] if fits else [" ".join(line)]
    if strange:
        report.fatal(
            f"{wording.counted(len(strange), 'line')} of {IMAGE_TABLE} with file names that are "
            "not called "
            "<well>_s<site>_w<1, 2 or 4><id>.tif, or that contradict the line.", strange,
        )  # fmt: skip
    return found


def _mechanisms(moa: pd.DataFrame, report: Report) -> dict[tuple[str, float], str]:
    found: dict[tuple[str, float], str] = {}
    for compound, amount, mechanism in moa[["compound", "concentration", "moa"]].itertuples(
        index=False, name=None
    ):
        if mechanism not in MECHANISMS:
            report.fatal(f"{MOA_TABLE}: {mechanism!r} is none of {', '.join(MECHANISMS)}.")
        if found.setdefault((compound, amount), mechanism) != mechanism:
            report.fatal(f"{MOA_TABLE}: {compound} at {amount:g} um has two mechanisms.")
    return found


def control(treatment: tuple[str, float], well: str) -> str:
    """Returns the role of a well: 'negative', 'positive', or '' for a treated one."""
    if treatment[0] == CONTROL:
        return "negative"
    return "positive" if treatment == TAXOL and well in TAXOL_WELLS else ""


def _smiles(tree: Tree, report: Report) -> dict[str, str]:
    """Returns compound -> structure; the table is not needed, and its header is not confirmed."""
    table = tree.table(COMPOUND_TABLE, [], report, needed=False)
    if table is None:
        return {}
    if table.shape[1] != 2:
        report.note("table", f"{COMPOUND_TABLE} has the columns {list(table.columns)}, expected "
                    "compound and smiles; structures stay empty.")  # fmt: skip
        return {}
    return dict(zip(table.iloc[:, 0], table.iloc[:, 1], strict=True))
