from __future__ import annotations

import subprocess
import sys

import pytest
from trees import bbbc006

from cytoimagenet_tfds import errors, sources


def test_names_are_sorted_and_belong_to_one_database_each():
    names = sources.names()
    assert list(names) == sorted(set(names))
    parts = [name for database in sources.databases() for name in sources.names(database)]
    assert sorted(parts) == list(names)
    assert {"bbbc006", "bbbc010", "bbbc014", "bbbc038"} <= set(sources.names("bbbc"))
    assert sources.names("kaggle") == (
        "kag_cell_cycle", "kag_hpa", "kag_hpa_single", "kag_leukemia",
    )  # fmt: skip


def test_a_wrong_name_gets_the_nearest():
    with pytest.raises(errors.ConfigError, match=r"no source 'kag_leukaemia'\. .* 'kag_leukemia'"):
        sources.get("kag_leukaemia")
    with pytest.raises(errors.ConfigError, match=r"no database 'kagle'\. Did you mean 'kaggle'"):
        sources.names("kagle")


def test_declarations_are_read_without_pandas():
    code = (
        "import sys; from cytoimagenet_tfds import sources\n"
        "[sources.get(name) for name in sources.names()]\n"
        "print({'pandas', 'pyarrow', 'tifffile', 'tensorflow', 'apache_beam'} & {*sys.modules})"
    )  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_findings_are_logged_by_table_and_returned_by_the_other(tmp_path, caplog):
    bbbc006.make(tmp_path)
    sources.get("bbbc006").table(tmp_path)
    assert any("16 rows; the complete download has 1,536" in text for text in caplog.messages)
    caplog.clear()
    _, report = sources.get("bbbc006").table_and_report(tmp_path)
    assert caplog.messages == []
    assert "count" in [finding.kind for finding in report.findings]


def test_another_rule_of_rows_is_not_compared_with_the_expected_count(tmp_path):
    bbbc006.make(tmp_path)
    table, report = sources.get("bbbc006").table_and_report(tmp_path, rows="field")
    assert len(table) == 8
    assert "count" not in [finding.kind for finding in report.findings]


def test_the_message_of_a_wrong_folder_says_what_to_do(tmp_path):
    (tmp_path / "readme.txt").touch()
    source = sources.get("bbbc006")
    with pytest.raises(errors.SourceLayoutError) as caught:
        source.table(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"bbbc006 ({source.name}) cannot be read from {tmp_path}:")
    assert source.manual in message
    assert message.endswith(f"Where to get it: {source.homepage}")
