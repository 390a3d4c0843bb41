"""Row tables made of the studies' own tables: one row per field of every well.

Only the columns that labelling reads. Values are as the studies write them, in lower case.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd

from cytoimagenet_tfds import schema
from cytoimagenet_tfds.curation import select


def _expand(wells: pd.DataFrame, name: str, fields: int) -> pd.DataFrame:
    """Repeats every well for its fields; the key is made of the well's number."""
    table = wells.loc[wells.index.repeat(fields)].reset_index(drop=True)
    number = pd.Series(range(len(table))).astype("str")
    table["key"] = name + "/" + number
    table["name"] = name
    for column in select.NEEDED:
        if column not in table:
            table[column] = ""
    return table[list(select.NEEDED)].astype("str")


def _read(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    table = pd.read_csv(path, dtype="str", keep_default_na=False, usecols=list(columns))
    lower = {column: table[column].str.lower().str.strip() for column in table}
    return pd.DataFrame(lower).rename(columns=columns)


def idr0037(path: Path) -> pd.DataFrame:
    """Nine fields a well."""
    wells = _read(path, {"Characteristics [Organism]": "organism",
                         "Characteristics [Cell Line]": "cell_type",
                         "Experimental Condition [Compound]": "compound"})  # fmt: skip
    return _expand(wells, "idr0037", 9)


def idr0072(path: Path) -> pd.DataFrame:
    """26 fields a well, the mean of screen A."""
    columns = {"Characteristics [Organism]": "organism",
               "Characteristics [Cell Line]": "cell_type",
               "Comment [Gene Symbol]": "gene",
               "Experimental Condition [Subcellular Localization]": "cell_visible"}  # fmt: skip
    wells = _read(path, columns)
    wells["gene"] = wells["gene"].map(schema.targeted)
    return _expand(wells, "idr0072", 26)


def idr0088(path: Path, fields: int = 1) -> pd.DataFrame:
    """One row a well, or as many as `fields` of the two or three there are."""
    wells = _read(path, {"Characteristics [Organism]": "organism",
                         "Characteristics [Cell Line]": "cell_type",
                         "Compound MoA": "phenotype", "Compound Name": "compound"})  # fmt: skip
    return _expand(wells, "idr0088", fields)


def idr0016(path: Path) -> pd.DataFrame:
    """Six fields a well."""
    table = pd.read_csv(path, sep=" ", dtype="str", keep_default_na=False)
    wells = pd.DataFrame({"compound": table["Metadata_broad_sample"].str.lower()})
    return _expand(wells.assign(organism="human", cell_type="u2os"), "idr0016", 6)


def rec_rxrx1(path: Path) -> pd.DataFrame:
    """The numbers of images of every siRNA, as the reference's registry lists them."""
    return _registered(path, "rec_rxrx1", "sirna")


def rec_rxrx2(path: Path) -> pd.DataFrame:
    """The numbers of images of every soluble factor, as the reference's registry lists them."""
    return _registered(path, "rec_rxrx2", "compound")


def _registered(path: Path, name: str, column: str) -> pd.DataFrame:
    registry = pd.read_csv(path, dtype="str", keep_default_na=False)
    entry = registry[registry["dir_name"] == name].iloc[0]
    values = pd.Series(ast.literal_eval(entry["phenotype"]), dtype="str").str.lower()
    wells = values.repeat(ast.literal_eval(entry["class_sizes"])).reset_index(drop=True)
    return _expand(pd.DataFrame({column: wells}).assign(organism="human"), name, 1)


def kag_hpa(path: Path) -> pd.DataFrame:
    """Four files an image; the green one shows what the image is labelled with, as numbers."""
    images = pd.read_csv(path, dtype="str", keep_default_na=False)
    green = images["Target"].map(lambda text: "|".join(f"location {n}" for n in text.split()))
    visible = pd.concat([
        green, *(pd.Series(name, index=images.index) for name in ("nucleus", "er", "microtubules"))
    ])  # fmt: skip
    wells = pd.DataFrame({"cell_visible": visible.astype("str"), "organism": "human"})
    return _expand(wells.reset_index(drop=True), "kag_hpa", 1)
