from __future__ import annotations

from cytoimagenet_tfds import cli
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
