"""Tables of measurements: levels, holes, and what does not fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.evaluation import tasks, wells
from cytoimagenet_tfds.evaluation.facts import Facts

PLATES = ("Week1_22123", "Week2_24121")
# Well -> compound, dose, mechanism; the second compound of each lies in the other week.
WELLS = {
    "B02": ("DMSO", 0.0, "DMSO"), "C02": ("DMSO", 0.0, "DMSO"), "D02": ("DMSO", 0.0, "DMSO"),
    "B03": ("emetine", 0.3, "Protein synthesis"), "B04": ("taxol", 1.0, "Microtubule stabilizers"),
}  # fmt: skip
OTHER = {"emetine": "anisomycin", "taxol": "docetaxel"}


def measured(**columns):
    rng = np.random.Generator(np.random.PCG64(0))
    lines = []
    for number, plate in enumerate(PLATES):
        for well, (compound, dose, moa) in WELLS.items():
            name = OTHER.get(compound, compound) if number else compound
            centre = {"DMSO": 0, "Protein synthesis": 9, "Microtubule stabilizers": -9}[moa]
            lines.append((plate, well, name, dose, moa, *rng.normal((centre, 1, 0))))
    names = ["plate", "well", "compound", "concentration", "moa", "Cells_A", "Cells_B", "Nuclei_C"]
    return pd.DataFrame(lines, columns=names).assign(**columns)


def read(frame, tmp_path, *annotations, dataset=None, beside=False, **options):
    paths = []
    for number, table in enumerate((frame, *annotations)):
        paths.append(tmp_path / f"t{number}.csv")
        table.to_csv(paths[-1], index=False)
    given = wells.Options(table=paths[0], annotations=tuple(paths[1:]), **options)
    return wells.read(given, dataset, beside=beside)


def hits(found, way="zscore"):
    results = tasks.results("bbbc021", found.table, found.facts, normalized=way)
    return [(int(r.correct.sum()), len(r.keys)) for r in results]


def test_a_table_that_says_everything_itself(tmp_path):
    found = read(measured(), tmp_path)
    assert found.table.keys.tolist() == sorted(f"{p}/{w}" for p in PLATES for w in WELLS)
    assert found.table.features.dtype == np.float64
    assert found.facts["week"].tolist() == ["Week1"] * 5 + ["Week2"] * 5
    assert found.facts["control"].tolist() == ["negative", "", "", "negative", "negative"] * 2
    assert hits(found) == [(4, 4), (4, 4)]
    assert found.notes[1] == "4 treated wells, 6 DMSO wells"


def test_order_of_the_rows_changes_nothing(tmp_path):
    cells = pd.concat([measured(ObjectNumber=n, Cells_A=measured()["Cells_A"] + 0.1 * n)
                       for n in range(7)])  # fmt: skip
    one = read(cells, tmp_path)
    other = read(cells.sample(frac=1, random_state=1), tmp_path)
    assert "70 rows, one per cell; 3 features, Cells_A to Nuclei_C" in one.notes[0]
    assert (one.table.features == other.table.features).all()
    np.testing.assert_allclose(
        one.table.features[:, 0], read(measured(), tmp_path).table.features[:, 0] + 0.3
    )


def test_tables_given_apart_are_joined_by_what_they_share(tmp_path):
    whole = measured(ImageNumber=range(10), TableNumber=4)
    features = whole[["TableNumber", "ImageNumber", "Cells_A", "Cells_B", "Nuclei_C"]]
    images = whole[["TableNumber", "ImageNumber", "plate", "well", "compound", "concentration"]]
    images = images.rename(columns={"plate": "Image_Metadata_Plate_DAPI",
                                    "well": "Image_Metadata_Well_DAPI"})  # fmt: skip
    moa = whole[["compound", "moa"]].drop_duplicates()
    found = read(features, tmp_path, moa, images.sample(frac=1, random_state=2))
    assert hits(found) == [(4, 4), (4, 4)]


def test_a_name_spelt_in_two_ways_is_listed_from_both_sides(tmp_path):
    whole = measured()
    moa = whole[["compound", "concentration", "moa"]].drop_duplicates()
    moa.loc[moa["compound"] == "taxol", "compound"] = "paclitaxel"
    table = whole.drop(columns="moa")
    with pytest.raises(errors.TableError) as caught:
        read(table, tmp_path, moa)
    text = str(caught.value)
    assert "t0.csv (1): taxol 1\n" in text
    assert "t1.csv (1): paclitaxel 1\n" in text
    found = read(table, tmp_path, moa, partial=True)
    assert "1 of unknown mechanism left out" in found.notes[1]
    assert "1 line of" in found.notes[2]
    assert "has no well here: paclitaxel 1" in found.notes[2]


def test_wells_that_a_table_of_wells_does_not_know(tmp_path):
    whole = measured()
    known = whole[whole["well"] != "B04"]
    with pytest.raises(errors.TableError, match=r"only in .*t0.csv \(2\): Week1_22123 B04"):
        read(whole.drop(columns="moa"), tmp_path, known)
    # More wells than were measured are no error.
    assert len(read(known.drop(columns="moa"), tmp_path, whole).table.keys) == 8


def test_beside_a_dataset_the_wells_must_be_the_same(tmp_path):
    whole = measured()
    facts = read(whole, tmp_path).facts
    found = read(whole.iloc[:, [0, 1, 5, 6, 7]], tmp_path, dataset=lambda: facts, beside=True)
    assert (found.facts["compound"] == facts["compound"]).all()
    few = Facts("bbbc021", facts.keys[1:], {n: c[1:] for n, c in facts.columns.items()})
    with pytest.raises(errors.TableError, match=r"only in .*t0.csv \(1\): Week1_22123 B02"):
        read(whole, tmp_path, dataset=lambda: few, beside=True)
    named = Facts("bbbc021", facts.keys, facts.columns)
    with pytest.raises(
        errors.TableError, match=r"only in bbbc021 \(1\): Week1_22123 B02"
    ) as caught:
        read(whole[1:], tmp_path, dataset=lambda: named, beside=True)
    assert "t0.csv (0): none" in str(caught.value)


def test_tables_that_contradict_each_other(tmp_path):
    whole = measured()
    other = whole.assign(compound="staurosporine")
    with pytest.raises(errors.TableError, match=r"the compound in .* 10 rows: DMSO and stauro"):
        read(whole, tmp_path, other)
    twice = pd.concat([whole, whole.assign(moa="Epithelial")])
    with pytest.raises(errors.TableError, match=r"t1\.csv contradicts itself: Week1_22123 B02 has"):
        read(whole.drop(columns="moa"), tmp_path, twice)


def test_what_lacks_is_said_at_once(tmp_path):
    with pytest.raises(errors.TableError) as caught:
        read(measured().drop(columns=["well", "moa"]), tmp_path)
    assert "no column says the well" in str(caught.value)
    assert "no column says the moa" in str(caught.value)
    with pytest.raises(errors.TableError, match="share neither plate and well"):
        read(measured()[["plate", "well", "Cells_A"]], tmp_path, pd.DataFrame({"moa": ["x"]}))


def test_columns_can_be_named(tmp_path):
    odd = measured().rename(columns={"plate": "tray", "moa": "effect"})
    found = read(odd, tmp_path, columns={"plate": "tray", "moa": "effect"})
    assert hits(found) == [(4, 4), (4, 4)]
    with pytest.raises(errors.ConfigError, match=r"no column 'trey'\. Did you mean 'tray'"):
        read(odd, tmp_path, columns={"plate": "trey"})
    with pytest.raises(errors.ConfigError, match="no role of a column 'plat'"):
        read(odd, tmp_path, columns={"plat": "tray"})
    both = measured(Metadata_Plate="p1")
    with pytest.raises(errors.TableError, match="plate, Metadata_Plate could all be the plate"):
        read(both, tmp_path)
    assert len(read(both, tmp_path, columns={"plate": "plate"}).table.keys) == 10


def test_wells_that_stand_twice(tmp_path):
    twice = pd.concat([measured(), measured()[:2]])
    with pytest.raises(errors.TableError, match="2 wells stand more than once: Week1_22123 B02"):
        read(twice, tmp_path)
    assert "one per site" in read(twice, tmp_path, level="site").notes[0]
    sites = twice.assign(site=1)
    with pytest.raises(errors.TableError, match="more than once with the same site"):
        read(sites, tmp_path)
    two = measured()
    two.loc[1, "well"] = "B03"
    with pytest.raises(errors.TableError, match="1 well holds two things"):
        read(two.assign(site=range(10)), tmp_path)


def test_holes_are_an_error_or_left_out_as_told(tmp_path):
    frame = measured()
    frame.loc[3, "Cells_A"] = np.nan
    frame.loc[4, "Cells_A"] = np.inf
    with pytest.raises(errors.TableError) as caught:
        read(frame, tmp_path)
    assert "2 values are NaN, infinite or beyond 1e+30: Cells_A in 2 rows." in str(caught.value)
    assert "1 of 3 features" in str(caught.value)
    assert "2 of 10 rows" in str(caught.value)
    assert read(frame, tmp_path, missing="features").table.features.shape == (10, 2)
    assert read(frame, tmp_path, missing="rows").table.features.shape == (8, 3)
    with pytest.raises(errors.TableError, match="Nothing is left"):
        read(frame.assign(Cells_A=np.nan), tmp_path, missing="rows")
    text = frame.assign(Cells_A=["#DIV/0!"] * 5 + ["1.5"] * 5)
    assert read(text, tmp_path, missing="rows").table.features.shape == (5, 3)


def test_constant_features_are_told_and_change_nothing(tmp_path):
    found = read(measured(Cells_Same=4.0), tmp_path)
    assert "1 feature is the same in every well, which tells nothing" in found.notes
    for way in ("zscore", "range", "robust", "scaled", "sphering"):
        assert hits(found, way) == hits(read(measured(), tmp_path), way)


def test_features_of_any_name(tmp_path):
    frame = measured(batch_number=3).rename(columns={"Cells_A": "f0", "Cells_B": "f1",
                                                     "Nuclei_C": "f2"})  # fmt: skip
    assert read(frame, tmp_path).table.features.shape == (10, 4)
    found = read(frame, tmp_path, features=r"^f\d$")
    assert found.table.features.shape == (10, 3)
    assert "1 other column of numbers not taken as features: batch_number" in found.notes
    with pytest.raises(errors.TableError, match="No column matches 'g'; columns: "):
        read(frame, tmp_path, features="g")
    with pytest.raises(errors.ConfigError, match="no regular expression"):
        read(frame, tmp_path, features="(")


def test_taxol_control_wells_are_controls_as_in_the_dataset(tmp_path):
    frame = measured()
    frame.loc[4, ["well", "concentration"]] = "B11", 0.3
    assert read(frame, tmp_path).facts["control"].tolist().count("positive") == 1
    frame["plate"] = frame["plate"].str.replace("22123", "99999")
    assert "positive" not in read(frame, tmp_path).facts["control"]


def test_controls_need_no_dose_and_may_have_another_name(tmp_path):
    frame = measured(concentration=[str(v) if v else "0.1 %" for v in measured()["concentration"]])
    frame["compound"] = frame["compound"].replace("DMSO", "Vehicle A")
    assert hits(read(frame, tmp_path, control="vehicle a")) == [(4, 4), (4, 4)]
    with pytest.raises(errors.TableError, match=r"no concentration \('0.1 %': the unit '%'\)"):
        read(frame, tmp_path)


def test_without_weeks_there_is_no_nscb(tmp_path, caplog):
    frame = measured()
    frame["plate"] = frame["plate"].replace({PLATES[0]: "a", PLATES[1]: "b"})
    assert hits(read(frame, tmp_path)) == [(4, 4)]
    assert "not every plate has a week or batch" in caplog.text
    assert hits(read(frame.assign(Batch=frame["plate"]), tmp_path)) == [(4, 4), (4, 4)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_with_any_separator(tmp_path, separator):
    path = tmp_path / "t.csv"
    measured().to_csv(path, index=False, sep=separator, encoding="utf-8-sig")
    assert len(wells.read(wells.Options(table=path)).table.keys) == 10


def test_files_that_are_no_tables(tmp_path):
    path = tmp_path / "t.csv"
    with pytest.raises(errors.TableError, match="cannot be read as a table"):
        wells.read(wells.Options(table=path))
    path.write_text("Image,Cells,Cells\n1,2,3\n")
    with pytest.raises(errors.TableError, match="the columns Cells stand more than once"):
        wells.read(wells.Options(table=path))
