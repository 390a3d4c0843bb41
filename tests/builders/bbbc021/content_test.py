from __future__ import annotations

import collections
import re
import zipfile

import numpy as np
import pytest
import tifffile
from trees_benchmarks import bbbc021 as simulated

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.builders.bbbc021 import content, tables
from cytoimagenet_tfds.sources.report import Report
from cytoimagenet_tfds.sources.tree import Tree


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("bbbc021")
    simulated.make(root)
    return root


@pytest.fixture(scope="module")
def real(shared_data):
    """The real tables at full length."""
    folder = shared_data("bbbc021", "cytomining+cytominergallery", "inst", "extdata")
    report = Report()
    table = tables.read(Tree(folder), report)
    assert report.fatals == []
    return table


def read(root, wells="annotated", plates=tuple(simulated.PREFIX)):
    return content.read(root, wells, plates)


def test_real_tables_have_13200_sites_of_55_plates(real):
    assert len(real) == 13_200
    assert set(real["plate"]) == set(tables.PLATES)
    assert len(tables.PLATES) == 55
    assert real["key"].is_unique
    assert real["week"].nunique() == 10
    assert real["compound"].nunique() == 113


@pytest.mark.parametrize(
    ("wells", "images", "left_out"),
    [
        ("annotated", 2_528, {"no known mechanism": 9_352, "taxol control well": 1_320}),
        ("with_taxol_controls", 3_848, {"no known mechanism": 9_352}),
        ("all_wells", 13_200, {}),
    ],
)
def test_real_tables_give_the_known_number_of_images(real, wells, images, left_out):
    reasons = content._left_out(real, wells)
    assert {reason: int(rows.sum()) for reason, rows in reasons.items()} == left_out
    assert len(real) - sum(left_out.values()) == images


def test_real_table_without_taxol_controls_is_that_of_ljosa(real):
    kept = real[(real["moa"] != "") & (real["control"] != "positive")]
    assert len(kept[["plate", "well"]].drop_duplicates()) == 632
    treated = kept[kept["control"] == ""]
    treatments = treated[["compound", "concentration", "moa"]].drop_duplicates()
    assert len(treatments) == 103
    assert treatments["compound"].nunique() == 38
    counts = treatments["moa"].value_counts()
    assert counts["Microtubule destabilizers"] == 14
    assert counts["Kinase inhibitors"] == 5
    taxol = treated[(treated["compound"] == "taxol") & (treated["concentration"] == 0.3)]
    wells = taxol[["plate", "well"]].drop_duplicates()
    assert sorted(map(tuple, wells.to_numpy())) == [
        ("Week1_22123", "D05"), ("Week1_22141", "D05"), ("Week1_22161", "D05"),
    ]  # fmt: skip


def test_controls_of_a_plate(real):
    plate = real[real["plate"] == "Week9_39221"].drop_duplicates("well").set_index("well")
    roles = plate.loc[plate["control"] != "", "control"].to_dict()
    assert roles == {
        **dict.fromkeys(("B02", "C02", "D02", "E11", "F11", "G11"), "negative"),
        **dict.fromkeys(("B11", "C11", "D11", "E02", "F02", "G02"), "positive"),
    }  # fmt: skip


def test_keys_and_facts_of_a_site(root):
    found = {field.key: field for field in read(root).fields}
    field = found["Week7_34341/C05_s4"]
    assert field.label == "Protein synthesis"
    files = field.columns.pop("files").split("|")
    assert [file.split("/")[-1].split("_w")[1][0] for file in files] == ["1", "2", "4"]
    assert all("BBBC021_v1_images_Week7_34341.zip/Week7_34341/" in file for file in files)
    assert field.columns == {
        "moa": "Protein synthesis", "compound": "emetine", "concentration": 0.3,
        "smiles": "CCC1CN2CCc3cc", "control": "", "plate": "Week7_34341", "week": "Week7",
        "well": "C05", "site": "4", "replicate": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wells", "per_plate"),
    [
        ("annotated", {"B02": 2, "E11": 2, "C05": 2, "D05": 2}),
        ("with_taxol_controls", {"B02": 2, "E11": 2, "C05": 2, "D05": 2, "B11": 2, "E02": 2}),
    ],
)
def test_taxol_control_wells_are_left_out_unless_asked_for(root, wells, per_plate):
    found = read(root, wells, ["Week1_22123"])
    assert collections.Counter(f.columns["well"] for f in found.fields) == per_plate
    control = {f.columns["control"] for f in found.fields if f.columns["well"] == "E02"}
    assert control == ({"positive"} if "E02" in per_plate else set())
    assert {f.label for f in found.fields if f.columns["well"] == "B02"} == {"DMSO"}


