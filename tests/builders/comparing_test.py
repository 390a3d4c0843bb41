from __future__ import annotations

import itertools
import struct
import zlib
from types import SimpleNamespace

import imagecodecs
import numpy as np
import plans
import published
import pytest
from etils import epath
from tensorflow_datasets.proto import tf_example_pb2

from cytoimagenet_tfds import cli, errors, images
from cytoimagenet_tfds.build import comparing
from cytoimagenet_tfds.builders.cytoimagenet.published import expected

COUNT = 120


@pytest.fixture(scope="module")
def released(prepare, tmp_path_factory):
    """Builds a small published archive: (name, change of its rows and files) -> builder."""
    root = tmp_path_factory.mktemp("compared")
    rows = [row for row in published.rows() if row["label"] in ("human", "u2os", "null")][:COUNT]

    def build(name, change=lambda rows, made: None, **options):
        own = [dict(row) for row in rows]
        made = published.content(own)
        change(own, made)
        made["metadata.csv"] = published.csv_bytes(own)
        published.write_zip(root / name / "archive.zip", made)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(expected, "PUBLISHED", published.expected(own))
            return prepare(
                "cytoimagenet", root / name, "--direct_num_workers=1", "--cyto_allow_differences",
                config="release", manual_dir=root / name, file_format="array_record", **options,
            )  # fmt: skip

    return build


@pytest.fixture(scope="module")
def first(released):
    return released("first")


def test_equal_datasets_are_equal_however_they_are_cut(first, released):
    difference = comparing.compare(first, released("again", num_shards=3))
    assert difference.equal
    assert f"are equal: {COUNT} images with the same pixels" in str(difference)


def _change(rows, made):
    paths = [f"{row['path']}/{row['filename']}" for row in rows]
    made[paths[0]] = made[paths[1]]
    del rows[2], made[paths[2]]
    rows[4]["dir_name"] = "cil_kinome"
    for row in rows:
        if row["label"] == "null":
            row["label"] = "sirna 7"


def test_every_kind_of_difference_is_told(first, released):
    difference = comparing.compare(first, released("changed", _change))
    assert len(difference.pixels) == 1
    assert difference.shared == COUNT - 1
    assert difference.examples.only_first.keys() == {"null"}
    assert difference.examples.only_second.keys() == {"sirna 7"}
    assert difference.sources["cil_kinome"] == (0, 1)
    text = str(difference)
    assert f"pixels differ under 1 of them.\n  {difference.pixels[0]}" in text
    assert "Rows: " in text
    assert "cil_kinome: 0 and 1 (+1)" in text
    assert f"images: {COUNT:,} and {COUNT - 1:,}" in text


def test_the_command_takes_names_and_folders(first, released, capsys):
    root, folder = str(first.data_dir_root), str(first.data_path)
    words = ["compare", "cytoimagenet/release", folder, f"--data_dir={root}"]
    assert cli.main(words) == 0
    assert "are equal" in capsys.readouterr().out
    words[2] = "cytoimagenet/release:9.9.9"
    assert cli.main(words) == 1
    assert "no prepared dataset 'cytoimagenet/release:9.9.9'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cytoimagenet/release", "plan.parquet"], "one is a plan, the other is not"),
        (["cytoimagenet/release", "cytoimagenet/release"], "There is no prepared dataset"),
        (["cytoimagenet/nosuch", "cytoimagenet/release"], "dataset 'cytoimagenet/nosuch'"),
    ],
)
def test_mistakes_are_told(words, message, tmp_path, capsys):
    assert cli.main(["compare", *words, f"--data_dir={tmp_path}"]) == 1
    assert message in capsys.readouterr().err


def _record(key, **values):
    """An example of a dataset, as a record of TFDS has it."""
    stored = tf_example_pb2.Example()
    png = images.encode_png(np.full((2, 3), 7, np.uint8))
    given = {"image": png, "dir_name": b"bbbc006", "key": key.encode(), "label": 0, **values}
    for name, value in given.items():
        feature = stored.features.feature[name]
        if isinstance(value, bytes):
            feature.bytes_list.value.append(value)
        else:
            feature.int64_list.value.extend(np.atleast_1d(value).tolist())
    return stored.SerializeToString()


PNG = SimpleNamespace(shape=(None, None, 1), np_dtype=np.uint8, encoding_format="png")


