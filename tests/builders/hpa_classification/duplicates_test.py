from __future__ import annotations

import shutil

import cv2
import hpa_folder
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from trees import _write

from cytoimagenet_tfds.builders.hpa_classification import duplicates, fields, planning
from cytoimagenet_tfds.builders.hpa_classification.rules import Rules
from cytoimagenet_tfds.sources.tree import Tree


def picture(number, side=128):
    return hpa_folder.image(number, hpa_folder.labels(number), side)


def bits(a, b):
    return int(np.bitwise_count(a ^ b).sum())


def test_a_picture_keeps_its_hash_through_scaling_and_jpeg(tmp_path):
    for number in range(6):
        plane = np.ascontiguousarray(picture(number)[..., 1])
        large = cv2.resize(plane, (512, 512), interpolation=cv2.INTER_CUBIC)
        Image.fromarray(large).save(tmp_path / "a.jpg", quality=85)
        own = duplicates.picture_hash(plane)
        again = duplicates.picture_hash(np.asarray(Image.open(tmp_path / "a.jpg")))
        other = duplicates.picture_hash(np.ascontiguousarray(picture(number + 1)[..., 1]))
        assert bits(own, again) <= 20
        assert bits(own, other) > 60


def test_a_flat_picture_is_like_no_other():
    assert duplicates.picture_hash(np.full((64, 64), 7, np.uint8)) is None


def test_near_hashes_are_linked_and_far_ones_are_not():
    rng = np.random.default_rng(0)
    base = rng.integers(0, 2**63, (3, 8), dtype=np.uint64)
    near = base[0].copy()
    near[0] ^= np.uint64(0b111)
    half = base[1].copy()
    half[4:] = base[2][4:]  # one channel alike, the other not
    hashes = {"a": base[0], "b": near, "c": base[1], "d": half}
    links = duplicates.similar(hashes)
    assert links == [("a", "a b"), ("b", "a b")]
    assert duplicates.clusters(list(hashes), links) == {"a": "a", "b": "a"}
    assert duplicates.similar({}) == []


def test_links_join_through_others():
    links = [("a", "1"), ("b", "1"), ("b", "2"), ("c", "2"), ("d", "3")]
    assert duplicates.clusters(list("abcd"), links) == dict.fromkeys("abc", "a")


def test_same_files_need_protein_and_nucleus(tmp_path):
    hpa_folder.make(tmp_path, 4, 0)
    first, second, third = (hpa_folder.uuid(n) for n in range(3))
    folder = tmp_path / "kag_hpa" / "train"
    for colour in ("green", "blue"):
        shutil.copy(folder / f"{first}_{colour}.png", folder / f"{second}_{colour}.png")
    shutil.copy(folder / f"{first}_green.png", folder / f"{third}_green.png")
    tree = Tree(tmp_path / "kag_hpa")
    source, reader = fields.competition(Rules())
    source.table_and_report(tree.root)
    assert set(reader.copies) == {first, second}
    assert len(set(reader.copies.values())) == 1


@pytest.fixture
def with_release_18(tmp_path):
    """30 images; of release 18: a JPEG of image 0, another picture, one without a nucleus."""
    hpa_folder.make(tmp_path, 30, 0, side=128)
    names = ("1_1_A1_1", "1_1_A1_2")
    for name, number in zip(names, (0, 99), strict=True):
        large = cv2.resize(picture(number), (512, 512), interpolation=cv2.INTER_CUBIC)
        for channel, colour in enumerate(hpa_folder.COLOURS):
            rgb = np.zeros((512, 512, 3), np.uint8)
            rgb[..., [0, 1] if colour == "yellow" else channel] = large[..., [channel] * 2] if colour == "yellow" else large[..., channel]  # fmt: skip  # noqa: E501
            _write.image(tmp_path, f"hpa_v18/images/{name}_{colour}.jpg", array=rgb)
    rows = [[name, "0"] for name in names]
    _write.csv(tmp_path, "hpa_v18/HPAv18RBGY_wodpl.csv", ["Id", "Target"], rows)
    return tmp_path


def test_a_copy_in_release_18_is_left_out_and_the_rest_is_for_training(with_release_18):
    pytest.importorskip("iterstrat", reason="needs the extra hpa")
    rules = Rules(external=True, duplicates="similar", folds=3)
    wanted = [fields.competition(rules), fields.release_18(rules)]
    roots = {source.dir_name: str(with_release_18 / source.dir_name) for source, _ in wanted}
    rows = pd.concat([source.table_and_report(roots[source.dir_name])[0] for source, _ in wanted])
    readers = [reader for _, reader in wanted]
    plan = planning.plan(rows.reset_index(drop=True), readers, roots, None, rules)
    external = plan[plan["dir_name"] == fields.EXTERNAL]
    assert external["id"].tolist() == ["1_1_A1_2"]
    assert external["split"].tolist() == ["train"]
    assert external["fold"].tolist() == [-1]
    assert len(plan) == 31
    own = plan[plan["id"] == hpa_folder.uuid(0)]
    assert own["duplicate_of"].tolist() == ["1_1_A1_1"]
    assert plan["duplicate_of"].ne("").sum() == 1