def test_wells_without_mechanism_have_no_class(root):
    labels = {f.columns["compound"]: f.label for f in read(root, "all_wells").fields}
    assert labels["5-fluorouracil"] == ""


def test_channels_are_stacked_in_order_from_archives_as_from_folders(root, tmp_path):
    plate = list(simulated.PREFIX)[-1]
    with zipfile.ZipFile(root / f"BBBC021_v1_images_{plate}.zip") as archive:
        archive.extractall(tmp_path)
    for table in root.glob("*.csv"):
        (tmp_path / table.name).write_bytes(table.read_bytes())
    packed, unpacked = (
        {f.key: f.read() for f in read(folder, plates=[plate]).fields}
        for folder in (root, tmp_path)
    )
    image = packed[f"{plate}/C05_s1"]
    assert image.shape == (12, 16, 3)
    assert image.dtype == np.uint16
    for number, wave in enumerate((1, 2, 4)):
        path = tmp_path / plate / simulated.name(plate, "C05", 1, wave)
        assert (image[..., number] == tifffile.imread(path)).all()
    assert packed.keys() == unpacked.keys()
    assert all((packed[key] == unpacked[key]).all() for key in packed)


def test_absent_plates_are_named(root):
    found = read(root, plates=["Week1_22123", "Week2_24121", "Week9_39221"])
    assert "2 of 3 plates have no folder: Week2_24121, Week9_39221." in found.report.fatals[0]


def test_a_file_that_is_not_there_rejects_its_site_alone(tmp_path):
    simulated.make(tmp_path)
    plate = "Week1_22141"
    folder = tmp_path / f"BBBC021_v1_images_{plate}" / plate
    (folder / simulated.name(plate, "C05", 1, 2)).unlink()
    fields = {f.key: f for f in read(tmp_path).fields}
    with pytest.raises(errors.ImageError, match="No file for the channel Tubulin") as caught:
        fields[f"{plate}/C05_s1"].read()
    assert caught.value.reason == "missing channel"
    assert fields[f"{plate}/C05_s4"].read().shape == (12, 16, 3)


def _edit(root, old, new, name="BBBC021_v1_image.csv"):
    simulated.make(root)
    path = root / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return read(root).report.fatals


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",B02,1,DMSO", ",B03,1,DMSO", "that contradict the line"),
        ("_w1", "_w3", "that contradict the line"),
        ("3e-1", "much", r"1 cell is no number.*'much'"),
        ("Image_Metadata_Compound", "Compound", r"lacks the columns"),
    ],
)
def test_a_broken_image_table_stops_with_the_reason(tmp_path, old, new, message):
    (fatal, *_) = _edit(tmp_path, old, new)
    assert re.search(message, fatal)


def test_an_unknown_mechanism_stops(tmp_path):
    fatals = _edit(tmp_path, "Protein synthesis", "Protein synthesys", "BBBC021_v1_moa.csv")
    assert fatals[0].startswith("BBBC021_v1_moa.csv: 'Protein synthesys' is none of Actin")


def test_structures_are_not_needed(tmp_path):
    simulated.make(tmp_path)
    (tmp_path / "BBBC021_v1_compound.csv").unlink()
    found = read(tmp_path)
    assert found.report.fatals == []
    assert {f.columns["smiles"] for f in found.fields} == {""}
