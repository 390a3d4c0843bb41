"""The command line of `cytoimagenet evaluate`, where it is used wrongly."""

from __future__ import annotations

import pytest

from cytoimagenet_tfds import cli


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "x"], "Name a benchmark: bbbc021, coos7, cyclops."),
        (["cyclop"], "Did you mean 'cyclops'"),
        (["cyclops", "cyclops/hdf5", "--out", "x"], "Name each benchmark once"),
        (["cyclops", "--out", "x", "--no-baselines"], "Say which features"),
        (["cyclops", "--out", "x", "--table", "t.csv"], "--table holds wells of bbbc021"),
        (["bbbc021", "coos7", "--out", "x", "--table", "t.csv"], "evaluates bbbc021 alone"),
        (["bbbc021", "--out", "x", "--table", "t.csv", "--columns", "a"], "is not ROLE=COLUMN"),
        (["coos7", "--out", "x", "--normalization", "range"], "coos7 has none. There: scaled or"),
        (["coos7", "--out", "x", "--protocol", "papers"], "no protocol 'papers'"),
        (["cyclops", "--out", "x", "--data_dir", "/nowhere"], "tfds build cyclops --imports"),
    ],
)
def test_wrong_usage_says_what_is_missing(arguments, message, capsys):
    assert cli.main(["evaluate", *arguments]) == 1
    assert message in capsys.readouterr().err
