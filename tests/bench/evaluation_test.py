from __future__ import annotations

import re

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.bench import _rounds

SMALL = ["--train", "300", "--queries", "20", "--features", "8", "--loop", "3", "--rounds", "1"]


def test_prints_the_rates_of_the_search(capsys):
    assert cli.main(["bench", "evaluation", *SMALL, "--images", "0"]) == 0
    printed = capsys.readouterr().out
    assert "300 x 8 float32, k = 11" in printed
    assert len(re.findall(r"queries/s +[\d.,]+ ms of processor", printed)) == 3
    assert re.search(r"\d+% of the product by the clock, \d+% by processor time", printed)
    assert "images/s" not in printed


def test_prints_the_rates_of_features(capsys):
    pictures = ["--images", "3", "--side", "32", "--batch", "2", "--model", "MobileNetV3Small"]
    assert cli.main(["bench", "evaluation", *SMALL, *pictures]) == 0
    printed = capsys.readouterr().out
    assert "3 images of 32 x 32, MobileNetV3Small with random weights" in printed
    assert len(re.findall(r"images/s", printed)) == 3
    assert "times by processor time as features, one at a time." in printed


def test_each_way_is_taken_in_every_round_in_turn():
    done = []
    ways = {name: lambda name=name: done.append(name) for name in "ab"}
    found = _rounds.fastest(ways, 3)
    assert done == ["a", "b"] * 3
    assert min(found["a"].wall, found["b"].processor) >= 0
