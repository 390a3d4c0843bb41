"""The ids that are published with the dataset, and what a pretrained model has seen of them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from etils import epath

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.sources.kaggle import kag_hpa_single

if TYPE_CHECKING:
    import pandas as pd

NAME = "ids.csv"
COLUMNS = (
    "id", "dir_name", "group", "split", "fold", "structures", "duplicate_of", "in_hpa_2021",
)  # fmt: skip
_KEY = re.compile(r"^kag_hpa(?:_single)?/([0-9a-f-]{36})_")


def write(plan: pd.DataFrame, folder: epath.Path) -> None:
    """Writes `ids.csv`: one line per planned image, sorted by id."""
    table = plan[list(COLUMNS)].sort_values(["dir_name", "id"])
    (folder / NAME).write_text(table.to_csv(index=False, lineterminator="\n"))


def of_2021(base: epath.Path) -> frozenset[str] | None:
    """Returns the ids of the competition of 2021, None where its table is not below `base`."""
    from cytoimagenet_tfds.sources.tree import Tree

    labels = kag_hpa_single.LABELS
    folder = base / kag_hpa_single.SOURCE.dir_name
    for name in (labels.table, f"{labels.table}.gz", f"{labels.table}.zip"):
        if (folder / name).exists():
            table = Tree(folder).read_table(name)
            break
    else:
        return None
    if labels.id_column not in table:
        raise errors.TableError(f"{folder / name} has no column {labels.id_column!r}.")
    return frozenset(table[labels.id_column].str.lower())


def seen(dataset: str | os.PathLike[str], pretraining: str | os.PathLike[str]) -> pd.DataFrame:
    """Returns `ids.csv` with a column `seen`: whether CytoImageNet holds the image too.

    Args:
      dataset: folder of a prepared hpa_classification (with version).
      pretraining: folder of a prepared cytoimagenet (with version); an image of any stain counts.

    Raises:
      BuildError: one of the two has no list of its images.
    """
    import pandas as pd

    from cytoimagenet_tfds.build import report

    paths = epath.Path(dataset) / NAME, epath.Path(pretraining) / report.TABLE_NAME
    problems = errors.Problems()
    for path in paths:
        if not path.exists():
            problems.add(f"{path} is not there.")
    problems.raise_if_any(errors.BuildError, "The two datasets cannot be compared:")
    ids = pd.read_csv(paths[0], dtype={"id": "str", "structures": "str", "duplicate_of": "str"})
    rows = pd.read_parquet(paths[1], columns=["key", "written"])
    found = (_KEY.match(key) for key in rows.loc[rows["written"] > 0, "key"])
    known = {match.group(1) for match in found if match}
    return ids.assign(seen=ids["id"].isin(sorted(known)))
