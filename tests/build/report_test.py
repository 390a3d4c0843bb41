"""The report of a build: every row and every image is accounted for."""

from __future__ import annotations

import json

import numpy as np
import plans
import pyarrow.parquet as pq
import pytest
from etils import epath
from render_folder import Build

from cytoimagenet_tfds import images
from cytoimagenet_tfds.build import (
    division,
    gather,
    making,
    procedure,
    render,
    rendered,
    report,
    selection,
)


@pytest.fixture
def made(tmp_path):
    """The report of 10 rows read: 2 excluded, 1 not chosen, 7 planned, 2 rejected, 3 in a class."""
    build = Build(tmp_path)
    names = [f"{number}.png" for number in range(6)]
    for name in names:
        plans.write_png(build.root / name, plans.noise(name))
    (build.root / "0.png").write_bytes(b"")
    rows = [{"files": name, "label": "a" if name < "5" else "b", "category": "gene"}
            for name in names]  # fmt: skip
    rows.append({"files": "1.png|2.png\nRows rejected: 0", "key": "toy/two\x1b[2J", "label": "a"})
    plan = plans.plan(rows)
    divided = division.divide(plan, 3, "pixels")
    division.write(divided, build.work)
    roots = {"toy": str(build.root)}
    for number in range(len(divided.names)):
        render.RenderChunk(
            build.work, divided.digest, roots, images.PixelSettings(), run="one" if number else ""
        )(number)
    found = rendered.read(build.work.chunks, divided, "one")
    rules = selection.ClassRules(cap=3, min_class=2)
    planned = procedure.Planned(
        rows=plan, roots=roots, found=(gather.Found("toy", "", 10, {"label mask": 2}, ("x\ny",)),),
        seed=0, rules=rules, facts={}, left_out=("bbbc005",),
    )  # fmt: skip
    made_by = making.Making("FnApiRunner", "hash", {"render": 2.0, "assemble": 1.0})
    chosen = selection.select(plan, found, 0, rules)
    return report.make("toy", planned, found, chosen, made_by), found


def test_rows_and_images_add_up(made):
    done, found = made
    lines = done.text().split("\n")
    assert lines[1:6] == [
        "Rows read: 10", "Rows excluded: 2 (2 label mask)", "Rows not chosen by the rules: 1",
        "Rows planned: 7, 1 of them merged from several files", "Images rendered: 5",
    ]  # fmt: skip
    assert "Images written: 3 (3 train)" in lines
    assert "Images above what a class takes, or of classes left out: 2" in lines
    assert "Rows rejected: 2" in lines
    assert "  b: 1" in lines
    assert "Sources not in it: 1: bbbc005" in lines
    assert 0 < found.kept < 5
    assert f"  render: 2.0 s, {(5 - found.kept) / 2:,.0f} images/s" in lines
    assert f"  kept from an earlier run: {found.kept} rendered images" in lines


def test_names_of_data_make_no_lines(made):
    text = made[0].text()
    assert "toy/two\\x1b[2J" in text
    assert "\nRows rejected: 0" not in text
    assert "    x\\ny" in text.split("\n")


def test_the_table_holds_the_same(made, tmp_path):
    made[0].write(epath.Path(tmp_path))
    table = pq.read_table(tmp_path / report.TABLE_NAME)
    counts = {name: np.sum(table[name].to_numpy()) for name in ("rendered", "written")}
    assert counts == {"rendered": 5, "written": 3}
    summary = json.loads(table.schema.metadata[b"summary"])
    assert summary["excluded"] == {"label mask": 2}
    assert summary["sources_left_out"] == ["bbbc005"]
    assert summary["dropped_classes"] == {"b": 1}
    assert summary["rejected"] == {"empty file": 1, "missing file": 1}
    assert summary["run"]["seconds"] == {"render": 2.0, "assemble": 1.0}
    assert (tmp_path / report.TEXT_NAME).read_text(encoding="utf-8") == made[0].text() + "\n"
