"""Both graphs as Dataflow would get them: translated offline, every function taken out again."""

from __future__ import annotations

import socket

import apache_beam as beam
import pytest
from apache_beam.internal import pickler
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2

from cytoimagenet_tfds import errors, images
from cytoimagenet_tfds.build import assemble, engines, options, pipeline, render, work

WORK = work.WorkFolder("gs://cyto-bucket/work")
GIVEN = [
    "project=cyto-project", "region=us-central1", "temp_location=gs://cyto-bucket/t",
    "staging_location=gs://cyto-bucket/s", "job_name=cyto", "dry_run=true", "no_auth",
    "sdk_container_image=us-central1-docker.pkg.dev/cyto-project/cyto/worker:1",
]  # fmt: skip
MOST_BYTES = 100_000  # Dataflow takes 10 MB


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    for module in ("google.auth", "apitools", "apache_beam.runners.dataflow.internal.apiclient"):
        pytest.importorskip(module, reason="no Dataflow: its client libraries are not installed")

    def refuse(host, *_, **__):
        raise AssertionError(f"{host} was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def _render(p):
    step = render.RenderChunk(
        WORK, "d", {"toy": "gs://cyto-bucket/raw/toy"}, images.PixelSettings()
    )
    pipeline.render(p, range(10_000), step)


def _assemble(p):
    step = assemble.WriteShard(WORK, "d", ("a", "b"), "tfrecord", {})
    pipeline.assemble(p, [("train", number, 1000) for number in range(1000)], step)


@pytest.mark.parametrize(
    ("build", "step"), [(_render, render.RenderChunk), (_assemble, assemble.WriteShard)]
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_graph_is_translated_and_every_function_comes_back(build, step):
    flags = [f"--{option}" for option in engines.expand("dataflow", GIVEN)]
    p = beam.Pipeline(options=PipelineOptions(flags))
    build(p)
    p.run()
    proto = p.runner.proto_pipeline
    assert proto.ByteSize() < MOST_BYTES
    environments = [env.payload for env in proto.components.environments.values()]
    assert any(b"cyto-project/cyto/worker:1" in payload for payload in environments)
    found = []
    for transform in proto.components.transforms.values():
        if transform.spec.urn == "beam:transform:pardo:v1":
            payload = beam_runner_api_pb2.ParDoPayload.FromString(transform.spec.payload)
            found.append(str(vars(pickler.loads(payload.do_fn.payload)[0])))
    assert len(found) >= 3
    heavy = [t.unique_name for t in proto.components.transforms.values()]
    assert any(step.__name__ in name for name in heavy)


def test_dataflow_is_known_to_see_no_disk_of_this_machine():
    flags = [f"--{option}" for option in engines.expand("dataflow", GIVEN)]
    chosen = options.BuildOptions(flags)
    assert options.remote_runner(None, chosen) == "DataflowRunner"


def test_a_function_that_cannot_travel_is_found():
    """The control: what the test above would not let through."""
    flags = [f"--{option}" for option in engines.expand("dataflow", GIVEN)]
    numbers = (number for number in range(3))
    p = beam.Pipeline(options=PipelineOptions(flags))
    with pytest.raises(RuntimeError, match="cannot pickle 'generator' object"):
        pipeline._spread(p, [1], "Bad", lambda _: next(numbers))


def test_options_of_dataflow_that_are_missing_are_all_named():
    with pytest.raises(errors.ConfigError, match=r"(?s)project.*region.*temp_location"):
        engines.expand("dataflow", [])
