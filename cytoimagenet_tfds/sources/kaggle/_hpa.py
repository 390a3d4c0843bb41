"""The two Human Protein Atlas competitions: stains, structures, and the rule for labels.

Both have one grey file per stain and a table of structure numbers per field. Many fields are in
both: the name of a field, a UUID, is its `group` everywhere (`hpa:<uuid>`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cytoimagenet_tfds import schema, wording
from cytoimagenet_tfds.sources.base import Channel

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

_IMAGE = (
    r"(?:^|/)(?P<id>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
    r"_(?P<channel>red|green|blue|yellow)\.(?:png|tiff?)$"
)

# What a green file shows is the field's own label, not a fact of the stain.
CHANNELS = (
    Channel(code="red", name="f_microtubules", visible="microtubules", microscopy="confocal"),
    Channel(
        code="green", name="f_protein", microscopy="confocal", stain="antibody to one protein"
    ),
    Channel(code="blue", name="f_nucleus", visible="nucleus", microscopy="confocal"),
    Channel(code="yellow", name="f_er", visible="er", microscopy="confocal"),
)  # fmt: skip

# Structures whose label differs from their lower-case name. 'Negative' shows no structure.
_RENAMED = {
    "nucleoli fibrillar center": "nucleoli",
    "endoplasmic reticulum": "er",
    "golgi apparatus": "golgi",
    "actin filaments": "actin",
    "plasma membrane": "cell membrane",
    "cytosol": "cell body",
    "vesicles and punctate cytosolic patterns": "vesicles",
    "negative": "",
}

# Labels that other stains show often: dropped, in this order, while another label remains.
FREQUENT = ("er", "golgi", "nucleoli", "mitochondria", "actin", "nucleus")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Labels:
    """The table of structures of one competition.

    Attributes:
      id_column: column of the UUID.
      label_column: column of the numbers.
      separator: what stands between two numbers.
      structures: name of each number, as published.
      table: file name of the training table.
      test_table: file name of the list of test fields, which have no labels.
    """

    id_column: str
    label_column: str
    separator: str
    structures: tuple[str, ...]
    table: str = "train.csv"
    test_table: str = "sample_submission.csv"

    def numbers(self, cell: str) -> tuple[int, ...]:
        """Returns the known structure numbers of a cell, sorted, each once: '16 0' -> (0, 16).

        The 2021 table repeats a number in 146 of its cells ('13|13').
        """
        parts = (part.strip() for part in cell.split(self.separator))
        found = {int(part) for part in parts if part.isascii() and part.isdigit()}
        return tuple(sorted(number for number in found if number < len(self.structures)))

    def is_odd(self, cell: str) -> bool:
        """True where a cell holds anything but numbers of known structures."""
        parts = {part.strip() for part in cell.split(self.separator) if part.strip()}
        return len(parts) != len(self.numbers(cell))

    def visible(self, cell: str) -> str:
        """Returns `cell_visible` of a green file from its cell of the table."""
        return reduced(label_of(self.structures[number]) for number in self.numbers(cell))


def label_of(structure: str) -> str:
    """Returns the label of a structure: 'Plasma membrane' -> 'cell membrane'."""
    name = structure.lower()
    return _RENAMED.get(name, name)


def reduced(labels: Iterable[str]) -> str:
    """Joins the labels of one field, without `FREQUENT` ones as long as another remains."""
    left = [label for label in dict.fromkeys(labels) if label]
    for frequent in FREQUENT:
        if len(left) > 1 and frequent in left:
            left.remove(frequent)
    return schema.join_tokens(left)


def read(tree: Tree, report: Report, labels: Labels) -> pd.DataFrame:
    """One line per stain file; the green one carries the field's labels, if it has any."""
    from cytoimagenet_tfds.sources import joins

    files = tree.match(_IMAGE, report)
    fields = listed_fields(tree, report, labels)
    if files.empty or fields is None:
        return files
    files["id"] = files["id"].str.lower()
    files["channel"] = files["channel"].str.lower()
    files["field"] = files["id"]
    files["canonical"] = files["id"] + "_" + files["channel"] + ".png"
    files["group"] = "hpa:" + files["id"]
    cells = {cell: labels.visible(cell) for cell in fields["cell"].unique()}
    fields["cell_visible"] = fields.pop("cell").map(cells)
    lines = joins.join(files, fields, ["id"], report, "the tables of fields")
    lines["cell_visible"] = lines["cell_visible"].where(lines["channel"] == "green", "")
    return lines.drop(columns="id")


def listed_fields(tree: Tree, report: Report, labels: Labels) -> pd.DataFrame | None:
    """Returns one line per field of both tables, or None where the training table is not there.

    Columns: `id`, lower case, and `cell`, the structure numbers as published, '' for test fields.
    """
    import pandas as pd

    columns = (labels.id_column, labels.label_column)
    train = tree.table(labels.table, columns, report)
    if train is None:
        return None
    fields = pd.DataFrame({"id": train[columns[0]].str.lower(), "cell": train[columns[1]]})
    odd = fields["cell"].map({cell: labels.is_odd(cell) for cell in fields["cell"].unique()})
    if odd.any():
        report.note(
            "unknown label",
            f"{wording.counted(int(odd.sum()), 'line')} of {labels.table} with something else than "
            f"numbers from 0 to {len(labels.structures) - 1} with {labels.separator!r} between "
            "them.",
            fields.loc[odd, "id"].tolist(),
        )
    test = tree.table(labels.test_table, columns[:1], report, needed=False)
    if test is None:
        return fields
    rest = test[columns[0]].str.lower().drop_duplicates()
    rest = rest[~rest.isin(fields["id"])]
    return pd.concat([fields, pd.DataFrame({"id": rest, "cell": ""})], ignore_index=True)
