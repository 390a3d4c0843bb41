"""The overview of the sources: filters, forms, and the next step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cytoimagenet_tfds import cli, errors, sources


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    cli.main(["sources", "--json", *words])
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_all_sources_with_what_is_here(tmp_path: Path, capsys) -> None:
    (tmp_path / "bbbc006").mkdir()
    (tmp_path / "bbbc006" / "a.tif").write_bytes(b"")
    (tmp_path / "bbbc010").mkdir()
    found = {one["dir_name"]: one for one in listed(capsys, "--manual_dir", str(tmp_path))}
    assert tuple(found) == sources.names()
    assert found["bbbc006"]["here"] is True
    assert found["bbbc006"]["next"] == "tfds build bbbc/bbbc006 --imports=cytoimagenet_tfds"
    assert found["bbbc010"]["here"] is False  # an empty folder holds nothing
    assert found["bbbc010"]["next"] == "cytoimagenet fetch bbbc010"


def test_non_commercial_sources_say_how_to_acknowledge(tmp_path: Path, capsys) -> None:
    (one,) = listed(capsys, "--manual_dir", str(tmp_path), "--licence", "NC-SA-3.0",
                    "--database", "bbbc", "--max_gb", "0.1")  # fmt: skip
    assert (one["dir_name"], one["licence"]) == ("bbbc020", "CC-BY-NC-SA-3.0")
    assert one["next"] == "cytoimagenet fetch bbbc020 --accept-licence"


def test_filters(tmp_path: Path, capsys) -> None:
    here = ("--manual_dir", str(tmp_path))
    free = listed(capsys, *here, "--commercial")
    assert free
    assert all("NC" not in str(one["licence"]) for one in free)
    assert all(one["licence"] != "unknown" for one in free)
    small = listed(capsys, *here, "--max_gb", "1")
    assert small
    assert all(float(str(one["download_gb"])) <= 1 for one in small)
    assert [one["database"] for one in listed(capsys, *here, "--database", "recursion")] == [
        sources.get("rec_rxrx1").database
    ] * 4


def test_the_table_a_person_reads(tmp_path: Path, capsys) -> None:
    assert cli.main(["sources", "--manual_dir", str(tmp_path), "--database", "bbbc"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["source", "licence", "GB", "images", "here", "next"]
    assert lines[-1] == f"0 of {len(sources.names('bbbc'))} sources are here."
    (line,) = [line for line in lines if line.startswith("bbbc006")]
    assert line.split()[:5] == ["bbbc006", "CC0-1.0", "0.8", "1,536", "no"]


def test_markdown_has_a_line_per_source_and_no_path_of_this_machine(tmp_path: Path, capsys) -> None:
    assert cli.main(["sources", "--manual_dir", str(tmp_path), "--markdown"]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == len(sources.names()) + 2
    assert str(tmp_path) not in out


def test_filters_that_leave_nothing_and_unknown_databases(tmp_path: Path, capsys) -> None:
    assert cli.main(["sources", "--licence", "no such licence"]) == 1
    assert "No source fits" in capsys.readouterr().out
    assert cli.main(["sources", "--database", "bbb"]) == 1
    assert "'bbbc'" in capsys.readouterr().err


@pytest.mark.parametrize("name", sources.names())
def test_every_source_knows_its_builder(name: str) -> None:
    assert sources.builder(name) in sources.databases()


def test_an_unknown_source_has_no_builder() -> None:
    with pytest.raises(errors.ConfigError, match="bbbc006"):
        sources.builder("bbbc06")
