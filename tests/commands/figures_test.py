from __future__ import annotations

import numpy as np
import pandas as pd

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.evaluation import table
from cytoimagenet_tfds.figures import catalogue


def test_command(tmp_path, capsys):
    history = tmp_path / "history.csv"
    history.write_text("epoch,loss,val_loss\n0,2,2.5\n")
    words = ["figures", "--history", str(history), "--out", str(tmp_path / "o")]
    assert cli.main([*words, "--only", "history", "diversity"]) == 0
    out = capsys.readouterr().out
    assert str(tmp_path / "o" / "history.svg") in out
    assert "skipped diversity: give the CSV file" in out
    assert cli.main(["figures"]) == 1
    assert "name a prepared dataset" in capsys.readouterr().err
    assert cli.main(["figures", "--list"]) == 0
    assert capsys.readouterr().out.count("\n") == len(catalogue.CATALOGUE)


def test_command_on_a_dataset(sample, tmp_path, capsys):
    words = ["figures", "cytoimagenet/sample", "--data_dir", str(sample.data_dir_root)]
    assert cli.main([*words, "--out", str(tmp_path), "--only", "composition", "crops"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"composition.svg", "crops.svg"}
    assert cli.main(["figures", "cytoimagenet/sampel", *words[2:], "--out", str(tmp_path)]) == 1
    assert "sample" in capsys.readouterr().err


def test_features_of_any_images_with_tables_of_their_own(tmp_path, capsys):
    keys = [f"k{number}" for number in range(20)]
    rng = np.random.default_rng(0)
    table.FeatureTable.of(keys, rng.random((20, 4))).save(tmp_path / "features.parquet")
    plates = pd.DataFrame({"key": keys, "plate": ["a", "b"] * 10})
    plates.to_csv(tmp_path / "plates.csv", index=False)
    words = ["figures", "--only", "embedding", "--features", str(tmp_path / "features.parquet")]
    words += ["--metadata", str(tmp_path / "plates.csv"), "--out", str(tmp_path / "o")]
    assert cli.main([*words, "--by", "plat"]) == 1
    assert "Did you mean 'plate'" in capsys.readouterr().err
    plates.rename(columns={"key": "id"}).to_csv(tmp_path / "plates.csv", index=False)
    assert cli.main([*words, "--by", "plate"]) == 1
    assert "has no column key; it has id, plate" in capsys.readouterr().err
