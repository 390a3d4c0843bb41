"""Real tables joined to the file names their studies have: every well is found, once."""

from __future__ import annotations

import gzip
import re
from collections import Counter

import pandas as pd
import pytest

from cytoimagenet_tfds.sources.idr import _labels, _screen, idr0016, idr0088


def _read(path, **options) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", keep_default_na=False, **options)


def _places(path) -> dict[str, str]:
    """plates.tsv -> plate -> folder below the study."""
    lines = (sorted(line.split("\t"), key=lambda cell: cell[0] == "/")
             for line in path.read_text().splitlines())  # fmt: skip
    return {plate: place.strip().split("/", 5)[5].strip("/") for plate, place in lines}


def _padded(well: str) -> str:
    return f"{well[0]}{int(well[1:]):02d}"


def _kinds_of(report) -> set[str]:
    return {finding.kind for finding in report.findings} - {"missing channel", "count"}


def test_idr0003_every_well(shared_data, real_rows):
    plates = _places(shared_data("idr", "idr0003", "idr0003-screenA-plates.tsv"))
    names = [
        f"{folder}/A1--W{well:05d}--P00001--Z00000--T00000--GFP.tif"
        for folder in plates.values()
        for well in range(1, 385)
    ]
    table, report = real_rows("idr0003", names)
    assert len(table) == 32_640
    assert _kinds_of(report) == set()
    assert set(table["plate"]) == set(plates)
    assert (table["gene"] != "").sum() == 31_170
    assert (table["control"] == "possibly empty").sum() == 1_470
    assert Counter(table["compound"]) == {
        "": 19_584, "dithiothreitol": 6_528, "hydrogen peroxide": 6_528,
    }  # fmt: skip
    values = table["phenotype"].str.split("|").explode()
    assert (values != "").sum() == 27_474
    assert (values == "gfp localization: below threshold").sum() == 4_527
    assert not table["cell_visible"].str.contains("below|ambiguous|technical").any()
    assert (table.groupby("group").size() == 1).all()


def test_idr0009_every_well_of_the_validation_screen(shared_data, real_rows):
    wells = _read(shared_data("idr", "idr0009", "idr0009-screenB-annotation.at-2015-12-10.csv.gz"))
    names = [
        f"VSVG/{plate}/data/A1--W{int(number):05d}--P00001--Z00000--T00000--dapi.tif"
        for plate, number in zip(wells["Plate"], wells["Well Number"], strict=True)
    ]
    table, report = real_rows("idr0009", names)
    assert len(table) == 26_880
    assert _kinds_of(report) == {"contradicting lines"}
    assert (table["sirna"] != "").sum() == 20_197
    assert (table["phenotype"] != "").sum() == 5_867
    assert table["gene"].value_counts()["copb1 targeted"] == 560  # Q24546 and 24546
    assert table["control"].value_counts()["negative"] == 944 + 176


@pytest.fixture(scope="module")
def screens():
    """Returns a function: paths of real `.screen` lists -> their files."""

    def files(paths) -> dict[str, list[_screen.ListedFile]]:
        read = {path.name[:5]: gzip.decompress(path.read_bytes()).decode() for path in paths}
        return {plate: list(_screen.files(text)) for plate, text in read.items()}

    return files


FIELDS = {"24277": 2304, "24278": 2304, "25723": 2304, "26579": 1998}


def test_idr0016_screen_lists(shared_data, screens, real_rows):
    listed = screens(sorted(shared_data("idr", "idr0016").glob("*.screen.gz")))
    assert {plate: len(files) for plate, files in listed.items()} == {
        plate: 5 * count for plate, count in FIELDS.items()
    }
    pattern = re.compile(idr0016.IMAGE, re.IGNORECASE)
    for plate, files in listed.items():
        for file in files:
            name = pattern.search(file.path)
            assert name is not None, file.path
            assert (file.plate, name["plate"]) == (plate, plate)
            assert name["well"].upper() == file.well
    below = [file.path.split("/", 5)[5] for files in listed.values() for file in files]
    table, report = real_rows("idr0016", below)
    assert Counter(table["plate"]) == FIELDS
    assert (table["missing"] == "").all()
    assert _kinds_of(report) == {"doubled field", "not in table"}  # both about 25723
    assert (table["compound"] == "").groupby(table["plate"]).all().to_dict() == {
        plate: plate == "25723" for plate in FIELDS
    }
    assert (table.loc[table["compound"] == "dmso", "control"] == "negative").all()


