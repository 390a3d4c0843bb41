from __future__ import annotations

import errno
import os
import sys
import types

import apache_beam as beam
import pytest
from apache_beam.internal import pickler
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.fn_api_runner import fn_runner
from tensorflow_datasets.core import download

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.build import assemble, options, pipeline, render, work

WORK = work.WorkFolder("gs://bucket/work")


def _render(p, count):
    step = render.RenderChunk(WORK, "d", {"toy": "gs://bucket/toy"}, images.PixelSettings())
    return pipeline.render(p, range(count), step)


def _assemble(p, count):
    step = assemble.WriteShard(WORK, "d", ("a", "b"), "tfrecord", {})
    return pipeline.assemble(p, [("train", number, count) for number in range(count)], step)


def _graph(build, count):
    p = beam.Pipeline(options=PipelineOptions(flags=[]))
    build(p, count)
    return p.to_runner_api()


@pytest.mark.parametrize("build", [_render, _assemble])
def test_graphs_stay_small_whatever_the_size(build):
    small, large = _graph(build, 2), _graph(build, 1000)
    assert len(small.components.transforms) == len(large.components.transforms)
    assert large.ByteSize() - small.ByteSize() < 40_000


@pytest.mark.parametrize("build", [_render, _assemble])
def test_every_function_of_a_graph_comes_back_on_a_worker(build):
    functions = []
    for transform in _graph(build, 2).components.transforms.values():
        if transform.spec.urn == "beam:transform:pardo:v1":
            payload = beam_runner_api_pb2.ParDoPayload.FromString(transform.spec.payload)
            functions.append(pickler.loads(payload.do_fn.payload))
    assert len(functions) >= 3


@pytest.mark.parametrize("build", [_render, _assemble])
def test_a_shuffle_lies_directly_before_the_heavy_step(build):
    names = [t.unique_name for t in _graph(build, 2).components.transforms.values()]
    assert sum("Reshuffle" in name and name.count("/") == 0 for name in names) == 1


def _config(*flags, **values):
    given = PipelineOptions(flags=list(flags), **values) if flags or values else None
    return download.DownloadConfig(beam_options=given)


def test_without_a_runner_threads_of_this_machine_are_used(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 5)
    for config in (_config(), _config("--cyto_keep_work")):
        runner, chosen = options.runner_and_options(config)
        direct = chosen.view_as(DirectOptions)
        assert isinstance(runner, fn_runner.FnApiRunner)
        assert (direct.direct_running_mode, direct.direct_num_workers) == ("multi_threading", 5)
    assert chosen.cyto_keep_work


def test_one_worker_means_one_worker():
    for config in (_config("--direct_num_workers=1"), _config(direct_num_workers=1)):
        _, chosen = options.runner_and_options(config)
        assert chosen.view_as(DirectOptions).direct_num_workers == 1


def test_a_named_runner_is_left_alone():
    config = _config("--runner=SomeRunner", "--cyto_work_dir=gs://b/w", "--cyto_rows_per_chunk=7")
    runner, chosen = options.runner_and_options(config)
    assert runner is None
    assert (chosen.cyto_work_dir, chosen.cyto_rows_per_chunk) == ("gs://b/w", 7)
    assert chosen.view_as(DirectOptions).direct_running_mode == "in_memory"
    given = fn_runner.FnApiRunner()
    config = download.DownloadConfig(beam_runner=given)
    assert options.runner_and_options(config)[0] is given


def test_options_of_the_user_are_not_changed_and_serve_twice():
    config = _config("--cyto_keep_work")
    for _ in range(2):
        runner, chosen = options.runner_and_options(config)
        assert runner is not None
        assert chosen.view_as(DirectOptions).direct_running_mode == "multi_threading"
    assert "direct_running_mode" not in config.beam_options.get_all_options(drop_default=True)


@pytest.mark.parametrize("flag", ["--cyto_engine=processes", "--cyto_engine=threads"])
def test_local_engines_are_an_option_of_the_pipeline(flag):
    runner, chosen = options.runner_and_options(_config(flag, "--direct_num_workers=3"))
    assert options.runner_name(runner, chosen) == f"FnApiRunner, 3 {flag.partition('=')[2]}"
    assert options.remote_runner(runner, chosen) == ""
    command = f"exec {sys.executable} -m cytoimagenet_tfds.build.worker {os.getpid()}"
    if "processes" in flag:
        assert runner._default_environment.command_string == command
        assert chosen.view_as(DirectOptions).direct_running_mode == "in_memory"


def test_what_a_step_counts_goes_to_counters_and_not_on():
    assert pipeline._Counted(lambda number: (number, "kept", {"chunks kept": 1}))(7) == (7, "kept")


def test_a_full_disk_is_told_in_one_message():
    class Full(fn_runner.FnApiRunner):
        def run_pipeline(self, *_):
            raise RuntimeError(f"worker failed: [Errno 28] {os.strerror(errno.ENOSPC)}")

    with pytest.raises(errors.BuildError, match="start the same build again: what is finished"):
        pipeline.run(Full(), PipelineOptions(flags=[]), lambda p: _render(p, 2))


def test_a_chunk_needs_rows():
    with pytest.raises(errors.ConfigError, match="cyto_rows_per_chunk is 0"):
        options.runner_and_options(_config("--cyto_rows_per_chunk=0"))


def test_a_notebook_is_none_of_beams_business(monkeypatch):
    shell = object()
    ipython = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    seen = []

    def build(p):
        from IPython import get_ipython

        seen.append(get_ipython())
        return p | "Create" >> beam.Create([1], reshuffle=False)

    pipeline.run(fn_runner.FnApiRunner(), PipelineOptions(flags=[]), build)
    assert seen == [None]
    assert ipython.get_ipython() is shell
