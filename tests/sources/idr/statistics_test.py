"""Real tables at full length give the counts that were worked out from them independently."""

from __future__ import annotations

import json

import pytest

from cytoimagenet_tfds.sources.idr import _kinds

WELLS = ("Plate", "Well")
IMAGES = ("Dataset Name", "Image Name")
# Entry of stats.json -> folder, start of the table's name, columns that name a line.
TABLES = {
    "idr0003A library (2015-10-26)": ("idr0003", "idr0003-screenA-library", WELLS),
    "idr0003A processed (2015-10-26)": ("idr0003", "idr0003-screenA-processed", WELLS),
    "idr0009A processed": (
        "idr0009",
        "idr0009-screenA-processed",
        ("siRNA Identifier", "Deviation"),
    ),
    "idr0009B annotation (2015-12-10)": ("idr0009", "idr0009-screenB-annotation", WELLS),
    "idr0016A annotation of the 20 BBBC022 plates (2016-02-24)": (
        "idr0016",
        "idr0016-screenA-annotation",
        WELLS,
    ),
    "idr0016A plate+well to Broad sample, 406 plates (PyPI cpimgs 0.1.6)": (
        "idr0016",
        "CDRP_plate_well_broadsample",
        ("Metadata_Plate", "Metadata_Well"),
    ),
    "idr0021A annotation": ("idr0021", "idr0021-experimentA-annotation", IMAGES),
    "idr0037A annotation": ("idr0037", "idr0037-screenA-annotation", WELLS),
    "idr0072A annotation": ("idr0072", "idr0072-screenA-annotation", WELLS),
    "idr0072B annotation": ("idr0072", "idr0072-screenB-annotation", WELLS),
    **{
        f"idr0081{screen} annotation": ("idr0081", f"idr0081-screen{screen}-annotation", WELLS)
        for screen in "ABCDE"
    },
    "idr0088A annotation": ("idr0088", "idr0088-screenA-annotation", WELLS),
}


def _kind(stem: str, keys: tuple[str, ...], statistics: dict[str, dict]) -> _kinds.Kind:
    single, pooled = {}, {}
    for name, facts in statistics.items():
        headers = facts["column"]
        if isinstance(headers, list):
            pooled[name] = "|".join(map(_kinds.words, headers))
        else:
            single[name] = (headers,)
    named = dict(
        zip(("plate", "well") if "Well" in keys[1] else ("first", "second"), keys, strict=True)
    )
    return _kinds.Kind(
        stem=stem, keys={n: (header,) for n, header in named.items()}, columns=single, pooled=pooled
    )  # fmt: skip


@pytest.mark.parametrize("entry", TABLES)
def test_counts_of_a_real_table(entry, shared_data, real_tables):
    statistics = json.loads(shared_data("idr", "stats.json").read_text())[entry]
    folder, stem, keys = TABLES[entry]
    columns = {n: f for n, f in statistics.items() if isinstance(f, dict) and "top5" in f}
    meta = real_tables(folder)
    table = meta.read(_kind(stem, keys, columns))
    assert table is not None
    assert len(table) == statistics["rows"]
    assert not meta.report.fatals
    if "plates" in statistics:
        assert table["plate"].nunique() == statistics["plates"]
    for name, facts in columns.items():
        # A `|` of ours divides the values of several columns; one inside a cell does not count.
        several = isinstance(facts["column"], list) and len(facts["column"]) > 1
        values = table[name].str.split("|").explode() if several else table[name]
        found = values[values != ""]
        assert (found.nunique(), len(found)) == (facts["distinct"], facts["non_empty"]), name
        counts = found.value_counts()
        assert {value: counts[value] for value in facts["top5"]} == facts["top5"], name
