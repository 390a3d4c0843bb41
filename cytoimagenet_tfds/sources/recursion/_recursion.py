"""One reader for the four RxRx datasets: file names below any folder, joined to metadata tables.

Images lie in <EXPERIMENT>/Plate<P>/<WELL>_s<SITE>_w<CHANNEL>.png; a table has one line per site,
or per well in the older Kaggle release of RxRx1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.sources.base import Channel

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

DATABASE = "Recursion"

# What identifies a site in file names and in tables.
PLACE = ("experiment", "plate", "well", "site")

# `HUVEC-1` (RxRx2, RxRx19b) and `HUVEC-01` (RxRx1) are different experiments, so the number is
# taken as written: an image of another set in the folder fits no pattern instead of wrong labels.
PLAIN = r"[a-z0-9]+-[1-9]\d*"
_IMAGE = (
    r"(?:^|/)(?P<experiment>{experiment})/plate(?P<plate>[1-9]\d*)"
    r"/(?P<well>a?[a-z]\d\d)_s(?P<site>[1-9]\d*)_w(?P<channel>[1-9]\d*)\.png$"
)

NUCLEUS = Channel(code="1", name="f_nucleus", visible="nucleus", stain="Hoechst 33342")
ER = Channel(code="2", name="f_er", visible="er", stain="concanavalin A")
ACTIN = Channel(code="3", name="f_actin", visible="actin", stain="phalloidin")
NUCLEOLI = Channel(code="4", name="f_nucleoli", visible="nucleoli", stain="SYTO 14")
MITO = Channel(code="5", name="f_mitochondria", visible="mitochondria", stain="MitoTracker")
GOLGI = Channel(code="6", name="f_golgi", visible="golgi", stain="wheat germ agglutinin")
SIX_STAINS = (NUCLEUS, ER, ACTIN, NUCLEOLI, MITO, GOLGI)

CITATION_CUCCARESE = """@article{cuccarese2020functional,
  title={Functional immune mapping with deep-learning enabled phenomics applied to immunomodulatory
    and COVID-19 drug discovery},
  author={Cuccarese and others},
  journal={bioRxiv},
  year={2020},
  doi={10.1101/2020.08.02.233064}
}"""


def images(tree: Tree, report: Report, experiment: str = PLAIN) -> pd.DataFrame:
    """One line per image file, without what only a table knows.

    Args:
      tree: the source's folder.
      report: gets names that do not fit; a fatal finding if none fits.
      experiment: pattern of an experiment's folder, letter case ignored.

    Returns:
      `path`, `experiment`, `plate`, `well`, `site`, `channel` and the row columns `field`,
      `canonical`, `group` (the well) and `batch` (the experiment). Experiment and well are upper
      case.
    """
    files = tree.match(_IMAGE.format(experiment=experiment), report)
    if files.empty:
        return files
    for column in ("experiment", "well"):
        files[column] = files[column].str.upper()
    files["group"] = files["experiment"] + "/Plate" + files["plate"] + "/" + files["well"]
    files["field"] = files["group"] + "_s" + files["site"]
    files["canonical"] = files["field"] + "_w" + files["channel"] + ".png"
    files["batch"] = files["experiment"]
    return files


def with_table(
    files: pd.DataFrame,
    table: pd.DataFrame,
    report: Report,
    *,
    facts: Sequence[str],
    on: Sequence[str] = PLACE,
    what: str = "metadata.csv",
) -> pd.DataFrame:
    """Joins columns of a table to the images of their site, or of their well.

    Args:
      files: from `images`.
      table: as read, all text: `on` and `facts`.
      report: gets images without a line, lines without an image, lines that contradict others.
      facts: columns to add; '' where the table has no line for the image.
      on: `PLACE`, or its first three for a table with one line per well.
      what: name of the table in messages.

    Returns:
      The images with `facts`, and `excluded`: images the table does not list are unlabelled.
    """
    from cytoimagenet_tfds.sources import joins

    places = table[[*on, *facts]].assign(listed="yes")
    for column in ("experiment", "well"):
        places[column] = places[column].str.strip().str.upper()
    lines = joins.join(files, places, list(on), report, what)
    lines["excluded"] = (lines.pop("listed") == "").map({True: "unlabelled", False: ""})
    return lines


def read_sites(
    tree: Tree, report: Report, facts: Sequence[str], experiment: str = PLAIN
) -> pd.DataFrame:
    """Returns the images with columns of `metadata.csv`, which has one line per site.

    Empty if something was found that stops the reading.
    """
    files = images(tree, report, experiment)
    table = tree.table("metadata.csv", [*PLACE, *facts], report)
    if files.empty or table is None:
        return files
    return with_table(files, table, report, facts=facts)


def treatment_facts(lines: pd.DataFrame, *, untreated: str, unit: str) -> pd.DataFrame:
    """Turns `treatment` and `treatment_conc` into compound, concentration and control role.

    Names that differ in letter case alone become one label: RxRx19a has two halves of
    clarithromycin. Wells called EMPTY or nothing at all get no compound.

    Args:
      lines: from `with_table`, with `treatment` and `treatment_conc`, which are replaced.
      untreated: control role of wells without treatment.
      unit: unit of the concentrations as published.
    """
    import pandas as pd

    treatment = lines.pop("treatment")
    names = {text: _compound(text) for text in treatment.unique()}
    amount = pd.to_numeric(lines.pop("treatment_conc"), errors="coerce")
    lines["compound"] = treatment.map(names)
    treated = lines["compound"] != ""
    listed = lines["excluded"] == ""
    lines["control"] = (listed & ~treated).map({True: untreated, False: ""})
    lines["concentration"] = amount.where(treated)
    lines["concentration_unit"] = lines["concentration"].notna().map({True: unit, False: ""})
    return lines


def _compound(treatment: str) -> str:
    name = schema.join_tokens([treatment])
    return "" if name == "empty" else name
