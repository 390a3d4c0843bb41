"""A folder of raw files, a work folder, and the rendering of a plan over them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from cytoimagenet_tfds import images
from cytoimagenet_tfds.build import chunks, division, render, work


class Build:
    """Renders plans of the source `toy` in this process."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "raw"
        self.root.mkdir()
        self.work = work.WorkFolder(str(tmp_path / "work"))
        self.work.chunks.mkdir(parents=True)

    def render(self, plan: pd.DataFrame, rows_per_chunk: int = 100) -> tuple[list[str], list[Any]]:
        """Renders every chunk; returns what was done and all lines."""
        divided = division.divide(plan, rows_per_chunk, "pixels")
        division.write(divided, self.work)
        roots = {"toy": str(self.root)}
        step = render.RenderChunk(self.work, divided.digest, roots, images.PixelSettings())
        done = [step(number)[1] for number in range(len(divided.names))]
        tables = [chunks.read(self.work.chunks, name, check_bytes=True) for name in divided.names]
        lines = [
            line
            for name, table in zip(divided.names, tables, strict=True)
            for line in table.assign(chunk=name).itertuples()
        ]
        return done, lines

    def image(self, line: Any) -> np.ndarray:
        """Decodes the image of a line."""
        png = chunks.read_image(self.work.chunks, line)
        return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
