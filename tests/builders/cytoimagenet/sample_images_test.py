"""The raw images of the sample config: complete, honest, enough classes, small."""

from __future__ import annotations

import fnmatch
import hashlib
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from cytoimagenet_tfds import curation, files, images, schema, tables
from cytoimagenet_tfds.builders.cytoimagenet import sample_images as sample

SOURCES = sample.sources()
REPOSITORY = Path(__file__).resolve().parents[3]

each_source = pytest.mark.parametrize("source", SOURCES, ids=sample.NAMES)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    read = [source.table_and_report(sample.root() / source.dir_name) for source in SOURCES]
    assert [str(finding) for _, report in read for finding in report.findings] == []
    return pd.concat([rows for rows, _ in read], ignore_index=True)


@pytest.fixture(scope="module")
def plan(table) -> pd.DataFrame:
    return curation.plan(table, sample.curation())


def image_paths(dir_name: str) -> list[Path]:
    folder = sample.root() / dir_name
    return sorted(p for p in folder.rglob("*") if p.suffix in (".tif", ".png", ".jpg"))


def test_sources_and_folders_are_the_same():
    folders = sorted(path.name for path in sample.root().iterdir() if path.is_dir())
    assert folders == list(sample.NAMES) == [source.dir_name for source in SOURCES]


@each_source
def test_declaration_is_complete(source):
    for field in ("name", "description", "licence_page", "manual"):
        assert getattr(source, field).strip(), f"{field} is empty"
    assert source.licence in ("Apache-2.0", "BSD-3-Clause", "CC0-1.0", "MIT")
    assert source.citation.startswith("@")
    assert source.homepage.startswith("https://pypi.org/project/")
    assert source.expected_files == len(image_paths(source.dir_name))


@each_source
def test_licence_text_lies_beside_the_images(source):
    text = (sample.root() / source.dir_name / "LICENSE.txt").read_text(encoding="utf-8")
    words = {
        "Apache-2.0": "Version 2.0, January 2004",
        "BSD-3-Clause": "Redistribution and use in source and binary forms",
        "CC0-1.0": "This image is CC0",
        "MIT": "Permission is hereby granted, free of charge",
    }
    assert words[source.licence] in text


@each_source
def test_table_is_complete(source, table):
    rows = table[table["dir_name"] == source.dir_name]
    tables.check(rows, "rows")
    assert len(rows) == source.expected_rows
    assert (rows["missing"] == "").all()
    named = [ref.path for text in rows["files"] for ref in files.split(text)]
    folder = sample.root() / source.dir_name
    assert sorted(named) == sorted(
        p.relative_to(folder).as_posix() for p in image_paths(source.dir_name)
    )


@each_source
def test_images_are_as_declared(source):
    for path in image_paths(source.dir_name):
        image = images.read(path)
        if source.image_size is not None:
            assert image.shape[:2] == source.image_size, path.name
        assert image.dtype == ("uint16" if path.suffix == ".tif" else "uint8"), path.name
        expected = "binary" if path.stem.endswith("_mask") else None
        assert images.rejection(images.merge([images.to_grey(image)])) == expected, path.name


def test_channels_of_the_neuron_are_merged_and_transmitted_light_is_not(table):
    neuron = table[table["dir_name"] == "sample_neuron"]
    assert set(neuron["channels"]) == {"f_ncoa4|f_ferritin|f_actin|f_nucleus"}
    scratch = table[table["dir_name"] == "sample_scratch"]
    assert dict(scratch["channels"].value_counts()) == {"f_nucleus": 20, "oblique": 20, "mask": 2}


def test_the_empty_gap_is_excluded(table):
    excluded = table[table["excluded"] != ""]
    assert list(excluded["key"]) == [
        "sample_scratch/t0_r0c2",
        "sample_scratch/t0_r0c2_oblique.tif",
    ]
    assert set(excluded["excluded"]) == {"empty"}


def test_no_image_stands_twice():
    paths = [path for name in sample.NAMES for path in image_paths(name)]
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    assert len(digests) == len(paths)


def test_classes_over_four_categories_stand_in_both_splits(plan):
    assert plan["label"].nunique() >= 8
    assert plan["category"].nunique() >= 4
    for label, rows in plan.groupby("label"):
        assert set(rows["split"]) == {"train", "validation"}, label


def test_a_label_is_a_value_of_its_row(plan):
    for row in plan.itertuples():
        assert row.label in schema.split_tokens(getattr(row, row.category))


def test_the_readme_shows_the_sample_as_it_is(plan):
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert f"Rows planned: {len(plan)}, " in readme
    assert f"\n{sorted(plan['label'].unique())}\n" in readme


def test_every_file_is_package_data():
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["cytoimagenet_tfds.builders"]
    found = [path for path in sample.root().rglob("*") if path.is_file()]
    assert [p for p in found if not any(fnmatch.fnmatch(f"x/{p.name}", q) for q in patterns)] == []


def test_sample_is_small():
    assert sum(p.stat().st_size for p in sample.root().rglob("*") if p.is_file()) < 6_000_000
