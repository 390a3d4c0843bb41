from __future__ import annotations

import collections

import numpy as np
import pytest
import tifffile
from trees_benchmarks import coos7 as simulated

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.builders.coos7 import content


@pytest.fixture
def tiff(tmp_path):
    simulated.make_tiff(tmp_path)
    return tmp_path


@pytest.fixture
def hdf5(tmp_path):
    simulated.make_hdf5(tmp_path)
    return tmp_path


def read(root, layout, allow_differences=True):
    return content.read(root, layout, allow_differences=allow_differences)


def test_published_counts_are_those_of_the_paper():
    assert sum(content.EXPECTED.values()) == 132_209


def test_tree_gives_one_cell_per_pair_and_no_mask(tiff):
    found = read(tiff, "tiff")
    assert collections.Counter(f.split for f in found.fields) == dict.fromkeys(simulated.SPLITS, 6)
    assert found.classes == ("ER", "Golgi", "IMM")
    key = "test3/Golgi/plate1_C01_a_b_1"
    field = next(f for f in found.fields if f.key == key)
    assert field.label == "Golgi"
    assert field.columns["files"] == (
        f"CURATED-COOS7/{key}_protein.tif|CURATED-COOS7/{key}_nucleus.tif"
    )
    image = field.read()
    assert image.shape == (64, 64, 2)
    assert image.dtype == np.uint16
    for number, channel in enumerate(("protein", "nucleus")):
        plane = tifffile.imread(tiff / f"CURATED-COOS7/{key}_{channel}.tif")
        assert (image[..., number] == plane).all()


@pytest.mark.parametrize("layout", ["tiff", "hdf5"])
def test_other_counts_stop_and_both_numbers_are_named(tmp_path, layout):
    {"tiff": simulated.make_tiff, "hdf5": simulated.make_hdf5}[layout](tmp_path)
    fatals = read(tmp_path, layout, allow_differences=False).report.fatals
    count = 6 if layout == "tiff" else 4
    expected = ("41,456", "10,364", "17,021", "32,596", "30,772")
    pairs = zip(simulated.SPLITS, expected, strict=True)
    assert fatals[:5] == [f"{split} has {count} cells, expected {n}." for split, n in pairs]
    assert "classes, expected 7" in fatals[5]
    assert read(tmp_path, layout).report.fatals == []


def test_the_published_counts_pass(tmp_path):
    simulated.make_hdf5(tmp_path, content.EXPECTED)
    found = read(tmp_path, "hdf5", allow_differences=False)
    assert found.report.fatals == []
    assert len(found.fields) == 132_209
    assert len({field.key for field in found.fields}) == 132_209


def test_rows_of_hdf5_have_their_own_labels_and_pixels(hdf5):
    import h5py

    found = read(hdf5, "hdf5")
    with h5py.File(hdf5 / "COOS7_v1.1_test2.hdf5") as file:
        data, labels = file["data"][()], file["labels"][()]
    fields = [f for f in found.fields if f.split == "test2"]
    assert [f.key for f in fields] == [f"test2/{n:05d}" for n in range(4)]
    assert [f.label for f in fields] == [str(label) for label in labels]
    for number in (3, 0, 2):
        assert (fields[number].read() == np.moveaxis(data[number], 0, -1)).all()


def test_a_cell_without_nucleus_is_rejected_alone(tiff):
    path = tiff / "CURATED-COOS7/train/ER/plate1_C00_a_b_0_nucleus.tif"
    path.unlink()
    fields = {f.key: f for f in read(tiff, "tiff").fields}
    with pytest.raises(errors.ImageError, match="No file for the channel nucleus"):
        fields["train/ER/plate1_C00_a_b_0"].read()
    assert len(fields) == 30


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((64, 63), np.uint16), "shape mismatch"),
        (np.zeros((64, 64, 3), np.uint8), "shape mismatch"),
        (np.zeros((64, 64), np.float32), "other type"),
    ],
)
def test_pixels_that_do_not_fit_are_rejected(tiff, array, reason):
    path = tiff / "CURATED-COOS7/train/ER/plate1_C00_a_b_0_nucleus.tif"
    tifffile.imwrite(path, array, photometric="rgb" if array.ndim == 3 else "minisblack")
    field = next(f for f in read(tiff, "tiff").fields if f.key == "train/ER/plate1_C00_a_b_0")
    with pytest.raises(errors.ImageError) as caught:
        field.read()
    assert caught.value.reason == reason


def _change(root, name, value):
    import h5py

    with h5py.File(root / "COOS7_v1.1_test1.hdf5", "r+") as file:
        del file[name]
        if value is not None:
            file[name] = value
    return read(root, "hdf5").report.fatals


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("labels", None, "lacks labels; it has data."),
        ("labels", np.array([0, 1, 7, 2]), "has the labels [0, 1, 2, 7], expected 0 to 6."),
        ("data", np.zeros((4, 64, 64, 2), "uint16"), "has data of shape (4, 64, 64, 2) for 4"),
        ("data", np.zeros((4, 2, 64, 64), "float32"), "has data of type float32"),
    ],
)
def test_a_file_that_is_not_as_expected_is_named(hdf5, name, value, message):
    (fatal, *_) = _change(hdf5, name, value)
    assert fatal.startswith("COOS7_v1.1_test1.hdf5 ")
    assert message in fatal


def test_an_absent_and_a_truncated_file(hdf5):
    (hdf5 / "COOS7_v1.1_test4.hdf5").unlink()
    assert "no HDF5 file of test4" in read(hdf5, "hdf5").report.fatals[0]
    path = hdf5 / "COOS7_v1.1_test1.hdf5"
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(errors.SourceLayoutError, match=r"Is the download complete\?"):
        read(hdf5, "hdf5")
