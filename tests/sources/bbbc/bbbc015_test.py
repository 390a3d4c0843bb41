from __future__ import annotations

from trees import _write

from cytoimagenet_tfds import sources

FOLDER = "BBBC015_v1_images"


def read(root, names):
    _write.empty(root, [f"{FOLDER}/{name}" for name in names])
    rows, report = sources.get("bbbc015").table_and_report(root)
    return rows, [f for f in report.findings if f.kind != "count"]


def test_the_whole_plate(tmp_path):
    names = [f"{n}_{s}_{c}.JPG" for n in range(49, 85) for s in range(1, 5) for c in (0, 1)]
    rows, findings = read(tmp_path, names)
    assert (len(rows), findings) == (288, [])
    assert rows["field"].nunique() == 144
    doses = rows.groupby("well")["concentration"].first()
    assert list(doses.index) == [f"{row}{column:02d}" for row in "EFG" for column in range(1, 13)]
    assert (doses.to_numpy()[:12] == doses.to_numpy()[12:24]).all()
    assert doses["E01"] == 1000
    assert doses.is_monotonic_decreasing is False
    assert doses[:12].is_monotonic_decreasing


def test_what_each_channel_shows_is_left_open(tmp_path):
    rows, _ = read(tmp_path, ["49_1_0.JPG", "49_1_1.JPG"])
    assert set(rows["cell_visible"]) == {"nucleus|cell membrane"}
    assert any("arrestin" in fact for fact in sources.get("bbbc015").unsure)


def test_a_well_outside_the_map_is_told(tmp_path):
    rows, findings = read(tmp_path, ["48_1_0.jpg"])
    assert list(rows["well"]) == ["D12"]
    assert list(rows["compound"]) == [""]
    assert [f.kind for f in findings] == ["not in plate map"]
