from __future__ import annotations

import collections

import numpy as np
import pytest
import tifffile
from trees_benchmarks import cyclops as simulated

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.builders.cyclops import content
from cytoimagenet_tfds.builders.cyclops.cyclops_dataset_builder import CyclopsConfig

# Cells of each class of the simulated tree.
CELLS = {label: 1 + number % 3 for number, label in enumerate(simulated.CLASSES)}


@pytest.fixture
def tree(tmp_path):
    simulated.make_tiff(tmp_path)
    return tmp_path


def read(root, layout="tiff", allow_differences=False, **labels):
    return content.read(root, layout, content.Labels(**labels), allow_differences=allow_differences)


def per_label(found):
    return dict(collections.Counter(field.label for field in found.fields))


def test_the_class_is_the_folder_of_the_file_and_junk_is_left_out_by_name(tree):
    found = read(tree)
    kept = {label: count for label, count in CELLS.items() if label not in simulated.JUNK}
    assert per_label(found) == kept
    assert found.classes == tuple(sorted(kept))
    assert found.excluded == {"DEAD": CELLS["DEAD"], "GHOST": CELLS["GHOST"]}
    assert all(f.key.startswith(f"{f.label}/{f.label}_") for f in found.fields)


def test_pairing_labels_with_folders_by_their_place_would_be_wrong(tree):
    # What the published code does: junk leaves the list of labels, not that of folders.
    folders = sorted(simulated.CLASSES)
    labels = [name for name in folders if name not in simulated.JUNK]
    wrong = dict(zip(folders, labels, strict=False))
    assert wrong["ER"] != "ER"
    assert {f.label for f in read(tree).fields if f.key.startswith("ER/")} == {"ER"}


def test_spindle_merge_concerns_these_two_classes_alone(tree):
    plain, merged = read(tree), read(tree, merge_spindle=True)
    assert len(merged.classes) == 16
    assert per_label(merged)["SPINDLE"] == CELLS["SPINDLE"] + CELLS["SPINDLEPOLE"]
    changed = {a.label for a, b in zip(plain.fields, merged.fields, strict=True)
               if a.label != b.label}  # fmt: skip
    assert changed == {"SPINDLEPOLE"}
    assert {f.columns["localization"] for f in merged.fields} >= {"SPINDLE", "SPINDLEPOLE"}


def test_junk_can_be_kept(tree):
    found = read(tree, keep_junk=True)
    assert per_label(found) == CELLS
    assert len(found.classes) == 19
    assert not found.excluded


def test_pixels_are_those_of_the_two_files(tree):
    field = next(f for f in read(tree).fields if f.key == "ACTIN/ACTIN_1")
    image = field.read()
    assert image.shape == (64, 64, 2)
    assert image.dtype == np.float32
    for number, channel in enumerate(("gfp", "rfp")):
        plane = tifffile.imread(tree / f"cyclops/ACTIN/ACTIN_1_{channel}.tif")
        assert (image[..., number] == plane).all()


def test_a_folder_that_is_no_class_stops(tree):
    (tree / "cyclops/ACTIN").rename(tree / "cyclops/ACTINS")
    fatals = read(tree).report.fatals
    assert any("1 name is no class" in text and "ACTINS" in text for text in fatals)
    assert any("1 of 17 classes have no cell: ACTIN." in text for text in fatals)


def test_a_part_of_the_classes_is_for_trials(tmp_path):
    simulated.make_tiff(tmp_path, ("ER", "GOLGI"))
    assert "15 of 17 classes have no cell" in read(tmp_path).report.fatals[0]
    assert read(tmp_path, allow_differences=True).report.fatals == []


def test_another_count_and_other_names_are_noted(tree):
    folder = tree / "cyclops" / "ER"
    for channel in ("gfp", "rfp"):
        (folder / f"ER_0_{channel}.tif").rename(folder / f"GOLGI_9_{channel}.tif")
    found = read(tree)
    notes = "\n".join(map(str, found.report.findings))
    assert f"{len(found.fields)} cells; the tree on Kaggle has 28,166." in notes
    assert "2 files called as another class than the folder" in notes
    assert next(f for f in found.fields if f.key == "ER/GOLGI_9").label == "ER"


