from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import plans
import pytest
from trees import bbbc006 as bbbc006_tree

from cytoimagenet_tfds import errors, images, sources
from cytoimagenet_tfds.build import multichannel, procedure, siblings
from cytoimagenet_tfds.sources.base import Channel


def planned(rows, root):
    return procedure.Planned(rows=rows, roots={"toy": str(root)}, found=(), seed=0, rules=None,
                             facts={})  # fmt: skip


def toy(root, count, rows="field", name="f_{}"):
    """A source of two fields with `count` channels, one file each."""
    channels = tuple(Channel(code=str(c), name=name.format(c)) for c in range(count))
    for field in "ab":
        for channel in range(count):
            file_name = f"{field}_{channel}.png"
            plans.write_png(root / file_name, plans.noise(file_name))

    def read(tree, report):
        names = [file for file in tree.files if file.endswith(".png")]
        return pd.DataFrame({
            "path": names, "field": [n[0] for n in names], "channel": [n[2:-4] for n in names],
        })  # fmt: skip

    base = sources.get("bbbc006")
    return dataclasses.replace(
        base, dir_name="toy", rows=rows, channels=channels, read=read, expected_rows=None
    )


def attached(source, root, **options):
    table = source.table(root)
    plan = table.assign(label="", category="", folder="", split="train", crops=0)
    return siblings.attach(planned(plan, root), [source], raw=False, **options)


def test_a_merged_row_keeps_its_channels_in_file_order(tmp_path):
    rows = attached(toy(tmp_path, 3), tmp_path).rows
    assert rows["files"].tolist() == ["a_0.png|a_1.png|a_2.png", "b_0.png|b_1.png|b_2.png"]
    assert set(rows["names"]) == {"f_0|f_1|f_2"}
    assert set(rows["own"]) == {"111"}


def test_a_row_of_one_channel_gets_the_others_of_its_field(tmp_path):
    rows = attached(toy(tmp_path, 3, rows="channel"), tmp_path).rows
    assert len(rows) == 6
    assert rows["own"].tolist() == ["100", "010", "001"] * 2
    assert rows["files"].tolist()[:3] == ["a_0.png|a_1.png|a_2.png"] * 3


def test_two_channels_of_one_stain_have_both_their_name(tmp_path):
    made = attached(toy(tmp_path, 3, name="f_nucleus"), tmp_path)
    assert set(made.rows["channels"]) == {"f_nucleus"}
    assert set(made.rows["names"]) == {"f_nucleus|f_nucleus|f_nucleus"}


def test_more_than_eight_channels_name_the_field_and_the_channels(tmp_path):
    assert len(attached(toy(tmp_path, 8), tmp_path).rows) == 2
    with pytest.raises(errors.BuildError, match="2 images have more than 8 channels") as caught:
        attached(toy(tmp_path / "nine", 9), tmp_path / "nine")
    assert "- toy/a: 9 channels (f_0, f_1, f_2, f_3, f_4, f_5, f_6, f_7, f_8)" in str(caught.value)


def test_every_field_of_a_real_layout_is_found(tmp_path):
    bbbc006_tree.make(tmp_path)
    source = sources.get("bbbc006")
    plan = source.table(tmp_path)
    made = siblings.attach(
        dataclasses.replace(planned(plan, tmp_path), roots={"bbbc006": str(tmp_path)}),
        [source], raw=True,
    )  # fmt: skip
    assert made.rows["key"].tolist() == plan["key"].tolist()
    pairs = zip(plan["files"], made.rows["files"], made.rows["own"], strict=True)
    for own, whole, marks in pairs:
        assert [
            part for part, mark in zip(whole.split("|"), marks, strict=True) if mark == "1"
        ] == [own]
    assert made.rows["own"].str.len().max() == 2
    assert made.standardize == multichannel.KeepApart(raw=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("count", [1, 4, 8])
def test_bytes_of_a_chunk_hold_everything(dtype, count):
    rng = np.random.Generator(np.random.PCG64(count))
    pixels = rng.integers(0, np.iinfo(dtype).max, (5, 7, count), dtype)
    image = images.Apart(pixels, rng.random(count), rng.random(count) + 1, rng.random(count) > 0.5)
    again = multichannel.decode(multichannel.encode(image))
    np.testing.assert_array_equal(again.pixels, pixels)
    assert again.pixels.dtype == dtype
    for name in ("low", "high", "own"):
        np.testing.assert_array_equal(getattr(again, name), getattr(image, name))
    assert again.colour is False
