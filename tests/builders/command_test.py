from __future__ import annotations

import bbbc006_folder
import pytest

from cytoimagenet_tfds import cli


@pytest.fixture(scope="module")
def manual_dir(tmp_path_factory):
    root = tmp_path_factory.mktemp("manual")
    bbbc006_folder.make(root, range(12))
    (root / "notes").mkdir()
    return root


def test_a_dataset_of_what_is_there_is_built_and_verified(manual_dir, tmp_path, capsys):
    words = ["build", "--available", f"--manual_dir={manual_dir}", f"--data_dir={tmp_path}"]
    words += ['--rules={"min_images": 2}', "--beam_pipeline_options=direct_num_workers=1"]
    assert cli.main(words) == 0
    folders = [path.name for path in (tmp_path / "cytoimagenet").glob("sources-*")]
    assert len(folders) == 1
    output = capsys.readouterr().out
    assert f"tfds.load('cytoimagenet/{folders[0]}:1.0.0'" in output
    assert cli.main(["verify", f"cytoimagenet/{folders[0]}", f"--data_dir={tmp_path}"]) == 0
    assert "Everything fits." in capsys.readouterr().out
    assert cli.main(words) == 0
    assert f"{folders[0]}/1.0.0 was built before" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["build", "bbbc/bbbc006", "--available"], "--available and --rules belong to"),
        (["build", "--available"], "--available needs --manual_dir"),
        (["build", "--rules={\"sources\": [\"bbbc0006\"]}"], "Did you mean 'bbbc006'"),
        (["build", "--rules={\"min\": 1}"], "There is no rule 'min'"),
        (["build", "bbc/bbbc006"], "There is no dataset 'bbc'. Did you mean 'bbbc'"),
        (["build", "bbbc/bbbc060"], "There is no config of bbbc 'bbbc060'. Did you mean 'bbbc"),
        (["build", "cytoimagenet/smple"], "Did you mean 'sample'"),
        (["build", "cytoimagenet/sample:9.9.9"], "Known: 1.0.0."),
        (["verify", "cytoimagenet/nosuch"], "no prepared dataset 'cytoimagenet/nosuch'"),
        (["verify", "cytoimagenet/sample"], "; tfds build cytoimagenet/sample --imports="),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_one_message(words, message, tmp_path, capsys):
    assert cli.main([*words, f"--data_dir={tmp_path}"]) == 1
    assert message in capsys.readouterr().err


def test_nothing_available_lists_the_names_of_folders(tmp_path, capsys):
    assert cli.main(["build", "--available", f"--manual_dir={tmp_path}"]) == 1
    assert "holds no folder of a source. Folders are called bbbc005, bbbc006" in (
        capsys.readouterr().err
    )
