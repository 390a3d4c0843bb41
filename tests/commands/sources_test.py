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
    there = f"--manual_dir={tmp_path}"
    assert found["bbbc006"]["next"] == f"cytoimagenet build bbbc/bbbc006 {there}"
    assert found["bbbc010"]["here"] is False  # an empty folder holds nothing
    assert found["bbbc010"]["next"] == f"cytoimagenet fetch bbbc010 --to={tmp_path}"


def test_the_next_step_is_short_where_everything_lies_where_it_is_looked_for(capsys) -> None:
    (line,) = listed(capsys, "--database", "cell_image_library")
    assert line["next"] in (
        "cytoimagenet fetch cil_kinome", "cytoimagenet build cell_image_library/cil_kinome"
    )  # fmt: skip


def test_a_part_of_the_downloads_is_told_from_all_and_from_another_layout(tmp_path, capsys) -> None:
    there = ("--manual_dir", str(tmp_path), "--database", "bbbc")
    folder = tmp_path / "bbbc025"
    (folder / "37983_MITO").mkdir(parents=True)  # unpacked by hand
    (folder / "37983_ERSyto.tar").touch()
    (folder / "37983_Hoechst.tar.gz").touch()
    (folder / "37983_PhGolgi.tar.gz.part").touch()
    (found,) = [one for one in listed(capsys, *there) if one["dir_name"] == "bbbc025"]
    assert len(found["missing"]) == 37
    assert "37983_PhGolgi.tar.gz" in found["missing"]
    assert found["next"].startswith("cytoimagenet fetch bbbc025 --to=")
    cli.main(["sources", *there])
    out = capsys.readouterr().out
    assert "0 of 18 sources are here." in out
    assert "bbbc025 lacks 37 downloads: 37983_ERSytoBleed.tar.gz" in out.replace("\n", " ")
    for path in folder.iterdir():
        path.rename(folder / f"x{path.name}")
    (found,) = [one for one in listed(capsys, *there) if one["dir_name"] == "bbbc025"]
    assert (found["here"], found["missing"]) == (True, [])


def test_non_commercial_sources_say_how_to_acknowledge(tmp_path: Path, capsys) -> None:
    (one,) = listed(capsys, "--manual_dir", str(tmp_path), "--licence", "NC-SA-3.0",
                    "--database", "bbbc", "--max_gb", "0.1")  # fmt: skip
    assert (one["dir_name"], one["licence"]) == ("bbbc020", "CC-BY-NC-SA-3.0")
    assert one["next"] == f"cytoimagenet fetch bbbc020 --accept-licence --to={tmp_path}"


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
    assert lines[-2] == f"0 of {len(sources.names('bbbc'))} sources are here."
    sizes = [sources.get(name).download_gb for name in sources.names("bbbc")]
    known, unknown = sum(size or 0 for size in sizes), sizes.count(None)
    expected = f"The others are {known:,.0f} GB to fetch; of {unknown} more the size is not"
    assert lines[-1].startswith(expected)
    (line,) = [line for line in lines if line.startswith("bbbc006")]
    assert line.split()[:5] == ["bbbc006", "CC0-1.0", "0.8", "1,536", "no"]


def test_markdown_has_a_line_per_source_and_no_path_of_this_machine(tmp_path: Path, capsys) -> None:
    assert cli.main(["sources", "--manual_dir", str(tmp_path), "--markdown"]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert sum(line.startswith("| [") for line in lines) == len(sources.names())
    heads = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert heads == [sources.get(sources.names(one)[0]).database for one in sources.databases()]
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
