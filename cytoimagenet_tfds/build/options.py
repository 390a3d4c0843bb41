"""What a build takes from Beam's options, and the runner it uses when none is named.

Imports Beam: import it where a build runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from apache_beam.options import pipeline_options

from cytoimagenet_tfds import errors

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

ROWS_PER_CHUNK = 256


class BuildOptions(pipeline_options.PipelineOptions):
    """Options of a build beside Beam's own: `--beam_pipeline_options=cyto_keep_work,...`.

    Attributes:
      cyto_work_dir: folder for intermediate files that every worker reaches; '' for one beside
        the dataset.
      cyto_keep_work: keep the intermediate files after success.
      cyto_rows_per_chunk: rows rendered and committed together, on average.
    """

    @classmethod
    def _add_argparse_args(cls, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--cyto_work_dir", default="")
        parser.add_argument("--cyto_keep_work", action="store_true", default=False)
        parser.add_argument("--cyto_rows_per_chunk", type=int, default=ROWS_PER_CHUNK)


def runner_and_options(config: tfds.download.DownloadConfig) -> tuple[Any, BuildOptions]:
    """Returns Beam's runner and pipeline options for a build; the user's stay as they are.

    Where the user names no runner it is FnApiRunner, which needs no download and no service, with
    one thread per processor core: OpenCV and NumPy let go of the interpreter lock. Nobody is asked.
    """
    from apache_beam.runners.portability.fn_api_runner import fn_runner

    given = config.beam_options
    flags, values = (given._flags, given._all_options) if given is not None else ([], {})
    options = BuildOptions(flags, **values)
    if options.cyto_rows_per_chunk < 1:
        raise errors.ConfigError(
            f"cyto_rows_per_chunk is {options.cyto_rows_per_chunk}, expected at least 1."
        )
    named = options.view_as(pipeline_options.StandardOptions).runner
    if config.beam_runner is not None or named is not None:
        return config.beam_runner, options
    words = sys.argv[1:] if flags is None else flags
    names = {word.lstrip("-").partition("=")[0] for word in words} | set(values)
    direct = options.view_as(pipeline_options.DirectOptions)
    if "direct_running_mode" not in names:
        direct.direct_running_mode = "multi_threading"
    if "direct_num_workers" not in names:
        direct.direct_num_workers = os.cpu_count() or 1
    return fn_runner.FnApiRunner(), options