@pytest.fixture
def made(tmp_path):
    """Makes what `compare` needs of a builder: (records, image=, classes=) -> builder."""
    numbers = itertools.count()

    def make(stored, image=PNG, classes=("a", "b"), **more):
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        packed = [struct.pack("<QI", len(r), 0) + r + bytes(4) for r in stored]
        (folder / "train").write_bytes(b"".join(packed))
        described = {"key": None, "image": image, "label": SimpleNamespace(names=classes), **more}
        info = SimpleNamespace(
            full_name=f"made/{folder.name}", features=described,
            file_format=SimpleNamespace(value="tfrecord"),
            splits={"train": SimpleNamespace(filenames=["train"])},
        )  # fmt: skip
        return SimpleNamespace(info=info, data_path=epath.Path(folder))

    return make


def test_another_source_is_a_difference_though_all_else_is_the_same(made):
    first = made([_record("x"), _record("y")])
    second = made([_record("x"), _record("y", dir_name=b"bbbc005")])
    difference = comparing.compare(first, second)
    assert (difference.equal, difference.moved, difference.pixels) == (False, 1, ())
    assert "The same 2 keys with the same labels and splits." in str(difference)
    assert "bbbc006: 2 and 1 (-1)" in str(difference)
    assert "Keys of both whose source differs: 1." in str(difference)


def test_another_number_of_a_class_is_a_difference(made):
    first = made([_record("x")])
    second = made([_record("x", label=1)], classes=("b", "a"))
    difference = comparing.compare(first, second)
    assert difference.examples.equal
    assert not difference.equal
    assert "The number of a class is not the same in both" in str(difference)


def test_tensors_of_fixed_and_of_any_sides_are_compared(made):
    pixels = np.arange(12, dtype=np.uint16).reshape(2, 2, 3)
    packed = zlib.compress(pixels.tobytes())
    fixed = SimpleNamespace(shape=(2, 2, 3), np_dtype=np.uint16)
    open_sides = SimpleNamespace(shape=(None, None, None), np_dtype=np.uint16)
    first = made([_record("x", image=packed)], fixed)
    record = tf_example_pb2.Example.FromString(_record("x"))
    del record.features.feature["image"]
    record.features.feature["image/value"].bytes_list.value.append(packed)
    record.features.feature["image/shape"].int64_list.value.extend(pixels.shape)
    second = made([record.SerializeToString()], open_sides)
    assert comparing.compare(first, second).equal
    other = made([_record("x", image=zlib.compress(pixels[::-1].tobytes()))], fixed)
    assert comparing.compare(first, other).pixels == ("x",)
    text = str(comparing.compare(first, made([_record("x")])))
    assert "An image is [2, 2, 3] uint16 and [?, ?, 1] uint8." in text


def test_what_cannot_be_compared_says_why(made):
    twice = made([_record("x"), _record("x"), _record("a")])
    with pytest.raises(errors.BuildError, match="1 key stands more than once, the first is x"):
        comparing.compare(made([_record("x")]), twice)
    foreign = made([_record("x")])
    del foreign.info.features["key"]
    with pytest.raises(errors.BuildError, match="its examples have no key"):
        comparing.compare(foreign, foreign)
    broken = made([_record("x", image=b"no png")])
    with pytest.raises(errors.BuildError, match="The image x cannot be decoded"):
        comparing.compare(broken, broken)
    with pytest.raises(errors.BuildError, match="The image x cannot be decoded"):
        comparing.compare(made([_record("x", image=images.encode_png(plans.noise("one"))[:-30])]),
                          broken)  # fmt: skip


def test_nothing_in_common_and_nothing_at_all(made):
    difference = comparing.compare(made([_record("x")]), made([]))
    assert (difference.shared, difference.sources) == (0, {"bbbc006": (1, 0)})
    assert "1 left, 0 entered" in str(difference)
    assert comparing.compare(made([]), made([])).equal


def test_the_same_pixels_in_another_file_are_the_same(made):
    image = plans.noise("one")
    pngs = (images.encode_png(image), imagecodecs.png_encode(image, level=9))
    assert pngs[0] != pngs[1]
    first, second = (made([_record("x", image=png)]) for png in pngs)
    assert comparing.compare(first, second).equal
