from __future__ import annotations

from cytoimagenet_tfds import cli


def test_prints_the_rates(capsys):
    small = ["--train", "300", "--queries", "20", "--features", "8", "--loop", "3", "--rounds", "1"]
    assert cli.main(["bench", "evaluation", *small]) == 0
    printed = capsys.readouterr().out
    assert "300 x 8 float32, k = 11" in printed
    assert printed.count("queries/s") == 3
    assert "of the product" in printed
