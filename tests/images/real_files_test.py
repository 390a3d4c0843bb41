"""Real microscopy files: read as other libraries read them, and not as those that get it wrong."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image

from cytoimagenet_tfds import images

CELLPROFILER = "CellProfiler+examples"
PAGES = "broadinstitute+imaging-bbbc/htdocs"

TIFFS = {
    "bbbc006 LZW": ("bbbc006/google+microscopeimagequality/tests/data", "00_mcf*.tif", "uint16"),
    "bbbc010 MetaMorph": (f"bbbc010/{CELLPROFILER}/ExampleUntangleWorms/images", "*.tif", "uint16"),
    "bbbc014 palette": (f"bbbc014/{CELLPROFILER}/ExampleVitraImages/images", "*.tif", "uint8"),
    "bbbc017 PackBits": (f"bbbc017/{CELLPROFILER}/ExampleHuman/images", "*.tif", "uint8"),
    "cyclops float": (
        "cyclops/alexxijielu+paired_cell_inpainting/yeast_model/toy_dataset/images/AAR2",
        "*.tif",
        "float32",
    ),
}


@pytest.mark.parametrize("name", TIFFS)
def test_tiffs_as_tifffile_reads_them(shared_data, name):
    folder, pattern, dtype = TIFFS[name]
    paths = sorted(shared_data(folder).glob(pattern))
    assert paths
    for path in paths[:6]:
        found = images.read(path)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, tifffile.imread(path))
        assert images.plane_count(path.read_bytes()) == 1


def test_planes_of_a_real_stack(shared_data):
    path = shared_data("bbbc022/haesleinhuepf+BioImageAnalysisNotebooks/data/BBBC022") / (
        "IXMtest_A02_s9.tif"
    )
    expected = tifffile.imread(path)
    assert images.plane_count(path.read_bytes()) == 3
    for plane in range(3):
        np.testing.assert_array_equal(images.read(path, plane), expected[plane])


@pytest.mark.parametrize(
    ("folder", "pattern", "mode"),
    [
        ("kag_hpa/sanch7+Human-Protein-Atlas/data/train_sample", "*.png", "L"),
        (f"bbbc041/{PAGES}/BBBC041", "*.png", "RGB"),  # RGBA, opaque
        (f"bbbc020/{PAGES}/BBBC020", "*.png", "RGB"),
        (f"bbbc045/{PAGES}/BBBC045", "*.jpg", "L"),
        ("kag_cell_cycle/brenoslivio+SegmentationCellCycles/Data/interphase", "*.jpg", "RGB"),
        ("kag_leukemia/Karlobyo+leukemic_cell_detective_project/pics", "*.bmp", "RGB"),
    ],
)
def test_pictures_as_pillow_reads_them(shared_data, folder, pattern, mode):
    paths = sorted(shared_data(folder).glob(pattern))
    assert paths
    for path in paths[:4]:
        with Image.open(path) as expected:
            np.testing.assert_array_equal(images.read(path), np.asarray(expected.convert(mode)))


def test_16_bit_png_under_another_name(shared_data):
    folder = shared_data(f"bbbc010/{PAGES}/BBBC010")
    found = images.read(folder / "livedead_neg.png")
    assert found.dtype == np.uint16
    assert found.max() > 255


def test_merged_field_is_well_stretched(shared_data):
    folder = shared_data(f"bbbc017/{CELLPROFILER}/ExampleHuman/images")
    channels = [images.read(folder / f"AS_09125_050116030001_D03f00d{d}.tif") for d in range(3)]
    merged = images.merge(channels)
    assert merged.shape == (512, 512)
    assert merged.std() > 10
    assert images.rejection(merged) is None
    settings = images.PixelSettings()
    found = images.standardize(channels, 4, np.random.default_rng(0), settings)
    assert found.rejected is None
    assert len(found.images) == 4
    for window, pixels in found.images:
        assert window is not None
        assert (pixels.min(), pixels.max()) == (0, 255)
