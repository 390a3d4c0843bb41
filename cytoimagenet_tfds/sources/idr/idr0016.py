"""IDR idr0016: Cell Painting of 30,000 compounds in U2OS, 413 plates, five channels."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import CONTROL, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# The stain stands in the folder's name. A GUID of its own follows the wave digit of every file.
IMAGE = _names.below(
    r"(?P<plate>\d+)-(?P<channel>ERSytoBleed|ERSyto|Hoechst|Mito|Ph_golgi)", _names.METAXPRESS
)
# Twenty plates of BBBC022 were part of the study until 2017; their files lie there still.
_BBBC022 = "ixmtest"
_REPOSITORY = "idr0016-wawer-bioactivecompoundprofiling"
_ANNOTATION = _study.table(_REPOSITORY, "screenA/idr0016-screenA-annotation.csv")
_LIBRARY = _study.table(_REPOSITORY, "screenA/idr0016-screenA-library.txt")

_WELLS = {
    "compound": ("Compound Name",),
    "broad": ("Compound Broad Identifier",),
    "short": ("Compound Broad Identifier Short",),
    "dose": ("Dose", "Compound Concentration (micromolar)"),
    "control": CONTROL,
}
# The last two come with the package cpimgs and stand in for the tables of IDR.
_KINDS = (
    Kind(stem="idr0016-screenA-annotation", columns=_WELLS, where=_ANNOTATION),
    Kind(stem="idr0016-screenA-library", columns=_WELLS, where=_LIBRARY, needed=False),
    Kind(
        stem="CDRP_plate_well_broadsample",
        keys={"plate": ("Metadata_Plate",), "well": ("Metadata_Well",)},
        columns={"broad": ("Metadata_broad_sample",), "short": ("Metadata_pert_id",)},
        blank=frozenset({"na"}),
        needed=False,
    ),
    Kind(
        stem="CDRP_compoundname_to_broadid",
        keys={"short": ("BROAD_ID",)},
        columns={"compound": ("CPD_NAME",)},
        needed=False,
    ),
)
_UNNAMED = r"^BRD-[AKM]\d+"
_SOLVENT = "dmso"


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane: five stains of each field."""
    from cytoimagenet_tfds.sources.idr import _labels, _tables

    files = tree.match(IMAGE, report, ignore=_names.METAXPRESS_THUMBNAIL)
    if files.empty:
        return files
    _names.add_wells(files)
    _names.spell_channels(files, *(channel.code for channel in SOURCE.channels))
    place = files["plate"] + "/" + files["well"]
    files["field"] = place + "_s" + files["site"]
    _tell_apart(files, report)
    leftover = files.pop("prefix").str.lower() == _BBBC022
    files["excluded"] = leftover.map({True: "copy", False: ""}).astype("str")
    files["group"] = leftover.map({True: "bbbc022:", False: "idr0016:"}).astype("str") + place
    files = _labels.label(files, _tables.Metadata(tree, report), _KINDS)
    named = files["compound"].where(~files["compound"].str.contains(_UNNAMED), "")
    files["compound"] = named.where(named != "", files.pop("broad"))
    files["concentration"] = _labels.numbers(files.pop("dose"))
    files["concentration_unit"] = _labels.unit(files["concentration"], "um")
    role = _labels.controls(files["control"])
    solvent = (role == "") & (files["compound"].str.lower() == _SOLVENT)
    files["control"] = role.mask(solvent, "negative")
    _compare_with_lists(tree, report, files)
    return files.drop(columns=["short", "guid", "wave"])


def _tell_apart(files: pd.DataFrame, report: Report) -> None:
    """Gives the second file of one field and channel a field of its own, as IDR does.

    Plate 25723 has two files with the same name but for the GUID: it was imaged twice. IDR takes
    the first of every channel together, in the order of the names, and then the second.
    """
    # Such files stand next to each other, because files are sorted by name.
    again = (files["field"] == files["field"].shift()) & (
        files["channel"] == files["channel"].shift()
    )
    if again.any():
        report.note(
            "doubled field",
            f"{wording.counted(int(again.sum()), 'file stands', 'files stand')} for a field and "
            "channel that another file has too; they are further fields, their channels put "
            "together in the order of the names.",
            files.loc[again, "path"].tolist(),
        )
        number = again.groupby((~again).cumsum()).cumsum()
        suffix = number.map(lambda count: f"_{count + 1}" if count else "").astype("str")
        files["field"] = files["field"] + suffix


