"""FiftyOne's format FiftyOneImageClassificationDataset, one folder per split.

`<split>/data/...png` and `<split>/labels.json`, which gives every image its class and, as
attributes of the class, its other columns. The format: https://docs.voxel51.com, "Importing data",
FiftyOneImageClassificationDataset. FiftyOne itself is not needed to write it.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cytoimagenet_tfds.prepared import Example, Prepared

_UNUSUAL = re.compile(r"[^a-z0-9]+")  # of a label in the name of a folder
_LONGEST = 60
_LOAD = """\
from pathlib import Path

import fiftyone as fo

folder = Path(__file__).parent
dataset = fo.Dataset({name!r})
for split in {splits!r}:
    dataset.add_dir(
        str(folder / split), dataset_type=fo.types.FiftyOneImageClassificationDataset, tags=split
    )
print(dataset)
# To look at it: fo.launch_app(dataset).wait()
"""


class Format:
    """Writes `labels.json` of every split line by line.

    Args:
      root: folder of the export.
      dataset: the dataset.
    """

    def __init__(self, root: Path, dataset: Prepared) -> None:
        self._root, self._dataset = root, dataset
        self._files: dict[str, IO[str]] = {}

    def add(self, split: str, number: int, example: Example) -> None:
        """Writes the image, and its entry, which names it without its ending."""
        name = f"{folder_of(example.values.get('label', ''))}/{number:07d}"
        path = self._root / split / "data" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(example.stored)
        separator = ",\n"
        if split not in self._files:
            separator = ""
            opened = (self._root / split / "labels.json").open("w", encoding="utf-8")
            # Labels stand as text below, so no list of classes is needed to read numbers.
            opened.write('{"classes": null, "labels": {\n')
            self._files[split] = opened
        self._files[split].write(f"{separator}{json.dumps(name)}: {json.dumps(_target(example))}")

    def close(self) -> None:
        """Ends the files, and says how to load them."""
        for file in self._files.values():
            file.write("\n}}\n")
            file.close()
        text = _LOAD.format(name=self._dataset.name, splits=sorted(self._files))
        (self._root / "load.py").write_text(text, encoding="utf-8")


def _target(example: Example) -> Any:
    """Returns a class with attributes; without classes one entry per label value of the image."""
    attributes = {
        name: value
        for name, value in example.values.items()
        if name != "label" and value not in ("", []) and not _is_nan(value)
    }
    if "label" in example.values:
        return {"label": example.values["label"], "attributes": attributes}
    return [{"label": label, "attributes": attributes} for label in example.values["labels"]]


def folder_of(label: str) -> str:
    """Returns a folder name that every file system takes; two labels may share one."""
    return _UNUSUAL.sub("_", label.lower()).strip("_")[:_LONGEST] or "images"


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
