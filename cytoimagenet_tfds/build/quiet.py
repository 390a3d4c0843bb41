"""Messages of Beam that are true of every build and ask nothing of who reads them.

Logging is left as the user has it; exactly these messages are dropped, at the logger that gives
them, and everything else passes.
"""

from __future__ import annotations

import logging


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
    # `cyto_engine=processes` names worker processes of its own, which Beam does not count.
    f"{_BEAM}.portability.fn_api_runner.fn_runner": Drop("If direct_num_workers is not equal to 1"),
    # Of each worker process; a local one needs no such directory.
    f"{_BEAM}.worker.sdk_worker_main": Drop(
        "Logging handler created", "No semi_persistent_directory found"
    ),
}


def hush() -> None:
    """Drops the messages from now on; call it before Beam is imported."""
    for name, drop in _DROPPED.items():
        logging.getLogger(name).addFilter(drop)
