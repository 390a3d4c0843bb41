"""What the sets of the Broad Bioimage Benchmark Collection share: addresses, and label masks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

DATABASE = "Broad Bioimage Benchmark Collection"

# How the collection is cited; for sets without a paper of their own.
CITATION = """@article{ljosa2012annotated,
  title={Annotated high-throughput microscopy image sets for validation},
  author={Ljosa, V and Sokolnicki, K L and Carpenter, A E},
  journal={Nature Methods},
  volume={9},
  pages={637},
  year={2012},
  doi={10.1038/nmeth.2083}
}"""


def page(number: int) -> str:
    """Returns the address of a set's page: 5 -> 'https://bbbc.broadinstitute.org/BBBC005'."""
    return f"https://bbbc.broadinstitute.org/BBBC{number:03d}"


def address(number: int, file: str) -> str:
    """Returns the address of one of a set's downloads; `file` is percent-encoded already."""
    return f"https://data.broadinstitute.org/bbbc/BBBC{number:03d}/{file}"


def note_left_out(tree: Tree, report: Report, pattern: str, what: str) -> None:
    """Reports how many image files a reader knows and makes no row of, so that none just vanishes.

    Args:
      tree: the source's files.
      report: gets a finding `left out` if there are such files.
      pattern: regular expression of their paths, letter case ignored.
      what: what they are, in the plural ('label masks').
    """
    known = re.compile(pattern, re.IGNORECASE)
    found = [path for path in tree.image_files() if known.search(path)]
    if found:
        report.note("left out", f"{len(found):,} {what} are no rows.", found)
