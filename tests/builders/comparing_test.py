from __future__ import annotations

import imagecodecs
import plans
import published
import pytest
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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cytoimagenet/release", "plan.parquet"], "one is a plan, the other is not"),
        (["cytoimagenet/release", "cytoimagenet/release"], "is not prepared in"),
        (["cytoimagenet/nosuch", "cytoimagenet/release"], "cytoimagenet/nosuch cannot be read"),
    ],
)
def test_mistakes_are_told(words, message, tmp_path, capsys):
    assert cli.main(["compare", *words, f"--data_dir={tmp_path}"]) == 1
    assert message in capsys.readouterr().err


def test_the_same_pixels_in_another_file_are_the_same():
    image = plans.noise("one")
    stored = [tf_example_pb2.Example() for _ in range(2)]
    pngs = (images.encode_png(image), imagecodecs.png_encode(image, level=9))
    assert pngs[0] != pngs[1]
    for example, png in zip(stored, pngs, strict=True):
        example.features.feature["image"].bytes_list.value.append(png)
        example.features.feature["key"].bytes_list.value.append(b"k")
    rows = [comparing._parse(e.SerializeToString(), "train", None) for e in stored]
    assert rows[0] == rows[1]
    stored[0].features.feature["image"].bytes_list.value[0] = pngs[0][:-30]
    with pytest.raises(errors.BuildError, match="The image k cannot be decoded"):
        comparing._parse(stored[0].SerializeToString(), "train", None)
