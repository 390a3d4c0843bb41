from __future__ import annotations

import bbbc006_folder
import dask_cluster
import pytest

from cytoimagenet_tfds import cli, errors, images
from cytoimagenet_tfds.build import engines, options, render, storage, work


def test_no_engine_leaves_the_options_as_they_are():
    assert engines.expand("", ["runner=X", "cyto_keep_work"]) == ["runner=X", "cyto_keep_work"]


def test_an_engine_comes_first_and_the_users_options_win():
    given = ["dask_client_address=tcp://127.0.0.1:1", "dask_partition_size=4"]
    assert engines.expand("dask", given) == [f"runner={engines.DASK_RUNNER}", *given]
    assert engines.expand("threads", []) == ["cyto_engine=threads"]


@pytest.mark.parametrize("engine", ["dask", "dataflow", "flink", "spark"])
def test_all_missing_options_are_named(engine):
    with pytest.raises(errors.ConfigError, match=f"--engine={engine}") as caught:
        engines.expand(engine, [])
    for name, meaning in engines.PRESETS[engine].needs.items():
        assert f"- {name}: {meaning}" in str(caught.value)


def test_an_unknown_engine_names_the_known():
    with pytest.raises(errors.ConfigError, match="Did you mean 'dask'"):
        engines.expand("dsk", [])


def test_the_command_takes_engines(tmp_path, capsys):
    words = ["build", "bbbc/bbbc006", f"--data_dir={tmp_path}", "--engine=dask"]
    assert cli.main(words) == 1
    assert "dask_client_address: address of the scheduler" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "scheme"),
    [("/a/b", ""), ("a:b", ""), ("C:/x", ""), ("gs://b/x", "gs"), ("S3://b", "s3"),
     ("https:/x", "https"), ("ftp://x", "ftp")],
)  # fmt: skip
def test_schemes(path, scheme):
    assert storage.scheme(path) == scheme


@pytest.mark.parametrize("root", ["http://h/x", "https://h/x", "ftp://h/x", "https:/h/x"])
def test_workers_never_read_from_the_server_of_a_source(root):
    with pytest.raises(errors.ConfigError, match="never from the server of a source") as caught:
        render.RenderChunk(
            work.WorkFolder("/w"), "d", {"one": root, "two": "/x"}, images.PixelSettings()
        )
    assert "The folder of one" in str(caught.value)
    assert "two" not in str(caught.value)


def test_a_manual_dir_on_a_server_is_refused_before_any_work(tmp_path, capsys):
    words = ["build", "bbbc/bbbc006", f"--data_dir={tmp_path}", "--manual_dir=https://host/data"]
    assert cli.main(words) == 1
    assert "--manual_dir is https:/" in capsys.readouterr().err
    assert not list(tmp_path.rglob("chunks"))


def test_a_runner_far_away_sees_no_local_disk():
    paths = [("The folder of one", "/data"), ("data_dir", "gs://b/data"), ("work", "/scratch/work")]
    storage.check(paths)
    with pytest.raises(errors.ConfigError) as caught:
        storage.check(paths, "DataflowRunner")
    assert str(caught.value).count("a disk that the workers of DataflowRunner do not see") == 2


@pytest.mark.parametrize(
    ("engine", "option"),
    [("dask", "runner=DirectRunner"), ("threads", "runner=DataflowRunner"),
     ("threads", "cyto_engine=processes"), ("flink", "--runner=SparkRunner")],
)  # fmt: skip
def test_two_engines_at_once_are_refused(engine, option):
    given = [option, *(f"{name}=x" for name in engines.PRESETS[engine].needs)]
    with pytest.raises(errors.ConfigError, match=option.strip("-")):
        engines.expand(engine, given)


def test_options_may_begin_with_dashes():
    given = ["--dask_client_address=tcp://127.0.0.1:1", "--cyto_keep_work"]
    assert engines.expand("dask", given)[2:] == [option[2:] for option in given]
    assert engines.expand("", ["--a=1"]) == ["a=1"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--beam_pipeline_options=cyto_keepwork"], "Did you mean 'cyto_keep_work'"),
        (["--beam_pipeline_options=direct_num_workers=-2"], "direct_num_workers is -2"),
        (["--beam_pipeline_options=cyto_rows_per_chunk=0"], "cyto_rows_per_chunk is 0"),
        (["--engine=dask", "--beam_pipeline_options=dask_client_address=tcp://127.0.0.1:1"],
         "No Dask scheduler answers at tcp://127.0.0.1:1"),
        (["--engine=dask", "--beam_pipeline_options=dask_client_address=nonsense"],
         "No Dask scheduler answers at nonsense"),
        (["--beam_pipeline_options=runner=NoSuchRunner"], "Unexpected pipeline runner"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_one_message(words, message, tmp_path, capsys):
    bbbc006_folder.make(tmp_path, range(2))
    fixed = ["build", "bbbc/bbbc006", f"--data_dir={tmp_path}/d", f"--manual_dir={tmp_path}"]
    assert cli.main([*fixed, *words]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "d/bbbc/bbbc006/1.0.0").exists()


@pytest.mark.parametrize(
    "words",
    [["--rules=[1]"], ["--rules={bad"], [f"--rules={'[' * 100_000}"], ["--file_format=nosuch"],
     ["--num_shards=0"], ["--num_shards=-3"], ["--engine=Dask"]],
)  # fmt: skip
def test_wrong_values_are_a_wrong_usage(words, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["build", *words])
    assert caught.value.code == 2
    assert "error: argument --" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (RuntimeError("Traceback ...\ncytoimagenet_tfds.errors.BuildError: The image a is damaged. "
                      "Start again. [while running 'WriteShard']\n"),
         "^The image a is damaged. Start again.$"),
        (ModuleNotFoundError("No module named 'cytoimagenet_tfds'"), "every worker needs this"),
        (RuntimeError("ModuleNotFoundError: No module named 'cytoimagenet_tfds.build'"),
         "every worker needs this"),
        (errors.ConfigError("No space left on device"), "^No space left on device$"),
    ],
)  # fmt: skip
def test_what_a_worker_raised_is_told_in_its_words(raised, message):
    with pytest.raises(errors.CytoImageNetError, match=message), storage.explained():
        raise raised
    with pytest.raises(RuntimeError, match="other"), storage.explained():
        raise RuntimeError("other")


def test_a_scheduler_without_workers_is_told_of(tmp_path, caplog):
    with dask_cluster.serve(tmp_path, workers=0) as cluster:
        flags = engines.expand("dask", [f"dask_client_address={cluster.address}"])
        options.check_scheduler(options.BuildOptions([f"--{flag}" for flag in flags]))
    assert f"The Dask scheduler at {cluster.address} has no worker" in caplog.text