def test_idr0016_channels_of_doubled_fields_go_together_as_in_idr(shared_data, screens, real_rows):
    listed = screens([shared_data("idr", "idr0016", "25723.screen.gz")])["25723"]
    fields: dict[tuple[str, int], set[str]] = {}
    for file in listed:
        fields.setdefault((file.well, file.field), set()).add(file.path.split("/", 5)[5])
    table, _ = real_rows("idr0016", [path for paths in fields.values() for path in paths])
    ours = {frozenset(text.split("|")) for text in table["files"]}
    assert ours == {frozenset(paths) for paths in fields.values()}


def test_idr0017_plate_maps_of_the_authors(shared_data, real_rows):
    folder = shared_data("idr", "idr0017")
    plates = _places(folder / "idr0017-screenA-plates.tsv")
    names = [
        f"{place.rsplit('/', 1)[0]}/{row} - {column}(fld 1 wv DAPI - DAPI).tif"
        for place in plates.values()
        for row in "ABCDEFGHIJKLMNOP"
        for column in range(1, 25)
    ]
    table, report = real_rows("idr0017", names)
    assert len(table) == 36_864
    assert _kinds_of(report) == set()
    assert set(table["plate"]) == set(plates)  # the names rebuilt from the folders
    counts = Counter(table["compound"])
    assert counts["dmso"] == 960
    assert counts["dapt"] == 384
    assert {counts[name] for name in ("taxol", "pd 98,059", "u0126")} == {408}
    assert Counter(table["control"]) == {
        "": 30_720, "positive": 3_648, "empty": 1_536, "negative": 960,
    }  # fmt: skip
    assert not (table["phenotype"] == "na").any()
    mapping = _read(next(folder.glob("*platename_mappings*")), sep="\t")
    rebuilt = dict(
        zip(table["group"].str.split(":|/", regex=True).str[1], table["plate"], strict=True)
    )
    named = zip(mapping["OriginalPlateName"], mapping["PlateNameReadable"], strict=True)
    assert rebuilt == dict(named)


def test_idr0021_every_image(shared_data, real_rows):
    folder = shared_data("idr", "idr0021")
    lines = _read(folder / "idr0021-experimentA-annotation.csv")
    paths = _read(folder / "idr0021-experimentA-filePaths.tsv", sep="\t", header=None)
    below = {
        dataset.removeprefix("Dataset:name:"): place.split("/", 5)[5].strip("/")
        for dataset, place in zip(paths[0], paths[1], strict=True)
    }
    names = [
        f"{below[dataset]}/{name}"
        for dataset, name in zip(lines["Dataset Name"], lines["Image Name"], strict=True)
    ]
    table, report = real_rows("idr0021", names)
    assert len(table) == 414
    assert report.findings == []
    assert table["gene"].value_counts()["tubg1 targeted"] == 80
    # The column Channels tells the stain of 893 of the 935 planes that IDR counts.
    assert table["files"].str.count(r"\|").add(1).sum() == 893
    assert table["group"].nunique() == lines["Image Name"].nunique()


def test_idr0037_plates_of_both_studies(shared_data, real_rows):
    folder = shared_data("idr", "idr0037")
    plates = _places(folder / "idr0037-screenA-plates.tsv")
    lines = _read(folder / "idr0037-screenA-annotation.csv")
    names = [
        f"{plates[plate].rsplit('/', 1)[0]}/r{int(row):02d}c{int(column):02d}"
        "f01p01-ch1sk1fk1fl1.tiff"
        for plate, row, column in zip(
            lines["Plate"], lines["Plate Row"], lines["Plate Column"], strict=True
        )
    ]
    assert sum("20170421-original" in folder for folder in plates.values()) == 29
    table, report = real_rows("idr0037", names)
    assert len(table) == 3_303
    assert _kinds_of(report) == set()
    assert table["plate"].nunique() == 69
    assert table["cell_type"].nunique() == 115
    assert table["cell_type"].value_counts()["a1atd-ipsc patient 1"] == 573
    assert (table["compound"] == "fibronectin").sum() == 3_212
    assert Counter(table["concentration"].dropna()) == {1.0: 1_071, 5.0: 1_071, 25.0: 1_070}


