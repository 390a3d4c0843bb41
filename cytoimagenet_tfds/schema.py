"""The metadata of one image, declared once.

TFDS features, Parquet columns, documentation and validation all come from `COLUMNS`.
Text is '' where a value is unknown; numbers are NaN (`float`) or -1 (`int`). Several values in
one cell are joined by `|`. Label values are lower case.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["text", "tokens", "int", "float", "bool", "class", "texts"]
Table = Literal["rows", "plan", "example"]

SEPARATOR = "|"
TARGETED = " targeted"  # follows every gene, so that no gene is taken for a stained protein

# The columns a class may come from, in the order in which ties are broken.
CATEGORIES = ("organism", "cell_type", "cell_visible", "phenotype", "compound", "gene", "sirna")


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of the metadata.

    Attributes:
      name: the name everywhere: table, feature, documentation.
      kind: `text`, `tokens` (text with `|` between values), `int`, `float`, `bool`, `class`
        (a ClassLabel in TFDS, text in tables) or `texts` (a list of texts).
      doc: what it holds, with its unit and its convention.
      tables: where it stands: in a source's row table, in a plan, in an example.
    """

    name: str
    kind: Kind
    doc: str
    tables: tuple[Table, ...] = ("rows", "plan", "example")

    @property
    def missing(self) -> str | int | float | bool | list[str]:
        """The value that stands for 'unknown' in tables and examples."""
        missing: dict[str, str | int | float | bool | list[str]] = {
            "int": -1, "float": math.nan, "bool": False, "texts": [],
        }  # fmt: skip
        return missing.get(self.kind, "")


_PLANNED: tuple[Table, ...] = ("plan", "example")
_EXAMPLE: tuple[Table, ...] = ("example",)
_TABLES: tuple[Table, ...] = ("rows", "plan")

COLUMNS: tuple[Column, ...] = (
    Column("key", "text", "Identity of the image: dir_name, canonical relative path and plane; an example adds the crop. Every random choice about it comes from this text."),
    Column("idx", "text", "Number of the source image for people: dir_name, '-', row number in key order (bbbc041-14631)."),
    Column("label", "class", "Class the image was assigned, lower case.", _PLANNED),
    Column("category", "class", "Column the label comes from: organism, cell_type, cell_visible, phenotype, compound, gene or sirna.", _PLANNED),
    Column("labels", "texts", "All label values of the image over the seven label columns, each once.", _EXAMPLE),
    Column("split", "text", "Split of the image: train or validation.", ("plan",)),
    Column("crops", "int", "Crops wanted from the image, 0 for the whole image alone.", ("plan",)),
    Column("folder", "text", "Folder name of the label.", ("plan",)),
    Column("database", "text", "Database the source dataset belongs to (Broad Bioimage Benchmark Collection)."),
    Column("name", "text", "Name of the source dataset."),
    Column("dir_name", "text", "Short name of the source dataset, lower case (bbbc041)."),
    Column("path", "text", "Relative path of the folder of the image: cytoimagenet/<folder of the label> in CytoImageNet, the source's own folder in the source datasets.", _EXAMPLE),
    Column("filename", "text", "File name of the image: <folder>-<number in its class, binary>.png in CytoImageNet, the source's own name in the source datasets.", _EXAMPLE),
    Column("organism", "tokens", "Biological organism, lower case (human)."),
    Column("cell_type", "tokens", "Cell class or cell line, lower case (red blood cell, u2os)."),
    Column("cell_visible", "tokens", "Stained or visible component, lower case (nucleus|actin)."),
    Column("phenotype", "tokens", "Disease, mechanism of action, cell cycle stage or other phenotype, lower case."),
    Column("compound", "tokens", "Compound treatment, lower case."),
    Column("sirna", "tokens", "siRNA treatment, lower case."),
    Column("gene", "tokens", "Gene or protein targeted, lower case, followed by ' targeted'."),
    Column("microscopy", "tokens", "Microscopy modality (fluorescence, brightfield, confocal ...)."),
    Column("channels", "tokens", "Stains of the image in file order, fluorescent ones as f_<component> (f_nucleus|f_actin)."),
    Column("crop", "bool", "True for a crop, False for a whole image.", _EXAMPLE),
    Column("scaling", "float", "Side of the crop relative to the source image: 0.5 is half its height and half its width; 1.0 for a whole image.", _EXAMPLE),
    Column("x_min", "int", "First column of the crop in the source image, pixels.", _EXAMPLE),
    Column("x_max", "int", "Column after the last of the crop, pixels.", _EXAMPLE),
    Column("y_min", "int", "First row of the crop in the source image, pixels.", _EXAMPLE),
    Column("y_max", "int", "Row after the last of the crop, pixels.", _EXAMPLE),
    Column("group", "text", "What must not be divided between splits, the same text in every source that shares it: a well, a patient, a photograph, a content hash."),
    Column("field", "text", "Key of the field of view the image belongs to; the same for all channels of one field."),
    Column("licence", "text", "Licence of the source dataset: SPDX identifier where one exists, 'unknown' where none was found."),
    Column("files", "tokens", "Source files, one per channel in the order of `channels`, relative to the source's root; #plane= and #region= where not the whole first plane."),
    Column("missing", "tokens", "Channels whose file is not there; such an image is rejected and counted.", _TABLES),
    Column("excluded", "text", "Why the image is left out unless asked for (histopathology, electron microscopy, label mask, unlabelled, copy), '' when it is not.", _TABLES),
    Column("segmented", "bool", "True where the cell was cut out on a black background: such an image is not rejected as dim.", _TABLES),
    Column("plate", "text", "Plate, as the source names it."),
    Column("well", "text", "Well: row letters and a two-digit column (A01, AF47)."),
    Column("site", "text", "Site (field number) within the well, as the source names it."),
    Column("batch", "text", "Experiment, batch, donor or date, as the source names it."),
    Column("concentration", "float", "Concentration of the treatment, in concentration_unit; NaN where unknown."),
    Column("concentration_unit", "text", "Unit of the concentration (um, nm, mg/ml), '' where unknown."),
    Column("control", "text", "Control role of the well as the source states it (negative, positive, empty), '' for a treatment or where unknown."),
    Column("pixel_size", "float", "Side of a pixel in the source image, micrometres; NaN where unknown."),
    Column("bit_depth", "int", "Significant bits of a source pixel; -1 where unknown."),
)  # fmt: skip


