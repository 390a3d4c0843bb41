"""A worker process of Beam that dies with the process that started it.

Beam's own worker stays alive for ever when the launching process is killed while workers start.
`python -m cytoimagenet_tfds.build.worker PARENT` watches PARENT, then does what Beam's does.
"""

from __future__ import annotations

import ctypes
import json
import os
import shlex
import signal
import sys
import threading
import time

from cytoimagenet_tfds.build import quiet

_SECONDS = 0.5  # between two looks at the parent
_LOG_LEVEL = "beam:option:default_sdk_harness_log_level:v1"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def command() -> str:
    """Returns the shell command that starts a worker of this process."""
    # exec: else a shell stands between, and the parent is the shell.
    return f"exec {shlex.quote(sys.executable)} -m {__spec__.name} {os.getpid()}"


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        # The death of the thread that started it counts, so the watch below is the rule.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main(arguments: list[str]) -> None:
    """Watches the process whose number is the first argument, and works for it."""
    _die_with(int(arguments[1]))
    # Unless the user asked for it, a worker does not tell of every channel it opens.
    given = json.loads(os.environ.get("PIPELINE_OPTIONS") or "{}")
    os.environ["PIPELINE_OPTIONS"] = json.dumps({_LOG_LEVEL: "WARNING", **given})
    quiet.hush()
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(arguments)


if __name__ == "__main__":
    main(sys.argv)
