from __future__ import annotations

import numpy as np
import pytest
import tifffile

from cytoimagenet_tfds import cli, errors
from cytoimagenet_tfds.evaluation import extractors, inputs, planes, table
from cytoimagenet_tfds.evaluation.extraction import extract

CONCAT = planes.named("concat-raw")


def moments(images):
    """Two features of each image; counts its calls and the sizes it gets."""
    moments.shapes.append(images.shape)
    return np.stack([images[..., 0].mean((1, 2)), images[..., 1].std((1, 2))], axis=1)


@pytest.fixture
def extractor():
    moments.shapes = []
    return extractors.of(moments, "moments", batch=4)


def made(count, channels=1, shape=(6, 8)):
    rng = np.random.Generator(np.random.PCG64(1))
    return {f"image{n:02d}": rng.integers(0, 255, (*shape, channels), np.uint8)
            for n in range(count)}  # fmt: skip


def as_inputs(images, order=None, broken=()):
    def read(key):
        if key in broken:
            raise errors.ImageError("truncated", "cut off")
        return images[key]

    keys = order or list(images)
    return lambda: iter([inputs.Keyed(key, lambda key=key: read(key)) for key in keys])


def test_features_of_every_image_by_key(extractor):
    images = made(5, channels=2)
    found = extract(as_inputs(images), [extractor], CONCAT).tables[0]
    for key, image in images.items():
        expected = [f(image[..., c].astype(np.float32)) for c in (0, 1) for f in (np.mean, np.std)]
        np.testing.assert_allclose(found.rows([key])[0], expected, rtol=1e-5)
    assert found.about["method"] == "concat-raw"
    assert set(moments.shapes) == {(4, 6, 8, 3)}  # the last batch is filled up


def test_order_of_the_images_changes_nothing(extractor):
    images = {**made(7), **{f"wide{k}": v for k, v in made(3, shape=(4, 16)).items()}}
    one = extract(as_inputs(images), [extractor], CONCAT).tables[0]
    other = extract(as_inputs(images, order=list(images)[::-1]), [extractor], CONCAT).tables[0]
    assert (one.keys == other.keys).all()
    assert (one.features == other.features).all()


def test_several_extractors_read_every_image_once(extractor, tmp_path):
    images, reads = made(6), []

    def count():
        for one in as_inputs(images)():
            yield inputs.Keyed(one.key, lambda one=one: (reads.append(one.key), one.read())[1])

    pair = [extractor, extractors.named("pixels")]
    found = extract(count, pair, CONCAT, out=[tmp_path / "a.parquet", tmp_path / "b.parquet"])
    assert sorted(reads) == sorted(images)
    fused = table.fuse(found.tables)
    assert fused.features.shape == (6, 2 + 11)
    assert fused.features[:, :2].tolist() == found.tables[0].features.tolist()


def test_bad_images_are_named_and_the_others_have_features(extractor):
    found = extract(as_inputs(made(3), broken=["image01"]), [extractor], CONCAT)
    assert found.rejected == {"image01": "truncated: cut off"}
    assert found.tables[0].keys.tolist() == ["image00", "image02"]


def test_a_stopped_run_goes_on_where_it_was(extractor, tmp_path, monkeypatch):
    monkeypatch.setattr("cytoimagenet_tfds.evaluation.extraction._PART", 4)
    images, out = made(20), tmp_path / "f.parquet"

    def stopping():
        for number, one in enumerate(as_inputs(images)()):
            if number == 13:
                raise KeyboardInterrupt
            yield one

    with pytest.raises(KeyboardInterrupt):
        extract(stopping, [extractor], CONCAT, out=[out])
    assert not out.exists()
    moments.shapes.clear()
    resumed = extract(as_inputs(images), [extractor], CONCAT, out=[out]).tables[0]
    assert len(moments.shapes) == 2  # 12 of 20 were there
    assert not out.with_name("f.parquet.parts").exists()
    at_once = extract(as_inputs(images), [extractor], CONCAT).tables[0]
    assert (resumed.features == at_once.features).all()
    moments.shapes.clear()
    extract(as_inputs(images), [extractor], CONCAT, out=[out])
    assert moments.shapes == []


def test_features_of_another_method_are_not_mixed(extractor, tmp_path):
    out = tmp_path / "f.parquet"
    extract(as_inputs(made(3)), [extractor], CONCAT, out=[out])
    with pytest.raises(errors.ConfigError, match="holds other features"):
        extract(as_inputs(made(5)), [extractor], planes.named("concat-norm"), out=[out])


def test_errors_say_what_is_wrong(extractor):
    images = made(2)
    with pytest.raises(errors.TableError, match="'image00' occurs twice"):
        extract(as_inputs(images, order=["image00", "image00"]), [extractor], CONCAT)
    images["image01"] = np.zeros((6, 8, 2), np.uint8)
    with pytest.raises(errors.ConfigError, match="same number of channels"):
        extract(as_inputs(images), [extractor], CONCAT)
    with pytest.raises(errors.ConfigError, match=r"No image has features.*'truncated': 1"):
        extract(as_inputs(images, order=["image01"], broken=["image01"]), [extractor], CONCAT)
    flat = extractors.of(lambda images: images.mean(), "flat")
    with pytest.raises(errors.ConfigError, match="must give features"):
        extract(as_inputs(made(1)), [flat], CONCAT)
    fewer = extractors.of(lambda images: images[1:, 0, :, 0], "fewer")
    with pytest.raises(errors.ConfigError, match=r"features \[32, D\] .* not \[31, "):
        extract(as_inputs(made(1)), [fewer], CONCAT)


def test_planes_are_resized_and_maps_averaged():
    seen = []

    def maps(images):
        seen.append(images.shape)
        return images[:, ::2, ::2]

    found = extract(as_inputs(made(1)), [extractors.of(maps, "maps", batch=1)], CONCAT, size=4)
    assert seen == [(1, 4, 4, 3)]
    assert found.tables[0].features.shape == (1, 3)


def test_command_on_a_folder_with_a_broken_file(tmp_path, capsys):
    folder = tmp_path / "images"
    folder.mkdir()
    for name, image in made(3).items():
        tifffile.imwrite(folder / f"{name}.tif", image[..., 0])
    (folder / "odd.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    out = tmp_path / "f.parquet"
    assert cli.main(["features", str(folder), "--weights", "pixels", "--out", str(out)]) == 0
    assert "3 images, 11 features" in capsys.readouterr().out
    found = table.FeatureTable.load(out)
    assert found.keys.tolist() == ["image00.tif", "image01.tif", "image02.tif"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--weights", "randon"], "Did you mean 'random'"),
        (["--weights", "no.module:f"], "names no function"),
        (["--method", "concat"], "no method 'concat'"),
    ],
)
def test_command_names_what_is_wrong(tmp_path, capsys, arguments, message):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), np.uint8))
    given = [str(tmp_path), "--out", str(tmp_path / "f.parquet"), "--weights", "pixels", *arguments]
    assert cli.main(["features", *given]) == 1
    assert message in capsys.readouterr().err


def test_row_tables_need_their_folder(tmp_path):
    with pytest.raises(errors.ConfigError, match="below which folder"):
        inputs.of(str(tmp_path / "rows.parquet"))
