"""Kaggle downloads go through kagglehub, with the user's own login."""

from __future__ import annotations

import builtins
import sys
import types
from pathlib import Path

import pytest

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.fetch import kaggle, run


@pytest.fixture
def hub(tmp_path: Path, monkeypatch) -> types.ModuleType:
    """Stands for kagglehub: a cache folder per handle, and what was asked for."""
    module = types.ModuleType("kagglehub")
    cache = tmp_path / "cache"
    (cache / "train").mkdir(parents=True)
    (cache / "train" / "a.png").write_bytes(b"a")
    module.asked = []  # type: ignore[attr-defined]

    def download(kind: str):
        def call(handle: str) -> str:
            module.asked.append((kind, handle))  # type: ignore[attr-defined]
            return str(cache)

        return call

    module.competition_download = download("competition")  # type: ignore[attr-defined]
    module.dataset_download = download("dataset")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kagglehub", module)
    return module


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("kag_hpa_single", ("competition", "hpa-single-cell-image-classification")),
        ("kag_leukemia", ("dataset", "andrewmvd/leukemia-classification")),
        ("kag_cell_cycle", ("dataset", "paultimothymooney/cell-cycle-experiments")),
    ],
)
def test_each_kaggle_source_asks_for_its_page(hub, tmp_path: Path, name: str, asked) -> None:
    folder = tmp_path / "raw" / name
    assert run.fetch_kaggle(sources.get(name), str(folder))
    assert hub.asked == [asked]
    assert (folder / "train" / "a.png").read_bytes() == b"a"


def test_a_refusal_says_what_to_do(hub, tmp_path: Path) -> None:
    def refuse(handle: str) -> str:
        raise PermissionError("403 Client Error")

    hub.competition_download = refuse
    with pytest.raises(errors.FetchError, match=r"403.*Log in.*accept its rules"):
        kaggle.download("https://www.kaggle.com/c/x", tmp_path / "x")


def test_without_kagglehub_the_extra_is_named(tmp_path: Path, monkeypatch) -> None:
    real = builtins.__import__

    def absent(name: str, *args: object, **options: object) -> object:
        if name == "kagglehub":
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.delitem(sys.modules, "kagglehub", raising=False)
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(errors.FetchError, match=r"cytoimagenet-tfds\[kaggle\]"):
        kaggle.download("https://www.kaggle.com/c/x", tmp_path / "x")


def test_kaggle_does_not_write_to_a_bucket(hub) -> None:
    with pytest.raises(errors.FetchError, match="local folder"):
        run.fetch_kaggle(sources.get("kag_leukemia"), "s3://bucket/kag_leukemia")
