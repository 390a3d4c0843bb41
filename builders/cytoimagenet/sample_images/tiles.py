"""Reading tiles: what all sources of the sample share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.sources.report import Report
    from cytoimagenet_tfds.sources.tree import Tree

DATABASE = "Python Package Index"


def read(tree: Tree, report: Report, *, pattern: str) -> pd.DataFrame:
    """One line per file; the tile is the site and the group.

    All channels and all frames of one place of the photograph lie in one group. Tiles beside each
    other still come from one photograph.

    Args:
      tree: the folder.
      report: gets the files that do not fit.
      pattern: finds `field` (the file name without channel and suffix) and `site` (the tile), and
        `channel` where there are several.
    """
    files = tree.match(pattern, report)
    if files.empty:
        return files
    files["canonical"] = files["path"].str.rsplit("/", n=1).str[-1]
    files["group"] = files["site"]
    return files