def _compare_with_lists(tree: Tree, report: Report, files: pd.DataFrame) -> None:
    """Notes files that the `.screen` lists at hand name and that are not there."""
    lists = [path for path in tree.files if re.search(r"\.screen(\.gz)?$", path)]
    there = set(files["path"].str.rsplit("/", n=2).str[1:].str.join("/")) if lists else set()
    lacking = [path for name in lists for path in _listed(tree, name) if path not in there]
    if lacking:
        report.note(
            "missing file",
            f"{wording.counted(len(lacking), 'file')} of the .screen lists not there.",
            lacking,
        )


def _listed(tree: Tree, name: str) -> list[str]:
    from cytoimagenet_tfds.sources.idr import _screen

    content = tree.read_bytes(name)
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
    return ["/".join(file.path.split("/")[-2:]) for file in _screen.files(text)]


SOURCE = Source(
    dir_name="idr0016",
    name="Compound Profiling",
    database=_study.DATABASE,
    description=(
        "U2OS cells treated with 30,000 small molecules and stained by Cell Painting: 413 plates "
        "of 384 wells, six fields a well, five channels."
    ),
    homepage=_study.screen(1251),
    links=(
        "https://bbbc.broadinstitute.org/BBBC036/",
        "https://bbbc.broadinstitute.org/BBBC047/",
        "http://www.cellimagelibrary.org/pages/project_20269",
        "https://livingobjects.ebi.ac.uk/bioimaging-integrator-data/pages/S-BIAD851.html",
    ),
    licence="CC0-1.0",
    licence_page="https://creativecommons.org/publicdomain/zero/1.0/",
    citation="""@article{wawer2014toward,
  title={Toward performance-diverse small-molecule libraries for cell-based phenotypic screening
    using multiplexed high-dimensional profiling},
  author={Wawer, Mathias J and others},
  journal={Proceedings of the National Academy of Sciences},
  year={2014},
  doi={10.1073/pnas.1410933111}
}

@article{bray2017dataset,
  title={A dataset of images and morphological profiles of 30 000 small-molecule treatments using
    the Cell Painting assay},
  author={Bray, Mark-Anthony and others},
  journal={GigaScience},
  year={2017},
  doi={10.1093/gigascience/giw014}
}""",
    rows="field",
    channels=(
        Channel(
            code="Mito",
            name="f_mitochondria",
            visible="mitochondria",
            stain="MitoTracker Deep Red",
        ),
        Channel(code="Hoechst", name="f_nucleus", visible="nucleus", stain="Hoechst 33342"),
        Channel(code="ERSytoBleed", name="f_nucleoli", visible="nucleoli|rna", stain="SYTO 14"),
        Channel(code="ERSyto", name="f_er", visible="er", stain="concanavalin A"),
        Channel(
            code="Ph_golgi",
            name="f_actin_golgi",
            visible="actin|golgi|cell membrane",
            stain="phalloidin and wheat germ agglutinin",
        ),
    ),
    constants={"organism": "human", "cell_type": "u2os"},
    expected_files=4_671_660,
    expected_rows=934_332,
    image_size=(520, 696),
    download_gb=2717,
    downloads=(
        Download(
            url="https://livingobjects.ebi.ac.uk/bioimaging-integrator-data/pages/S-BIAD851.html",
            note="Page of the plates as OME-Zarr; the TIFFs are what is read here.",
            needed=False,
        ),
        *_study.tables(_ANNOTATION, _LIBRARY),
    ),
    manual=(
        "Mirror the plates' channel folders: idr0016/2016-02-19-screens-cellimagelibrary/"
        "26579-Hoechst/cdp2w7x2_a01_s1_w1<GUID>.tif, and put the tables beside them; .screen "
        "lists, if they are there, tell which files are missing. IDR itself now offers OME-Zarr; "
        "the same TIFFs come from the Cell Image Library, project 20269. " + _study.SAME_TREE
    ),
    unsure=("the tree of TIFFs is still on IDR's mirror",),
    read=read,
)