def test_idr0041_paths_of_the_first_submission(shared_data, real_rows):
    name = "idr0041-experimentA-filePaths.subset.at-2018-03-14.tsv"
    paths = _read(shared_data("idr", "idr0041", name), sep="\t", header=None)[1]
    table, report = real_rows("idr0041", [path.split("/", 5)[5] for path in paths])
    assert len(table) == 560  # of 1,680 files: masks and concentration maps are derived
    assert report.findings == []
    assert set(table["gene"]) == {"kif11 targeted"}
    assert (table.groupby("group").size() == 40).all()  # a cell is 40 time points


def test_idr0072_every_well_through_plates_tsv(shared_data, real_rows):
    names = []
    for screen in "AB":
        stem = f"idr0072-screen{screen}"
        plates = _places(shared_data("idr", "idr0072", f"{stem}-plates.tsv"))
        lines = _read(shared_data("idr", "idr0072", f"{stem}-annotation.csv"))
        for plate, well in zip(lines["Plate"], lines["Well"], strict=True):
            row = ord(well[0]) - ord("A") + 1
            names.append(f"{plates[plate]}/{row:03d}{int(well[1:]):03d}001.flex")
    table, report = real_rows("idr0072", names)
    assert len(table) == 669 + 5_473
    assert report.findings == []
    assert table["plate"].nunique() == 94
    assert Counter(table["organism"]) == {"mouse": 5_473, "human": 669}
    assert table["gene"].value_counts()["vamp5 targeted"] == 76 + 104
    assert (table["gene"] == "").sum() == 35 + 286  # the tripeptide is no gene
    assert table["cell_visible"].str.startswith("nucleus").all()


def test_idr0081_screens_that_image_the_same_plates(shared_data, real_rows):
    names = []
    for screen in "ABCDE":
        stem = f"idr0081-screen{screen}"
        plates = _places(shared_data("idr", "idr0081", f"{stem}-plates.tsv"))
        lines = _read(shared_data("idr", "idr0081", f"{stem}-annotation.csv"))
        for plate, well in zip(lines["Plate"], lines["Well"], strict=True):
            folder, prefix = plates[plate].rsplit("/", 1)
            uzh = f"{prefix.removesuffix('.HTD')}_{_padded(well)}_w1.TIF"
            epfl = f"{well[0]} - {_padded(well)[1:]}(fld 1 wv DAPI - DAPI).tif"
            names.append(f"{folder}/{uzh if 'Data_UZH' in folder else epfl}")
    table, report = real_rows("idr0081", names)
    assert len(table) == 3 * 768 + 2 * 6_144
    assert _kinds_of(report) == set()
    assert Counter(table.groupby("group").size()) == {1: 768, 2: 768 + 6_144}
    assert (table.groupby("group")["compound"].nunique() == 1).all()
    assert Counter(table["control"]) == {"": 10_240, "negative": 2_560, "positive": 1_792}


def test_idr0088_labels_of_all_wells(shared_data, real_tables):
    meta = real_tables("idr0088")
    table = meta.read(idr0088.ANNOTATIONS)
    wells = table[["plate", "well"]].iloc[::-1]
    labelled = _labels.label(wells, meta, (idr0088.ANNOTATIONS,))
    assert len(labelled) == 317_430
    assert meta.report.findings == []
    assert (labelled["compound"] == "DMSO").sum() == 33_568
    moa = labelled["phenotype"].str.split("|").explode()
    assert moa.str.lower().nunique() == 220  # the empty one counted
    assert labelled["cell_type"].value_counts()["HepG2"] == 106_327


@pytest.mark.parametrize("dir_name", ["idr0088", "idr0093"])
def test_every_plate_of_a_cell_voyager_study(dir_name, shared_data, real_rows):
    text = shared_data("idr", dir_name, f"{dir_name}-screenA-plates.tsv").read_text()
    paths = [line.split("\t")[0].split("/", 5)[5] for line in text.splitlines()]
    folders = [path.rsplit("/", 1)[0] for path in paths]
    names = [f"{folder}/x_B02_T0001F001L01A01Z01C01.tif" for folder in folders]
    table, _ = real_rows(dir_name, names)
    assert len(table) == table["plate"].nunique() == len(folders)
    assert (table["excluded"] == "").all()
