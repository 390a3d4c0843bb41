"""Names of engines, and the Beam options each stands for.

`cytoimagenet build --engine=NAME` is short for options that `tfds build` takes as well, in
`--beam_pipeline_options`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from cytoimagenet_tfds import errors

DASK_RUNNER = "apache_beam.runners.dask.dask_runner.DaskRunner"


@dataclasses.dataclass(frozen=True)
class Preset:
    """One engine.

    Attributes:
      text: what it is, one line.
      flags: Beam options it stands for; the user's own come after them and win.
      needs: option that must be given -> what it is.
    """

    text: str
    flags: tuple[str, ...]
    needs: Mapping[str, str] = dataclasses.field(default_factory=dict)


_PORTABLE = ("environment_type=DOCKER",)
_IMAGE = {"environment_config": "address of the image made from the Dockerfile"}

PRESETS: Mapping[str, Preset] = {
    "threads": Preset("threads of this process", ("cyto_engine=threads",)),
    "processes": Preset("processes of this machine", ("cyto_engine=processes",)),
    "dask": Preset(
        "workers of a Dask scheduler",
        (f"runner={DASK_RUNNER}", "dask_partition_size=1"),
        {"dask_client_address": "address of the scheduler, such as tcp://127.0.0.1:8786"},
    ),
    "dataflow": Preset(
        "Google Dataflow",
        ("runner=DataflowRunner", "sdk_location=container"),
        {
            "project": "Google Cloud project",
            "region": "region of the bucket, such as us-central1",
            "temp_location": "gs:// folder for files of the job",
            "sdk_container_image": "address of the image made from the Dockerfile",
        },
    ),
    "flink": Preset(
        "a Flink cluster, by Beam's portable runner",
        ("runner=FlinkRunner", *_PORTABLE),
        {"flink_master": "address of the job manager, such as host:8081", **_IMAGE},
    ),
    "spark": Preset(
        "a Spark cluster, by Beam's portable job server",
        ("runner=PortableRunner", *_PORTABLE),
        {"job_endpoint": "address of Beam's Spark job server, such as host:8099", **_IMAGE},
    ),
}


def expand(engine: str, given: Sequence[str]) -> list[str]:
    """Returns `name=value` options: those of the engine, then the user's.

    Args:
      engine: a name in `PRESETS`, or '' for what the options say alone.
      given: the user's options, `name=value` or `name`.

    Raises:
      ConfigError: no such engine, options that it needs are not given, or others name another
        engine; all of them.
    """
    given = [option.lstrip("-") for option in given]
    if not engine:
        return given
    if engine not in PRESETS:
        raise errors.ConfigError(errors.unknown_name("engine", engine, PRESETS))
    preset = PRESETS[engine]
    names = {option.partition("=")[0] for option in given}
    problems = errors.Problems()
    for name, meaning in preset.needs.items():
        if name not in names:
            problems.add(f"{name}: {meaning}")
    problems.raise_if_any(
        errors.ConfigError,
        f"--engine={engine} ({preset.text}) needs --beam_pipeline_options=name=value,... with:",
    )
    _check_one(engine, given)
    own = [flag for flag in preset.flags if flag.partition("=")[0] not in names]
    return [*own, *given]


def _check_one(engine: str, given: Sequence[str]) -> None:
    """Raises ConfigError where options name another engine than `--engine`."""
    problems = errors.Problems()
    for option in given:
        name = option.partition("=")[0]
        if name in ("runner", "cyto_engine") and option not in PRESETS[engine].flags:
            problems.add(f"{option}, which names another.")
    problems.raise_if_any(
        errors.ConfigError, f"--engine={engine} cannot stand beside --beam_pipeline_options with:"
    )
