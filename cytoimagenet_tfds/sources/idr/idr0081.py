"""IDR idr0081: compounds against adenovirus in A549, imaged at two places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import CONTROL, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = (
    r"(?:^|/)(?P<stage>[123])-[^/]+/Data_(?P<place>UZH|EPFL)/(?:[^/]+/)*"
    r"(?P<plate>[^/]+)/(?P<name>[^/]+\.tiff?)$"
)
_STUDY = "idr0081-georgi-adenovirus"
# Stage of the work and place of the microscope -> screen of IDR. The plates of C are those of B,
# the plates of E those of D: taken again on another microscope.
_SCREENS = {
    ("1", "UZH"): "A", ("2", "UZH"): "B", ("2", "EPFL"): "C", ("3", "UZH"): "D", ("3", "EPFL"): "E",
}  # fmt: skip
_GRAMMARS = {"UZH": _names.METAXPRESS, "EPFL": _names.IN_CELL}
_WAVE = {"wave": "channel"}
_CHANNELS = {"1": "Hoechst", "DAPI": "Hoechst", "2": "GFP", "FITC": "GFP"}


def _url(screen: str) -> str:
    return _study.table(_STUDY, f"screen{screen}/idr0081-screen{screen}-annotation.csv")


_ANNOTATIONS = Kind(
    stem="idr0081-screen[A-E]-annotation",
    columns={
        "compound": ("Compound Name",),
        "dose": ("Compound Concentration (microMolar)",),
        "control": CONTROL,
        "batch": ("Comment [Plate Replicate]",),
    },
    where=_url("D"),
)


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane: nuclei and infected cells of each well."""
    from cytoimagenet_tfds.sources.idr import _labels, _tables

    files = tree.match(_IMAGE, report, ignore=_names.METAXPRESS_THUMBNAIL)
    if files.empty:
        return files
    screen = [
        _SCREENS.get(pair, "".join(pair))
        for pair in zip(files.pop("stage"), files["place"], strict=True)
    ]
    files["screen"] = screen
    files = _named(files, report)
    # EPFL writes BSF018292_1A for the plate BSF018292-1A.
    files["plate"] = files["plate"].str.replace(r"^(BSF\d+)_(\d[A-Z])$", r"\1-\2", regex=True)
    place = files["plate"] + "/" + files["well"]
    files["field"] = files.pop("screen") + "/" + place
    files["group"] = place
    files = _labels.label(files, _tables.Metadata(tree, report), (_ANNOTATIONS,))
    files["control"] = _labels.controls(files["control"])
    files["concentration"] = _labels.numbers(files.pop("dose"))
    files["concentration_unit"] = _labels.unit(files["concentration"], "um")
    return files


def _named(files: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Reads well and channel from the names each microscope gives."""
    import pandas as pd

    parts = []
    for place, grammar in _GRAMMARS.items():
        here = files[files["place"] == place]
        named = here["name"].str.extract(f"(?i)^{grammar}").fillna("").rename(columns=_WAVE)
        strange = named["channel"] == ""
        if strange.any():
            report.note(
                "unknown name",
                f"{wording.counted(int(strange.sum()), 'file')} of {place} not named as its "
                "microscope does.",
                here.loc[strange, "path"].tolist(),
            )
        part = here[["path", "plate", "screen"]].join(named)[~strange]
        if len(part):
            _names.add_wells(part)
        parts.append(part)
    joined = pd.concat(parts, ignore_index=True)[["path", "plate", "screen", "well", "channel"]]
    joined["channel"] = joined["channel"].str.upper().map(lambda code: _CHANNELS.get(code, code))
    return joined


SOURCE = Source(
    dir_name="idr0081",
    name="Adenovirus",
    database=_study.DATABASE,
    description=(
        "A549 cells infected with human adenovirus 2 that carries GFP, with the 1,280 compounds "
        "of the Prestwick library: 38 plate images of 384 wells, nuclei and infection. Most plates "
        "were imaged twice, at UZH and at EPFL: both images of a well are one group."
    ),
    homepage=_study.screen(2404),
    links=tuple(_study.screen(number) for number in (2401, 2402, 2403, 2405)),
    licence="CC-BY-4.0",
    licence_page="https://creativecommons.org/licenses/by/4.0/",
    citation="""@article{georgi2020high,
  title={High-content image-based drug screen identifies a clinical compound against cell
    transmission of adenovirus},
  author={Georgi, Fanny and others and Greber, Urs F},
  journal={Scientific Data},
  year={2020},
  doi={10.1038/s41597-020-00604-0}
}""",
    rows="field",
    channels=(
        Channel(code="Hoechst", name="f_nucleus", visible="nucleus", stain="Hoechst"),
        Channel(
            code="GFP", name="f_infection", visible="virus-infected cell", stain="GFP of the virus"
        ),
    ),
    constants={"organism": "human", "cell_type": "a549"},
    expected_files=29_184,
    expected_rows=14_592,
    image_size=(2048, 2048),
    download_gb=245,
    downloads=(
        _study.images(f"{_STUDY}/20200324-owncloud", "0.25 TB."),
        *_study.tables(*map(_url, "ABCDE")),
    ),
    manual=(
        "Mirror the three stages: idr0081/3-Screen/Data_UZH/Screen/BSF018292-1A/"
        "BSF018292-1A_A02_w2.TIF, idr0081/3-Screen/Data_EPFL/Screen/BSF018292_1A/"
        "A - 02(fld 1 wv FITC - FITC).tif, and put the tables beside them. " + _study.SAME_TREE
    ),
    unsure=(
        "w1 of UZH is Hoechst and w2 GFP",
        "EPFL calls the file of the nuclei 'wv DAPI - DAPI'",
    ),
    read=read,
)
