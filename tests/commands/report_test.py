"""`cytoimagenet report` and `export` on the prepared sample, and on what they cannot read."""

from __future__ import annotations

import json
import re

import pyarrow.parquet as pq
import pytest

from cytoimagenet_tfds import cli, prepared, schema


@pytest.fixture(scope="module")
def data_dir(sample):
    """The folder the sample lies in."""
    return str(sample.data_dir_root)


@pytest.fixture(scope="module")
def out(data_dir, tmp_path_factory):
    """A folder with everything `report` writes."""
    folder = tmp_path_factory.mktemp("report")
    names = {"out": "card.html", "croissant": "croissant.json", "licences": "LICENSES"}
    options = [f"--{option}={folder / name}" for option, name in names.items()]
    assert cli.main(["report", "cytoimagenet/sample", f"--data_dir={data_dir}", *options]) == 0
    return folder


def _facts(page):
    return json.loads(re.search(r'id="facts-data">(.*?)</script>', page)[1])


def test_card_of_the_sample(out, sample):
    facts = _facts((out / "card.html").read_text())
    assert facts["images"] == sum(split.num_examples for split in sample.info.splits.values())
    assert [one["label"] for one in facts["classes"]] == sample.info.features["label"].names
    assert facts["leakage"]["divided"] == 0 < facts["leakage"]["groups"]
    assert [one["reason"] for one in facts["quality"]["rejected"]] == ["binary"]
    assert sum(one["images"] for one in facts["licences"]) == facts["images"]
    assert ["Plan hash", sample.info.metadata["plan_hash"]] in facts["made"]


def test_metadata_has_every_example(out, sample):
    table = pq.read_table(out / "metadata.parquet")
    assert table.column_names == [*schema.names("example"), "split", "height", "width"]
    dataset = prepared.Prepared(sample)
    expected = {one.values["key"]: one for one in dataset.examples("validation")}
    rows = [row for row in table.to_pylist() if row["split"] == "validation"]
    assert {row["key"] for row in rows} == set(expected)
    for row in rows:
        height, width = expected[row["key"]].grey().shape
        assert (row["height"], row["width"]) == (height, width)
    assert table.schema.field("licence").metadata[b"doc"].startswith(b"Licence")


@pytest.mark.filterwarnings("ignore")  # mlcroissant's own: it wants a date of publication
def test_croissant_is_valid_and_reads(out, sample):
    import mlcroissant

    described = mlcroissant.Dataset(str(out / "croissant.json"))
    assert not described.metadata.issues.errors
    records = list(described.records("images"))
    assert len(records) == sum(split.num_examples for split in sample.info.splits.values())
    classes = [one["classes/name"] for one in described.records("classes")]
    assert classes == sample.info.features["label"].names
    pages = json.loads((out / "croissant.json").read_text())["license"]
    names = ("Apache-2.0", "BSD-3-Clause", "CC0-1.0", "MIT")
    assert pages == [f"https://spdx.org/licenses/{name}.html" for name in names]


def test_an_unknown_licence_is_said_in_words():
    from cytoimagenet_tfds.exports import croissant

    assert croissant._licence("See `licence`.", ["unknown", "MIT", "MIT"]) == [
        "https://spdx.org/licenses/MIT.html",
        "See `licence`.",
    ]
    assert croissant._licence("", ["unknown"]) == []


def test_licences_name_every_source(out):
    text = (out / "LICENSES").read_text()
    assert "sample_cell: Cell in saline (scikit-image)\n" in text
    assert "  licence: CC0-1.0\n" in text
    assert text.count("commercial use: allowed") == 7


def test_report_twice_is_the_same(out, data_dir, tmp_path):
    again = tmp_path / "card.html"
    assert (
        cli.main(["report", "cytoimagenet/sample", "--data_dir", data_dir, "--out", str(again)])
        == 0
    )
    assert again.read_text() == (out / "card.html").read_text()


def test_beside_the_shards_where_no_file_is_named(data_dir, monkeypatch):
    from cytoimagenet_tfds.commands import report

    monkeypatch.setattr(report, "_write", lambda dataset, targets, seed: seen.update(targets) or [])
    seen: dict = {}
    assert cli.main(["report", "cytoimagenet/sample", "--data_dir", data_dir]) == 0
    assert {name: path.name for name, path in seen.items()} == {
        "out": "card.html", "metadata": "metadata.parquet", "croissant": "croissant.json",
        "licences": "LICENSES",
    }  # fmt: skip
    assert {path.parent.name for path in seen.values()} == {"1.0.0"}


def test_a_dataset_is_also_named_by_its_folder(sample):
    assert prepared.open_dataset(str(sample.data_path)).name == sample.info.full_name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cytoimagenet/smaple", "Did you mean 'cytoimagenet/sample'?"),
        ("cytoimagenet", "Did you mean 'cytoimagenet/sample'?"),
        ("cytoimagenet/sample:9.9.9", "Did you mean 'cytoimagenet/sample'?"),
        ("mnist", "Known: cytoimagenet/sample."),
    ],
)
def test_what_is_not_prepared(data_dir, capsys, name, message):
    assert cli.main(["report", name, "--data_dir", data_dir]) == 1
    assert message in capsys.readouterr().err


def test_no_folder_at_all(tmp_path, capsys):
    assert cli.main(["report", "cytoimagenet", "--data_dir", str(tmp_path / "none")]) == 1
    assert "Known: none" in capsys.readouterr().err


def test_a_dataset_without_our_columns(tmp_path, capsys):
    import tensorflow_datasets as tfds

    tfds.dataset_builders.store_as_tfds_dataset(
        name="plain", version="1.0.0", data_dir=str(tmp_path),
        features=tfds.features.FeaturesDict({"label": tfds.features.Text()}),
        split_datasets={"train": [("0", {"label": "a"})]},
    )  # fmt: skip
    assert cli.main(["report", "plain", "--data_dir", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert "plain/1.0.0 is prepared" in message
    assert "have no key, idx" in message


def test_export_of_a_class(data_dir, tmp_path, capsys):
    words = ["export", "cytoimagenet/sample", "--data_dir", data_dir, "--to", "fiftyone"]
    chosen = ["--labels", "nucleus", "cell body", "--split", "train", "--number", "2"]
    assert cli.main([*words, "--out", str(tmp_path / "out"), *chosen]) == 0
    assert "4 images" in capsys.readouterr().out
    assert len(list((tmp_path / "out").rglob("*.png"))) == 4
    assert cli.main([*words, "--out", str(tmp_path / "no"), "--labels", "nucleu"]) == 1
    assert "Did you mean 'nucleus'" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()
