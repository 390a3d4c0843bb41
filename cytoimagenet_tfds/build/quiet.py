"""Messages of Beam, TensorFlow and TFDS that ask nothing of who reads them.

Logging is left as the user has it; exactly these messages are dropped, at the logger that gives
them, and everything else passes.
"""

from __future__ import annotations

import logging
import os


class Drop(logging.Filter):
    """Drops messages that begin with one of some texts."""

    def __init__(self, *starts: str) -> None:
        super().__init__()
        self.starts = starts

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a message to drop."""
        return not str(record.msg).startswith(self.starts)


_BEAM = "apache_beam.runners"
_DROPPED = {
    # Without Google's libraries; a build on Google Cloud fails with its own message.
    "": Drop("apitools not found"),
    "apache_beam.io.gcp.bigquery": Drop("No module named google.cloud"),
    # `cyto_engine=processes` names worker processes of its own, which Beam does not count.
    f"{_BEAM}.portability.fn_api_runner.fn_runner": Drop("If direct_num_workers is not equal to 1"),
    # Of damaged files, each of which is rejected with its reason.
    "tifffile": Drop("<tifffile.", "<TiffTag."),
    "imagecodecs": Drop("PNG warning"),
    # Of each worker process; a local one needs no such directory.
    f"{_BEAM}.worker.sdk_worker_main": Drop(
        "Logging handler created", "No semi_persistent_directory found"
    ),
    # `tfds build` shows notes. These tell, in sixty lines, how Beam sets up two local workers.
    f"{_BEAM}.portability.fn_api_runner.worker_handlers": Drop(
        "starting control server", "starting data server", "starting state server",
        "starting logging server",
    ),
    f"{_BEAM}.worker.statecache": Drop("Creating state cache"),
    f"{_BEAM}.worker.sdk_worker": Drop(
        "Creating insecure", "Control channel established", "Initializing SDKHarness",
        "State channel established", "No more requests from control plane",
        "SDK Harness waiting", "Closing all cached gRPC", "Done consuming work",
    ),
    f"{_BEAM}.worker.data_plane": Drop(
        "Creating client data channel", "Data channel established", "Closing all cached grpc",
    ),
    "apache_beam.typehints.native_type_compatibility": Drop("Converting string literal type hint"),
}  # fmt: skip

_OF_TFDS = {
    # Of a dataset that is not there, which a command says better; of code inside TFDS.
    "absl": Drop("Variant folder", "`FeatureConnector.dtype` is deprecated"),
}


def hush() -> None:
    """Drops the messages from now on; call it before Beam is imported."""
    _drop(_DROPPED)


def hush_command() -> None:
    """Drops notes of TensorFlow and TFDS where a command of this package runs.

    Warnings and errors of TensorFlow stay, and so does a level that the user has set.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    _drop(_OF_TFDS)


def _drop(messages: dict[str, Drop]) -> None:
    for name, drop in messages.items():
        logging.getLogger(name).addFilter(drop)
