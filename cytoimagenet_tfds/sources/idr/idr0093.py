"""IDR idr0093: genome-wide siRNA screen of cell size and RNA production in HeLa."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds.sources.base import Channel, Source
from cytoimagenet_tfds.sources.idr import _names, _study
from cytoimagenet_tfds.sources.idr._kinds import CONTROL, PHENOTYPES, Kind

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# Four plates came a second time in a later delivery.
_IMAGE = _names.below(
    r"(?P<delivery>\d{8}-rsync)/(?:(?P<batch>\d+_batch)/)?(?P<plate>\d{3})", _names.CELL_VOYAGER
)
_STUDY = "idr0093-mueller-perturbation"
_ANNOTATION = _study.table(_STUDY, "screenA/idr0093-screenA-annotation.csv.gz")
_PLATES = _study.table(_STUDY, "screenA/idr0093-screenA-plates.tsv")

_ANNOTATIONS = Kind(
    stem="idr0093-screenA-annotation",
    columns={"gene": ("Gene Symbol", "HGNC Gene Symbol"), "control": CONTROL},
    pooled={"sirna": r"sirna pool identifier \d+", "phenotype": PHENOTYPES},
    where=_ANNOTATION,
)


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per plane. A site was passed over twice, so only C, not A, tells its channels."""
    from cytoimagenet_tfds.sources.idr import _labels, _plates, _tables

    files = tree.match(_IMAGE, report, ignore=_names.CELL_VOYAGER_SHADING)
    if files.empty:
        return files
    meta = _tables.Metadata(tree, report)
    _names.add_wells(files)
    files["channel"] = files["channel"].str.lstrip("0")
    delivery, batch = files.pop("delivery"), files["batch"]
    folder = delivery + ("/" + batch).where(batch != "", "") + "/" + files["plate"]
    files["field"] = folder + "/" + files["well"] + "_F" + files["site"]
    files["canonical"] = files["field"] + "A" + files["action"] + "C" + files["channel"] + ".tif"
    files["group"] = files["plate"] + "/" + files["well"]
    listed = folder.isin(_plates.read(meta, "idr0093-screenA-plates"))
    rank = _labels.newest_first(delivery) + (~listed).astype(int) * delivery.nunique()
    _labels.mark_copies(files, ["plate"], rank)
    files = files.drop(columns=["time", "action", "focal"])
    files = _labels.label(files, meta, (_ANNOTATIONS,))
    files["control"] = _labels.controls(files["control"])
    return files


SOURCE = Source(
    dir_name="idr0093",
    name="siRNA screen for cell size and RNA production",
    database=_study.DATABASE,
    description=(
        "HeLa cells with a pool of three siRNAs for each human gene: 83 plates of 384 wells, nine "
        "sites a well; DNA, PCNA, nascent RNA and protein, taken in two passes."
    ),
    homepage=_study.screen(2751),
    licence="CC-BY-4.0",
    licence_page="https://creativecommons.org/licenses/by/4.0/",
    citation="""@article{mueller2021high,
  title={High content genome-wide siRNA screen to investigate the coordination of cell size and RNA
    production},
  author={Mueller, Micha and others and Berry, Scott},
  journal={Scientific Data},
  year={2021},
  doi={10.1038/s41597-021-00944-5}
}""",
    rows="field",
    channels=(
        *(
            Channel(code=code, name=name, visible=visible, microscopy="confocal", stain=stain)
            for code, name, visible, stain in (
                ("1", "f_nucleus", "nucleus", "DAPI"),
                ("2", "f_rna", "rna", "ethynyl uridine, Alexa Fluor 488"),
                ("3", "f_pcna", "pcna", "antibody to PCNA, Alexa Fluor 568"),
                ("4", "f_cytoplasm", "cytoplasm", "succinimidyl ester, Alexa Fluor 647"),
            )
        ),
        Channel(code="5", name="f_fifth", microscopy="confocal", optional=True),
    ),
    constants={"organism": "human", "cell_type": "hela"},
    expected_rows=233_505,
    image_size=(2160, 2560),
    download_gb=10330,
    downloads=(
        *(
            _study.images(f"{_STUDY}/{delivery}", "Part of 10.3 TB; plates.tsv says which.")
            for delivery in ("20200810-rsync", "20200901-rsync", "20200910-rsync", "20201026-rsync")
        ),
        *_study.tables(_ANNOTATION, _PLATES),
    ),
    manual=(
        "Mirror the plates with the folder of their delivery: idr0093/20200901-rsync/01_batch/002/"
        "<prefix>_A01_T0001F001L01A01Z01C01.tif, and put the tables beside them. "
        + _study.SAME_TREE
    ),
    unsure=(
        "file names are those CellVoyager writes: <prefix>_A01_T0001F001L01A01Z01C01.tif",
        "which stain is C01, C02, C03, C04: all of them are merged, so only the order of channels "
        "depends on it",
        "what C05 shows; IDR holds four channels of the five the study speaks of",
    ),
    read=read,
)
