from __future__ import annotations

import hpa_folder
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.build import report
from cytoimagenet_tfds.builders.hpa_classification import ids

pytest.importorskip("matplotlib", reason="needs the extra viz")


def run(capsys, *words):
    status = cli.main(["hpa", *map(str, words)])
    output = capsys.readouterr()
    return status, output.out + output.err


def dots(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_the_chart_of_the_real_table(capsys, shared_data, tmp_path):
    table = shared_data(
        "kag_hpa", "stan-hua+CytoImageNet", "annotations", "kag_hpa_2019_train.csv.gz"
    )
    out = tmp_path / "new" / "counts.png"
    status, text = run(capsys, "counts", table, "--rare", 1000, "--out", out)
    assert status == 0
    assert "31,072 images; Nucleoplasm and Cytosol: 56.3% of the images" in text
    assert "41.6% of the labels" in text
    assert "an epoch has 38,846 images" in text
    assert dots(out).std() > 20


def test_wrong_tables_are_named(capsys, tmp_path):
    (tmp_path / "a.csv").write_text("Id,Target\nx,28\ny,\nz,1\n")
    status, text = run(capsys, "counts", tmp_path / "a.csv", "--out", tmp_path / "a.png")
    assert (status, "2 images have no labels, or others than 0 to 27: x, y" in text) == (1, True)
    (tmp_path / "b.csv").write_text("Id,Label\nx,28\n")
    status, text = run(capsys, "counts", tmp_path / "b.csv", "--out", tmp_path / "b.png")
    assert (status, "lacks the columns ['Target']" in text) == (1, True)


@pytest.fixture
def two_sizes(tmp_path):
    for side, folder in ((40, "low"), (160, "high")):
        pixels = hpa_folder.image(3, (0, 23), side)
        hpa_folder.write_image(tmp_path, folder, "cell", pixels)
    return tmp_path / "kag_hpa"


def test_compositions_side_by_side(capsys, two_sizes, tmp_path):
    out = tmp_path / "c.png"
    status, text = run(capsys, "compositions", two_sizes / "high", "--out", out)
    assert (status, text.split()[0]) == (0, "cell")
    image = dots(out)
    greenest = (image[..., 1].astype(int) - image.max(axis=-1, where=[1, 0, 1], initial=0)).max()
    assert greenest > 100


def test_a_real_image_of_four_channels(capsys, tmp_path):
    from cytoimagenet_tfds.builders.cytoimagenet import sample_images

    folder = sample_images.root() / "sample_neuron"
    stains = {"red": "AF568", "green": "AF488", "blue": "DAPI", "yellow": "AF647"}
    for colour, stain in stains.items():
        (tmp_path / f"neuron_{colour}.tif").symlink_to(folder / f"neuron_r1c0_{stain}.tif")
    status, _ = run(capsys, "compositions", tmp_path, "--out", tmp_path / "neuron.png")
    assert status == 0
    assert dots(tmp_path / "neuron.png").std() > 20


def test_several_resolutions(capsys, two_sizes, tmp_path):
    words = ("resolutions", two_sizes / "low", two_sizes / "high", "--out", tmp_path / "r.png")
    assert run(capsys, *words, "--name", "cell")[1].startswith("40 x 40 and 160 x 160 pixels")
    two = dots(tmp_path / "r.png").shape[1]
    three = (*words[:2], *words[1:])
    assert run(capsys, *three, "--name", "cell")[1].startswith("40 x 40 and 40 x 40 and 160 x 160")
    assert dots(tmp_path / "r.png").shape[1] > two
    status, text = run(capsys, *words, "--name", "cel")
    assert (status, "no image 'cel'" in text) == (1, True)


def test_the_format_is_that_of_the_name(capsys, two_sizes, tmp_path):
    starts = {"c.svg": b"<?xml", "c.pdf": b"%PDF", "c.png": b"\x89PNG"}
    for name, start in starts.items():
        assert run(capsys, "compositions", two_sizes / "low", "--out", tmp_path / name)[0] == 0
        assert (tmp_path / name).read_bytes().startswith(start)
    status, text = run(capsys, "compositions", two_sizes / "low", "--out", tmp_path / "c.gif")
    assert (status, "no format of figures 'gif'" in text) == (1, True)
    assert sorted(path.name for path in tmp_path.glob("*c.*")) == sorted(starts)


def test_overlap_with_what_a_model_was_pretrained_on(capsys, tmp_path):
    first, second = (hpa_folder.uuid(n) for n in range(2))
    rows = [(n, "kag_hpa", f"hpa:{n}", "test", 0, "0", "", -1) for n in (first, second)]
    pd.DataFrame(rows, columns=ids.COLUMNS).to_csv(tmp_path / ids.NAME, index=False)
    keys = [f"kag_hpa/{first}_green.png", f"kag_hpa_single/{second}_red.png", "bbbc006/a.tif"]
    table = pd.DataFrame({"key": keys, "written": [1, 0, 1]})
    table.to_parquet(tmp_path / report.TABLE_NAME)
    status, text = run(capsys, "overlap", tmp_path, tmp_path, "--out", tmp_path / "o.csv")
    assert (status, "test: 1 of 2 images are in both" in text) == (0, True)
    assert pd.read_csv(tmp_path / "o.csv")["seen"].tolist() == [True, False]
    status, text = run(capsys, "overlap", tmp_path / "no", tmp_path, "--out", tmp_path / "o.csv")
    assert (status, "ids.csv is not there" in text) == (1, True)
