from __future__ import annotations

import json

import pytest
from trees import _write
from trees import bbbc041 as tree

from cytoimagenet_tfds import errors, files, images, sources

REAL = ("bbbc041", "Muhinde234+vision-bn", "malaria", "test.json")


def read(root):
    rows, report = sources.get("bbbc041").table_and_report(root)
    return rows, [f for f in report.findings if f.kind != "count"]


def test_boxes_are_clipped_and_empty_ones_are_told(tmp_path):
    tree.make(tmp_path)
    rows, findings = read(tmp_path)
    told = {f.kind: f for f in findings}
    assert set(told) == {"clipped box", "degenerate box", "missing file", "not in table"}
    assert told["clipped box"].examples == (f"{tree.FIRST} box 3", f"{tree.FIRST} box 4")
    assert told["degenerate box"].examples == (f"{tree.FIRST} box 5", f"{tree.FIRST} box 6")
    assert told["missing file"].examples == (tree.ABSENT,)
    assert told["not in table"].examples == (f"malaria/images/{tree.UNLISTED}.png",)
    height, width = tree.SHAPE
    for text in rows["files"]:
        top, bottom, left, right = files.parse(text).region
        assert 0 <= top < bottom <= height
        assert 0 <= left < right <= width


def test_difficult_cells_are_rows_nobody_trains_on(tmp_path):
    tree.make(tmp_path)
    rows, _ = read(tmp_path)
    left_out = rows[rows["excluded"] != ""]
    assert list(left_out["excluded"]) == ["unlabelled"]
    assert list(left_out["cell_type"] + left_out["phenotype"]) == [""]


def test_an_unknown_category_is_told(tmp_path):
    _write.empty(tmp_path, [f"malaria/images/{tree.SECOND}.jpg"])
    boxes = ((1, 9, 1, 9, "platelet"), (1, 9, 2, 9, "ring"))
    _write.text(tmp_path, "malaria/test.json", json.dumps([tree.entry(tree.SECOND, ".jpg", boxes)]))
    rows, findings = read(tmp_path)
    assert sorted(rows["excluded"]) == ["", "unlabelled"]
    told = {f.kind: f for f in findings}
    assert told["unknown category"].examples == ("platelet",)
    assert told["missing table"].message.endswith("training.json are not there.")


def test_cells_of_a_photograph_share_its_group(tmp_path):
    tree.make(tmp_path)
    rows, _ = read(tmp_path)
    photograph = rows["files"].str.split("#").str[0]
    assert (rows.groupby("group").size() == rows.groupby(photograph).size().to_numpy()).all()
    assert rows["group"].nunique() == 2


def test_without_any_boxes_the_reason_is_named(tmp_path):
    _write.empty(tmp_path, [f"images/{tree.FIRST}.png"])
    with pytest.raises(errors.SourceLayoutError, match=r"training\.json, test\.json"):
        read(tmp_path)


@pytest.mark.parametrize("content", ["", "[1, 2", '{"images": []}'])
def test_a_broken_table_stops_the_reading(tmp_path, content):
    tree.make(tmp_path)
    _write.text(tmp_path, "malaria/training.json", content)
    with pytest.raises(errors.SourceLayoutError, match=r"malaria/training\.json"):
        read(tmp_path)


def test_entries_without_what_they_need_are_told(tmp_path):
    _write.empty(tmp_path, [f"images/{tree.SECOND}.jpg"])
    good = tree.entry(tree.SECOND, ".jpg", tree.TEST)
    good["objects"] += [{"category": "ring"}, {"bounding_box": {"minimum": {"r": 1}}}, None]
    _write.text(tmp_path, "test.json", json.dumps([good, {"objects": []}, None, 7]))
    rows, findings = read(tmp_path)
    assert len(rows) == len(tree.TEST)
    told = {f.kind: f.count for f in findings}
    assert told["unreadable box"] == 6


def test_an_image_of_unknown_size_keeps_its_boxes(tmp_path):
    _write.empty(tmp_path, [f"images/{tree.SECOND}.jpg"])
    entry = tree.entry(tree.SECOND, ".jpg", ((-5, 9000, 1, 9000, "ring"),))
    del entry["image"]["shape"]
    _write.text(tmp_path, "test.json", json.dumps([entry]))
    assert read(tmp_path)[0]["files"].str.endswith("#region=0,9000,1,9000").all()


def test_a_box_written_twice_is_one_row(tmp_path):
    _write.empty(tmp_path, [f"images/{tree.SECOND}.jpg"])
    entry = tree.entry(tree.SECOND, ".jpg", tree.TEST[:1] * 2)
    _write.text(tmp_path, "test.json", json.dumps([entry]))
    rows, findings = read(tmp_path)
    assert len(rows) == 1
    assert "duplicate file" in [f.kind for f in findings]


def test_pixels_of_a_row(tmp_path):
    tree.make(tmp_path)
    rows, _ = read(tmp_path)
    reference = files.parse(rows["files"][0])
    top, bottom, left, right = reference.region
    image = images.read(tmp_path / reference.path)
    assert image.shape == (*tree.SHAPE, 3)
    assert image[top:bottom, left:right].size > 0


def test_the_real_boxes_at_full_length(tmp_path, shared_data):
    """Every object of the published test set, in order: author's name <uuid>_<k>."""
    entries = json.loads(shared_data(*REAL).read_text())
    _write.empty(tmp_path, ["malaria" + e["image"]["pathname"] for e in entries])
    _write.text(tmp_path, "malaria/test.json", json.dumps(entries))
    rows, findings = read(tmp_path)
    assert [f.kind for f in findings] == ["missing table"]
    found = {
        (row.field.rsplit("/", 1)[1], row.site): (row.cell_type, row.phenotype, row.files)
        for row in rows.itertuples()
    }
    count = 0
    for entry in entries:
        path = "malaria" + entry["image"]["pathname"]
        name = path.rsplit("/", 1)[1].split(".")[0]
        for number, item in enumerate(entry["objects"], 1):
            cell_type, phenotype, reference = found[(name, str(number))]
            low, high = (item["bounding_box"][corner] for corner in ("minimum", "maximum"))
            region = f"{low['r']},{high['r']},{low['c']},{high['c']}"
            assert reference == f"{path}#region={region}"
            category = item["category"]
            if category == "red blood cell":
                assert (cell_type, phenotype) == ("red blood cell", "uninfected")
            elif category == "difficult":
                assert (cell_type, phenotype) == ("", "")
            else:
                assert (cell_type, phenotype) == ("red blood cell", category)
            count += 1
    assert len(rows) == count == 5922
    assert rows["excluded"].value_counts().to_dict() == {"": 5917, "unlabelled": 5}
