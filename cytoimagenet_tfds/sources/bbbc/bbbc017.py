"""BBBC017: shRNA screen in HT29, 28 plates as Cellomics DIB files, genes in a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds import wording
from cytoimagenet_tfds.sources.base import Channel, Download, Source
from cytoimagenet_tfds.sources.bbbc import _site, _spreadsheet

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

# Plus and minus: with and without puromycin. A `+` may have stayed percent-encoded.
_IMAGE = (
    r"NIRHTa(?P<sign>\+|%2B|-)(?P<plate_number>\d{3})[^/]*/(?:[^/]+/)*"
    r"(?P<run>AS_09125_\d+)_(?P<well>[a-p]\d\d)f(?P<site>\d\d)d(?P<channel>[012])\.(?:dib|tiff?)$"
)
_SHEET = "BBBC017_v1_metadata.xls"
_PLATE, _WELL, _GENE = "384-Plate#", "384-well", "gene name"
_PLATES = 14

# Official: the spreadsheet's plate 15 was imaged as plate 014, its plate 14 never was.
_SHEET_PLATE_OF_LAST, _NEVER_IMAGED = 15, 14

# Names in the gene column that are no gene; UNK is a hairpin whose gene is unknown.
_CONTROLS = {"empty": "empty", "shluc": "shluc", "shlamin": "shlamin", "pgk-gfp": "pgk-gfp"}
_NO_GENE = {*_CONTROLS, "unk", ""}


def read(tree: Tree, report: Report) -> pd.DataFrame:
    """One line per channel file, with the gene of its well where the spreadsheet is there."""
    from cytoimagenet_tfds.sources import joins, wells

    files = tree.match(_IMAGE, report, suffixes=(".dib", ".tif", ".tiff"))
    if files.empty:
        return files
    sign = files["sign"].where(files["sign"] == "-", "+")
    files["well"] = wells.normalize_all(files["well"])
    files["plate"] = "NIRHTa" + sign + files["plate_number"]
    files["batch"] = sign.map({"+": "with puromycin", "-": "without puromycin"})
    place = files["plate"] + "/" + files["run"] + "_" + files["well"]
    files["field"] = place + "f" + files["site"]
    files["canonical"] = files["field"] + "d" + files["channel"] + ".DIB"
    files["group"] = "bbbc017:" + files["plate"] + "/" + files["well"]
    genes = _genes(tree, report)
    if genes is not None:
        files = joins.join(files, genes, ["plate_number", "well"], report, _SHEET)
    return files.drop(columns=["sign", "plate_number", "run"])


def _genes(tree: Tree, report: Report) -> pd.DataFrame | None:
    """Returns plate_number, well, gene and control of every well that was imaged."""
    import pandas as pd

    from cytoimagenet_tfds.sources import wells

    sheet = _spreadsheet.find(tree, _SHEET, (_PLATE, _WELL, _GENE), report)
    if sheet is None:
        return None
    number = pd.to_numeric(sheet[_PLATE], errors="coerce").fillna(0).astype(int)
    is_well = sheet[_WELL].str.fullmatch(r"[A-Pa-p]\d{1,2}") & (number > 0)
    if not is_well.all():
        report.note(
            "bad line",
            f"{wording.counted(int((~is_well).sum()), 'line')} of {_SHEET} without plate or well: "
            "left out.",
            (sheet[_PLATE] + " " + sheet[_WELL])[~is_well].tolist(),
        )
    imaged = is_well & (number != _NEVER_IMAGED)
    sheet, number = sheet[imaged], number[imaged]
    number = number.where(number != _SHEET_PLATE_OF_LAST, _PLATES)
    name = sheet[_GENE].str.lower()
    return pd.DataFrame({
        "plate_number": number.map("{:03d}".format),
        "well": wells.normalize_all(sheet[_WELL]),
        "gene": name.where(~name.isin(_NO_GENE), ""),
        "control": name.map(_CONTROLS).fillna(""),
    })  # fmt: skip


def _downloads() -> tuple[Download, ...]:
    archives = tuple(
        Download(
            url=_site.address(17, f"BBBC017_v1_images_NIRHTa{sign}{number:03d}.zip"),
            note="One plate, 6,912 files, 1.7 to 2.0 GB.",
        )
        for sign in ("-", "%2B")
        for number in range(1, _PLATES + 1)
    )
    return (*archives, Download(url=_site.address(17, _SHEET), note="The gene of every well."))


SOURCE = Source(
    dir_name="bbbc017",
    name="Human HT29 colon-cancer cells shRNAi screen",
    database=_site.DATABASE,
    description=(
        "HT29 cells with lentiviral shRNA against kinases, phosphatases and other genes, stained "
        "for DNA, phospho-histone H3 and actin: 14 plates of 384 wells with and without "
        "puromycin, six fields a well."
    ),
    homepage=_site.page(17),
    licence="CC-BY-NC-SA-3.0",
    licence_page=_site.page(17),
    citation="""@article{moffat2006lentiviral,
  title={A lentiviral RNAi library for human and mouse genes applied to an arrayed viral
    high-content screen},
  author={Moffat, Jason and others},
  journal={Cell},
  volume={124},
  pages={1283},
  year={2006},
  doi={10.1016/j.cell.2006.01.040}
}""",
    rows="field",
    channels=(
        Channel(code="0", name="f_nucleus", visible="nucleus", stain="DNA"),
        Channel(code="1", name="f_mitosis", stain="phospho-histone H3"),
        Channel(code="2", name="f_actin", visible="actin", stain="actin"),
    ),
    constants={"organism": "human", "cell_type": "ht29"},
    expected_files=193_536,
    expected_rows=64_512,
    image_size=(512, 512),
    bit_depth=12,
    download_gb=52,
    downloads=_downloads(),
    manual=(
        "Unpack the 28 archives, each into a folder of its plate, and put the spreadsheet beside "
        "them: bbbc017/NIRHTa+002/AS_09125_050117080001_A01f00d0.DIB, bbbc017/" + _SHEET
    ),
    unsure=(
        "No real DIB file was seen: the format comes from the Bio-Formats reader and an exact "
        "check of file sizes.",
        "That 12 of the 16 bits are used.",
    ),
    read=read,
)
