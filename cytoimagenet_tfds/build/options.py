"""What a build takes from Beam's options, and the runner it uses when none is named.

Imports Beam: import it where a build runs.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
import urllib.parse
from typing import TYPE_CHECKING, Any

from apache_beam.options import pipeline_options

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import quiet, worker

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

ROWS_PER_CHUNK = 256
_PATIENCE = 10.0  # seconds a scheduler may take to answer
_LOCAL = ("threads", "processes")
_REMOTE = ("DataflowRunner", "TestDataflowRunner")


class BuildOptions(pipeline_options.PipelineOptions):
    """Options of a build beside Beam's own: `--beam_pipeline_options=cyto_keep_work,...`.

    Attributes:
      cyto_work_dir: folder for intermediate files that every worker reaches; '' for one beside
        the dataset.
      cyto_keep_work: keep the intermediate files after success.
      cyto_rows_per_chunk: rows rendered and committed together, on average.
      cyto_allow_differences: build a published dataset although it is not as published; what
        differs is recorded in the metadata.
      cyto_engine: where it runs on this machine when no runner is named: `threads` or `processes`.
    """

    @classmethod
    def _add_argparse_args(cls, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--cyto_work_dir", default="")
        parser.add_argument("--cyto_keep_work", action="store_true", default=False)
        parser.add_argument("--cyto_rows_per_chunk", type=int, default=ROWS_PER_CHUNK)
        parser.add_argument("--cyto_allow_differences", action="store_true", default=False)
        parser.add_argument("--cyto_engine", choices=_LOCAL, default=_LOCAL[0])


def runner_and_options(config: tfds.download.DownloadConfig) -> tuple[Any, BuildOptions]:
    """Returns Beam's runner and pipeline options for a build; the user's stay as they are.

    Where the user names no runner it is FnApiRunner, which needs no download and no service, with
    one thread per processor core: OpenCV and NumPy let go of the interpreter lock. Nobody is
    asked. With `cyto_engine=processes` it has worker processes, which die with this one.
    """
    quiet.hush()
    given = config.beam_options
    flags, values = (given._flags, given._all_options) if given is not None else ([], {})
    words = sys.argv[1:] if flags is None else flags
    names = {word.lstrip("-").partition("=")[0] for word in words} | set(values)
    _check_names(names)
    options = BuildOptions(flags, **values)
    _check_numbers(options)
    named = options.view_as(pipeline_options.StandardOptions).runner
    if named is not None and named.endswith("DaskRunner"):
        _one_element_per_task(options, names)
    if config.beam_runner is not None or named is not None:
        return config.beam_runner, options
    return _local_runner(options, names), options


def _check_names(names: set[str]) -> None:
    """Raises ConfigError for an option of a build that is not one; Beam would go on without it."""
    parser = argparse.ArgumentParser()
    BuildOptions._add_argparse_args(parser)
    known = vars(parser.parse_args([]))
    problems = errors.Problems()
    for name in sorted(name for name in names if name.startswith("cyto_") and name not in known):
        problems.add(errors.unknown_name("option of a build", name, known))
    problems.raise_if_any(errors.ConfigError, "The options of Beam's pipeline are not right:")


def _check_numbers(options: BuildOptions) -> None:
    problems = errors.Problems()
    if options.cyto_rows_per_chunk < 1:
        problems.add(f"cyto_rows_per_chunk is {options.cyto_rows_per_chunk}, expected at least 1.")
    workers = options.view_as(pipeline_options.DirectOptions).direct_num_workers
    if workers < 0:
        problems.add(f"direct_num_workers is {workers}, expected at least 1, or 0 for all cores.")
    problems.raise_if_any(errors.ConfigError, "The options of Beam's pipeline are not right:")


def _local_runner(options: BuildOptions, names: set[str]) -> Any:
    from apache_beam.runners.portability.fn_api_runner import fn_runner
    from apache_beam.transforms import environments

    direct = options.view_as(pipeline_options.DirectOptions)
    if not direct.direct_num_workers or "direct_num_workers" not in names:
        direct.direct_num_workers = os.cpu_count() or 1
    if options.cyto_engine == "processes":
        # No direct_running_mode: it would put Beam's own worker in the place of this one.
        environment = environments.SubprocessSDKEnvironment.from_command_string(worker.command())
        return fn_runner.FnApiRunner(default_environment=environment)
    if "direct_running_mode" not in names:
        direct.direct_running_mode = "multi_threading"
    return fn_runner.FnApiRunner()


def _one_element_per_task(options: BuildOptions, names: set[str]) -> None:
    """Dask's default is 128 elements a task: the chunks of a day would be one task."""
    from apache_beam.runners.dask import dask_runner

    if names.isdisjoint({"dask_partition_size", "dask_npartitions"}):
        options.view_as(dask_runner.DaskOptions).partition_size = 1


def check_scheduler(options: BuildOptions) -> None:
    """Raises ConfigError where nothing answers at the address of a Dask scheduler.

    Asked before any work: Dask tries for half a minute, and fails in the words of a socket.
    """
    named = options.view_as(pipeline_options.StandardOptions).runner
    if named is None or not named.endswith("DaskRunner"):
        return
    from apache_beam.runners.dask import dask_runner

    address = options.view_as(dask_runner.DaskOptions).address
    if not address:
        return  # Dask starts workers of its own on this machine
    parts = urllib.parse.urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme not in ("tcp", "tls"):
        return
    try:
        with socket.create_connection((parts.hostname, parts.port), _PATIENCE):
            pass
    except (OSError, ValueError, TypeError) as error:
        raise errors.ConfigError(
            f"No Dask scheduler answers at {address} ({error}): the address is such as "
            "tcp://127.0.0.1:8786, and the scheduler has to run."
        ) from error
    _tell_of_workers(address)


def _tell_of_workers(address: str) -> None:
    """Warns where a scheduler has no worker: a build would wait for one without a word."""
    import distributed

    connect: Any = distributed.Client
    with connect(address, timeout=_PATIENCE, set_as_default=False) as client:
        workers = client.scheduler_info()["workers"]
    if not workers:
        logging.getLogger(__name__).warning(
            "The Dask scheduler at %s has no worker: the build waits until one comes.", address
        )


def runner_name(runner: Any, options: BuildOptions) -> str:
    """Returns the name of the runner for people."""
    named = options.view_as(pipeline_options.StandardOptions).runner
    if runner is None and named is not None:
        return str(named).rpartition(".")[2]
    workers = options.view_as(pipeline_options.DirectOptions).direct_num_workers
    return f"{type(runner).__name__}, {workers} {options.cyto_engine}"


def remote_runner(runner: Any, options: BuildOptions) -> str:
    """Returns the name of the runner where its machines see no disk of this one, else ''."""
    name = runner_name(runner, options).partition(",")[0]
    return name if name in _REMOTE else ""
