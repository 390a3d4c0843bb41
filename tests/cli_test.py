from __future__ import annotations

import argparse
import importlib
import subprocess
import sys

import pytest
from trees import bbbc006

from cytoimagenet_tfds import cli, tables
from cytoimagenet_tfds.version import __version__


@pytest.mark.parametrize(
    ("words", "status"), [([], 2), (["--help"], 0), (["-h"], 0), (["help"], 0)]
)
def test_the_overview_names_every_command(words, status, capsys):
    assert cli.main(words) == status
    shown = capsys.readouterr().out
    for name, (_, text) in cli.COMMANDS.items():
        assert f"  {name} " in shown
        assert text in shown


def test_help_tells_defaults_where_the_text_does_not():
    parser = argparse.ArgumentParser(formatter_class=cli.Help)
    parser.add_argument("--batch", type=int, default=32, help="planes at a time")
    parser.add_argument("--weights", nargs="+", default=["a", "b"], help="what to take")
    parser.add_argument("--number", type=int, default=0, help="at most so many (all)")
    parser.add_argument("--split", default="", help="only this split")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    shown = parser.format_help()
    assert "planes at a time (default: 32)" in shown
    assert "what to take (default: a b)" in shown
    assert shown.count("default") == 2


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_an_unknown_command_gets_the_nearest(capsys):
    assert cli.main(["tabel"]) == 2
    assert "There is no command 'tabel'. Did you mean 'table'?" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_has_help(name, capsys):
    importlib.import_module(cli.COMMANDS[name][0])
    with pytest.raises(SystemExit) as caught:
        cli.main([name, "--help"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: cytoimagenet {name}")


def test_table_writes_a_row_table_and_prints_what_it_found(tmp_path, capsys):
    bbbc006.make(tmp_path / "bbbc006")
    out = tmp_path / "rows.parquet"
    assert cli.main(["table", "bbbc006", str(tmp_path / "bbbc006"), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert f"16 rows -> {out}" in shown
    assert "count: 16 rows; the complete download has 1,536." in shown
    assert len(tables.read(out, "rows")) == 16


def test_an_error_is_one_message_and_status_one(tmp_path, capsys):
    words = ["table", "bbbc06", str(tmp_path), "--out", str(tmp_path / "rows.parquet")]
    assert cli.main(words) == 1
    message = capsys.readouterr().err
    assert message.startswith("cytoimagenet table: There is no source 'bbbc06'. Did you mean")
    assert "Traceback" not in message
    assert not (tmp_path / "rows.parquet").exists()


def test_wrong_options_are_a_wrong_usage(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["table", "bbbc006"])
    assert caught.value.code == 2
    assert "root" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "cytoimagenet_tfds.cli", "sources"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        run.stdout.close()  # before the first line
        assert run.stderr.read() == ""
    assert run.returncode == 1
