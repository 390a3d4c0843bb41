"""How a study's metadata tables are declared, and the headers IDR uses in most of them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

Headers = tuple[str, ...]


PLATE: Headers = ("Plate", "Plate Name")
WELL: Headers = ("Well", "Well Name")
ON_WELLS: Mapping[str, Headers] = {"plate": PLATE, "well": WELL}
CONTROL: Headers = ("Control Type",)
GENE: Headers = ("Gene Symbol", "Gene Symbol (Ensembl 81)", "Gene Symbol (Ensembl 61)")
CELL_LINE: Headers = ("Characteristics [Cell Line]",)
ORGANISM: Headers = ("Characteristics [Organism]", "Characteristics [Organism 1]")
# 'Phenotype', 'Phenotype 1' ..., but not 'Phenotype 1 Term Name' or 'Phenotype Annotation Level'.
PHENOTYPES = r"phenotype( \d+)?"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """Tables of one kind, in every revision: `annotation`, `library`, `processed` ...

    Attributes:
      stem: regular expression of the start of the file name; what follows is its revision.
      keys: column of ours the table is joined on -> headers that hold it, best first.
      columns: column of ours it fills -> headers, best first; an empty cell takes the next.
      pooled: column of ours -> regular expression of headers (lower case, words only) whose
        values are joined by `|`.
      blank: cells that say nothing, lower case (`na`, `null`).
      where: where to get it.
      needed: False for tables that only add to others: nobody is told where they lack.
      unlisted: True for tables that fill only what no earlier table speaks of: an empty cell of an
        earlier one stays empty.
    """

    stem: str
    keys: Mapping[str, Headers] = dataclasses.field(default_factory=lambda: ON_WELLS)
    columns: Mapping[str, Headers] = dataclasses.field(default_factory=dict)
    pooled: Mapping[str, str] = dataclasses.field(default_factory=dict)
    blank: frozenset[str] = frozenset()
    where: str = ""
    needed: bool = True
    unlisted: bool = False

    @property
    def filled(self) -> tuple[str, ...]:
        """The columns of ours the table fills."""
        return (*self.columns, *self.pooled)


def words(header: str) -> str:
    """Returns what two spellings of a header share: its letters and digits.

    Over the years ` %% url=...` was glued to names, and letter case and brackets changed.

    >>> words('Gene Identifier %%  url=http://www.ensembl.org/id/%s')
    'gene identifier'
    >>> words('Experimental Condition [environmental stress]')
    'experimental condition environmental stress'
    """
    return " ".join(re.findall(r"[a-z0-9]+", header.split("%%")[0].lower()))
