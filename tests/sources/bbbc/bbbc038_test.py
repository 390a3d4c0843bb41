from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image
from trees import _write, bbbc038

from cytoimagenet_tfds import sources
from cytoimagenet_tfds.sources.bbbc import _stained

REAL = ("bbbc038", "lopuhin+kaggle-dsbowl-2018-dataset-fixes", "stage1_train")
PAGE = ("bbbc038", "broadinstitute+imaging-bbbc", "htdocs", "BBBC038")


def grey(value: int, count: int = 1) -> np.ndarray:
    return np.full((8, 8, count), value, np.uint8)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (grey(0, 3), "dark"),
        (grey(63, 3), "dark"),
        (grey(64, 3), "bright"),
        (grey(200, 4), "bright"),
        (grey(200)[..., 0], "bright"),
        (np.dstack([grey(200), grey(196), grey(200)]), "bright"),
        (np.dstack([grey(200), grey(195), grey(200)]), "stained"),
        (np.dstack([grey(0), grey(120), grey(0)]), "dark"),
        (grey(200, 4) - np.uint8([0, 0, 0, 100]), "bright"),
        (np.full((8, 8), 4095, np.uint16), "dark"),
        (np.full((8, 8), 60000, np.uint16), "bright"),
    ],
)
def test_look(image, expected):
    assert _stained.look(image) == expected


def test_page_examples_are_told_apart(shared_data):
    """Examples 2 and 5 are the stained ones, by eye."""
    found = []
    for number in range(1, 6):
        with Image.open(shared_data(*PAGE, f"BBBC038exampleimage{number}.png")) as image:
            found.append(_stained.look(np.asarray(image)))
    assert found == ["dark", "stained", "dark", "dark", "stained"]


def test_real_files_and_their_masks(tmp_path, shared_data):
    shutil.copytree(shared_data(*REAL), tmp_path / "stage1_train")
    rows, report = sources.get("bbbc038").table_and_report(tmp_path)
    folders = sorted(folder.name for folder in (tmp_path / "stage1_train").iterdir()
                     if (folder / "images").is_dir())  # fmt: skip
    assert list(rows["key"]) == [f"bbbc038/{name}.png" for name in folders]
    assert set(rows["excluded"]) == {""}
    assert set(rows["microscopy"]) == {"fluorescence"}
    assert {f.kind for f in report.findings} == {"left out", "count"}


def test_unpacked_without_a_folder_for_the_stage(tmp_path):
    path = bbbc038.path("stage1_train", bbbc038.DARK).removeprefix("stage1_train/")
    _write.image(tmp_path, path, array=bbbc038.rgba(0, 30))
    rows = sources.get("bbbc038").table(tmp_path)
    assert list(rows["key"]) == [f"bbbc038/{bbbc038.DARK}.png"]
    assert list(rows["batch"]) == [""]


def test_a_file_that_cannot_be_read_stays_a_row(tmp_path):
    _write.raw(tmp_path, bbbc038.path("stage1_train", bbbc038.DARK), b"\x89PNG\r\n\x1a\nbroken")
    rows = sources.get("bbbc038").table(tmp_path)
    assert list(rows["excluded"]) == [""]
    assert list(rows["microscopy"]) == ["brightfield|fluorescence"]