def test_unlabelled_cells_of_the_laboratory_are_no_classes(shared_data):
    root = shared_data("cyclops", "alexxijielu+paired_cell_inpainting")
    fatals = read(root).report.fatals
    assert "AAC1; AAH1; AAR2" in fatals[0]


def test_cells_of_the_laboratory_are_read_without_loss(shared_data, tmp_path):
    folder = shared_data(
        "cyclops", "alexxijielu+paired_cell_inpainting", "yeast_model", "toy_dataset", "images",
        "AAC1",
    )  # fmt: skip
    (tmp_path / "ER").mkdir()
    for channel in ("gfp", "rfp"):
        source = folder / f"AAC1_1_rfp_10_{channel}.tif"
        (tmp_path / "ER" / f"ER_7_{channel}.tif").write_bytes(source.read_bytes())
    (field,) = read(tmp_path, allow_differences=True).fields
    image = field.read()
    assert image.dtype == np.float32
    assert image[..., 0].max() == np.float32(0.03709311)
    assert image[..., 1].min() == np.float32(0.0034662045)


@pytest.mark.parametrize("names", ["Index1_columns", "label_names"])
def test_hdf5_gives_the_official_splits_and_each_row_its_class(tmp_path, names):
    import h5py

    simulated.make_hdf5(tmp_path, names=names)
    found = read(tmp_path, "hdf5")
    assert collections.Counter(f.split for f in found.fields) == {
        "train": 17, "validation": 17, "test": 17,
    }  # fmt: skip
    assert found.excluded == {"DEAD": 3, "GHOST": 3}
    number = simulated.CLASSES.index("NUCLEI")
    field = next(f for f in found.fields if f.key == f"Chong_valid_set/{number:05d}")
    assert (field.label, field.split) == ("NUCLEI", "validation")
    with h5py.File(tmp_path / "Chong_valid_set.hdf5") as file:
        flat = file["data1"][number]
    assert (field.read()[..., 0].reshape(-1) == flat[:4096]).all()
    assert (field.read()[..., 1].reshape(-1) == flat[4096:]).all()


def test_double_precision_is_rounded_and_said(tmp_path):
    simulated.make_hdf5(tmp_path, dtype="float64")
    found = read(tmp_path, "hdf5")
    assert found.fields[0].read().dtype == np.float32
    assert "rounded to float32" in str(found.report.findings[0])


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("Index1", lambda old: old[:, :-1], "has Index1 (19, 18) for 19 cells and 19 class names"),
        ("Index1", lambda old: old * 0, "do not mark exactly one class"),
        ("Index1_columns", lambda old: old[:-1], "for 19 cells and 18 class names"),
        ("data1", lambda old: old[:, :-1], "expected numbers of shape (N, 8192)"),
    ],
)
def test_a_file_that_is_not_as_expected_is_named(tmp_path, name, change, message):
    import h5py

    simulated.make_hdf5(tmp_path)
    with h5py.File(tmp_path / "Chong_test_set.hdf5", "r+") as file:
        value = change(file[name][()])
        del file[name]
        file[name] = value
    (fatal,) = [text for text in read(tmp_path, "hdf5").report.fatals if "Chong" in text]
    assert fatal.startswith("Chong_test_set.hdf5 ")
    assert message in fatal


def test_nan_in_a_row_rejects_that_cell(tmp_path):
    import h5py

    simulated.make_hdf5(tmp_path)
    with h5py.File(tmp_path / "Chong_test_set.hdf5", "r+") as file:
        file["data1"][1, 5] = np.nan
    fields = {f.key: f for f in read(tmp_path, "hdf5").fields}
    with pytest.raises(errors.ImageError, match="NaN") as caught:
        fields["Chong_test_set/00001"].read()
    assert caught.value.reason == "not finite"
    assert np.isfinite(fields["Chong_test_set/00002"].read()).all()


def test_names_of_configs_follow_from_their_values():
    assert CyclopsConfig().name == "tiff"
    own = CyclopsConfig(layout="hdf5", merge_spindle=True, allow_differences=True)
    assert own.name == "hdf5_merged_spindle-trial"
    merged = CyclopsConfig(merge_spindle=True)
    assert merged.description == "16 classes, from the TIFF tree, one split."
    with pytest.raises(errors.ConfigError, match="no layout 'tif'"):
        CyclopsConfig(layout="tif")
