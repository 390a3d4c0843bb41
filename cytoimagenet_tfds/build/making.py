"""How a build was made: its plan, its engine, the versions, and how fast each stage was."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import time
from collections.abc import Iterator
from typing import Any

from cytoimagenet_tfds import images, version, wording

_PACKAGES = ("tensorflow-datasets", "apache-beam", "numpy", "opencv-python-headless", "imagecodecs")


@dataclasses.dataclass
class Making:
    """How a build was made.

    Attributes:
      engine: name of Beam's runner.
      plan: hash of the plan.
      seconds: stage -> wall seconds it took.
    """

    engine: str
    plan: str
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measures one stage."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start

    def facts(self) -> dict[str, Any]:
        """Returns what is the same whenever the same is built: no engine, no clock."""
        return {"plan": self.plan, "versions": versions()}

    def lines(self, counts: dict[str, int], kept: int = 0) -> list[str]:
        """Returns the lines of the report.

        Args:
          counts: stage -> images it made.
          kept: images that an earlier run had rendered.
        """
        used = ", ".join(f"{name} {number}" for name, number in versions().items())
        stages = [
            f"  {stage}: {seconds:,.1f} s, {counts[stage] / max(seconds, 1e-9):,.0f} images/s"
            for stage, seconds in self.seconds.items()
        ]
        lines = [f"Plan: {self.plan}", f"Engine: {self.engine}", *stages]
        if kept:
            lines.append(f"  kept from an earlier run: {wording.counted(kept, 'rendered image')}")
        return [*lines, f"Versions: {used}"]


def versions() -> dict[str, str]:
    """Returns the versions of everything that decides pixels and records."""
    others = {name: importlib.metadata.version(name) for name in _PACKAGES}
    own = {"cytoimagenet-tfds": version.__version__, "renderer": str(images.RENDERER_VERSION)}
    return {**own, **others}
