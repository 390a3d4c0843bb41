"""The page as text: whole, self-contained, nothing taken for markup."""

from __future__ import annotations

import ast
import json
import re
from html.parser import HTMLParser

import card_data
import pandas as pd
import pyarrow as pa
import pytest

from cytoimagenet_tfds import tables
from cytoimagenet_tfds.card import build_facts, page, reading


@pytest.fixture(scope="module")
def nasty_page(tmp_path_factory):
    dataset = card_data.dataset(card_data.NASTY, folder=tmp_path_factory.mktemp("none"))
    return card_data.fill(reading.Card(dataset), card_data.NASTY).html()


class _Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.data, self._id = [], {}, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._id = dict(attributes).get("id") if tag == "script" else None

    def handle_data(self, text):
        if self._id:
            self.data[self._id] = text

    def handle_endtag(self, tag):
        self._id = None


def test_labels_come_back_as_they_were(nasty_page):
    data = _Elements(nasty_page).data
    facts = json.loads(data["facts-data"])
    assert [one["label"] for one in facts["classes"]] == list(card_data.NASTY)
    assert dict(json.loads(data["images-data"])).keys() == set(card_data.NASTY)


def test_data_brings_no_element(nasty_page):
    tags = _Elements(nasty_page).tags
    assert [tag for tag, _ in tags].count("script") == 3
    assert not [tag for tag, _ in tags if tag in ("img", "b", "i", "iframe", "object")]


def test_nothing_is_loaded(nasty_page):
    tags = _Elements(nasty_page).tags
    addresses = [a[name] for _, a in tags for name in ("src", "href") if name in a]
    assert all(re.match(r"#|data:", address) for address in addresses)
    policy = next(a["content"] for _, a in tags if a.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_an_address_that_is_a_script_is_dropped(nasty_page):
    assert "javascript:alert" not in nasty_page


def test_holes_in_data_stay_text():
    text = page.as_script({"a": "{{facts}} </script> \u2028 &"})
    assert "<" not in text
    assert json.loads(text) == {"a": "{{facts}} </script> \u2028 &"}


def test_the_same_page_twice(nasty_page, tmp_path):
    dataset = card_data.dataset(card_data.NASTY, folder=tmp_path)
    assert card_data.fill(reading.Card(dataset), card_data.NASTY).html() == nasty_page


def test_a_page_of_noise_keeps_its_limit(monkeypatch, tmp_path):
    monkeypatch.setattr(page, "IMAGES", 60_000)
    labels = [f"class {n}" for n in range(20)]
    dataset = card_data.dataset(labels, folder=tmp_path)
    empty = len(reading.Card(dataset).html())
    card = card_data.fill(reading.Card(dataset), labels, (3, 0), side=96, noise=True)
    assert 40_000 < len(card.html()) - empty < 60_000 + 20_000


def test_quality_from_the_report(tmp_path):
    rows = pd.DataFrame({
        "key": ["c", "b", "a", "d"], "rendered": [2, 0, 0, 0], "written": [1, 0, 0, 0],
        "reason": ["", "dim", "dim", "binary"], "message": ["", "Dim.", "Dark.", "Two values."],
    })  # fmt: skip
    tables.write_arrow(pa.Table.from_pandas(rows), tmp_path / build_facts.REPORT)
    metadata = {"sources": {"bbbc006": 5}, "curation_summary": {"dropped": {"copy": 1}}}
    found = build_facts.quality(card_data.dataset(["a"], folder=tmp_path, metadata=metadata))
    assert found["rejected"] == [
        {"reason": "dim", "count": 2, "examples": [["a", "Dark."], ["b", "Dim."]]},
        {"reason": "binary", "count": 1, "examples": [["d", "Two values."]]},
    ]
    counts = [found[name] for name in ("read", "planned", "accepted", "rendered", "written")]
    assert counts == [5, 4, 1, 2, 1]
    assert found["left_out"] == [("copy", 1)]


def test_code_that_loads_the_dataset_is_true_of_its_format(tmp_path):
    dataset = card_data.dataset(["a"], folder=tmp_path)
    dataset.splits = {"test": 1, "train": 2}
    ast.parse(build_facts.load(dataset))
    assert 'tfds.load("cytoimagenet/made_up:1.0.0", split="train")' in build_facts.load(dataset)
    dataset.info.file_format.value, dataset.splits = "array_record", {"test": 1}
    ast.parse(build_facts.load(dataset))
    assert 'data_source("cytoimagenet/made_up:1.0.0", split="test")' in build_facts.load(dataset)
    assert '.as_data_source(split="test")' in build_facts.load(dataset)


def test_no_report_is_said(tmp_path):
    assert build_facts.quality(card_data.dataset(["a"], folder=tmp_path)) == {"known": False}
