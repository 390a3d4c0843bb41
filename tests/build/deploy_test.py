"""What the guide to clusters and the container file say, held against Beam and the repository."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from apache_beam.options import pipeline_options
from apache_beam.runners.dask import dask_runner

from cytoimagenet_tfds.build import engines, options

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "deploy.md"


@pytest.fixture(scope="module")
def known():
    """Names of all options of Beam and of a build."""
    parser = pipeline_options._BeamArgumentParser(allow_abbrev=False)
    classes = [
        kind for kind in pipeline_options.PipelineOptions.__subclasses__()
        if kind.__module__.startswith("apache_beam")
    ]  # fmt: skip
    for kind in {*classes, dask_runner.DaskOptions, options.BuildOptions}:
        kind._add_argparse_args(parser)
    return {text.lstrip("-") for action in parser._actions for text in action.option_strings}


def test_every_option_of_the_guide_is_one(known):
    text = GUIDE.read_text(encoding="utf-8").replace("\\\n", " ")
    text = re.sub(r",\n +", ",", text)
    lists = re.findall(r"--beam_pipeline_options=(\S+)", text)
    lists += re.findall(r"^(?:processes|dask|dataflow|flink|spark) +(\S+)$", text, re.MULTILINE)
    assert len(lists) >= 10
    names = {part.partition("=")[0] for one in lists for part in one.split(",")}
    assert names - known == set()


def test_every_option_of_an_engine_is_one(known):
    for preset in engines.PRESETS.values():
        names = [flag.partition("=")[0] for flag in (*preset.flags, *preset.needs)]
        assert set(names) - known == set()


def test_the_guide_builds_the_image_as_the_container_file_asks():
    container = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    arguments = set(re.findall(r"^ARG (\w+)", container, re.MULTILINE))
    (line,) = re.findall(r"^docker build (.+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"--build-arg (\w+)=", line)) == arguments == {"PYTHON", "BEAM"}
    (pattern,) = re.findall(r"^COPY (\S+)", container, re.MULTILINE)
    assert shlex.split(line)[-1] == "."
    taken = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert pattern.partition("/")[0] == "dist"
    assert "!dist/*.whl" in taken