def columns(table: Table) -> tuple[Column, ...]:
    """Returns the columns of one kind of table, in order."""
    return tuple(column for column in COLUMNS if table in column.tables)


def names(table: Table) -> tuple[str, ...]:
    """Returns the column names of one kind of table, in order."""
    return tuple(column.name for column in columns(table))


def arrow_schema(table: Table) -> pa.Schema:
    """Returns the Arrow schema of one kind of table; each field carries its `doc`."""
    import pyarrow as pa

    types = {
        "int": pa.int32(), "float": pa.float32(), "bool": pa.bool_(), "texts": pa.list_(pa.string()),
    }  # fmt: skip
    return pa.schema([
        pa.field(c.name, types.get(c.kind, pa.string()), nullable=c.kind == "float", metadata={"doc": c.doc})
        for c in columns(table)
    ])  # fmt: skip


def split_tokens(text: str) -> tuple[str, ...]:
    """Returns the values of a cell, each stripped, empty ones dropped: 'a| b|' -> ('a', 'b')."""
    return tuple(token for part in text.split(SEPARATOR) if (token := part.strip()))


def join_tokens(values: Iterable[str]) -> str:
    """Joins values to one cell: lower case, stripped, each once, in the order given.

    A `|` inside a value would divide it, so it is written as `/`.
    """
    cleaned = (" ".join(value.replace(SEPARATOR, "/").split()).lower() for value in values)
    return SEPARATOR.join(dict.fromkeys(value for value in cleaned if value))


def targeted(gene: str) -> str:
    """Returns the label of a perturbed gene: 'EZH2' -> 'ezh2 targeted'; '' stays ''."""
    gene = join_tokens([gene])
    return gene + TARGETED if gene and not gene.endswith(TARGETED) else gene


def folder_name(label: str) -> str:
    """Returns the folder of a label by the reference's rule (spaces, '/', ',' and ' -- ').

    Two labels can map to one folder: `folder_names` tells them apart.
    """
    return re.sub(" -- ", "-", label).replace(" ", "_").replace("/", "-").replace(",", "_")


def folder_names(labels: Iterable[str]) -> dict[str, str]:
    """Returns label -> folder, unique also where letter case does not count.

    Of labels that share a folder the first in sorted order keeps it, the others get the suffix
    `-2`, `-3` and so on.
    """
    taken: set[str] = set()
    result: dict[str, str] = {}
    for label in sorted(set(labels)):
        base = folder_name(label)
        folder, number = base, 1
        while folder.lower() in taken:
            number += 1
            folder = f"{base}-{number}"
        taken.add(folder.lower())
        result[label] = folder
    return result


def file_name(folder: str, number: int, class_size: int) -> str:
    """Returns the file name of the image `number` (from 0) of a class of `class_size` images.

    The number is binary, padded with zeros to the bit length of the class size, as in the
    published dataset: ('human', 11, 1000) -> 'human-0000001011.png'.
    """
    return f"{folder}-{number:0{class_size.bit_length()}b}.png"
