"""Rendering on one core, beside the reference's algorithm and decoding and encoding alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import pandas as pd

from cytoimagenet_tfds import images
from cytoimagenet_tfds.bench import _reference_pixels, _stage
from cytoimagenet_tfds.build import chunks, own_threads
from cytoimagenet_tfds.build.work import WorkFolder

_WINDOW = ("y_min", "y_max", "x_min", "x_max", "scaling")


def measure(made: _stage.Fields, slow: int, rounds: int) -> None:
    """One core: the build's own step, decoding and encoding alone, and the reference.

    Decoding and encoding alone are timed twice: as the build does both, and as OpenCV does.

    Args:
      made: fields; all of them are rendered, as many as a chunk has.
      slow: the first of them, which the reference, being slow, works on.
      rounds: the median of so many is printed.
    """
    with own_threads.ONE_THREAD:
        lines = made.lines()
        lines = lines[lines["crop"] >= 0]
        files = zip(made.plan["key"], made.plan["files"], strict=True)
        paths = {key: [made.raw / name for name in text.split("|")] for key, text in files}
        rates = _fast(made, lines, paths, rounds)
        rates |= _slow(made, lines, paths, list(paths)[:slow], rounds)
    print(made.kind, flush=True)
    for name, rate in rates.items():
        print(f"{rate:10.1f} fields/s  {name}, one core")
    ratios = {name: rates["ours"] / rate for name, rate in rates.items()}
    print(f"{ratios['reference']:10.1f} times the reference, {ratios['floor']:.0%} of the floor, "
          f"{ratios['opencv']:.0%} of the same by OpenCV", flush=True)  # fmt: skip


def _fast(
    made: _stage.Fields, lines: pd.DataFrame, paths: dict[str, list[Path]], rounds: int
) -> dict[str, float]:
    work = WorkFolder(str(made.out / "work"))
    pngs = [chunks.read_image(work.chunks, line) for line in lines.itertuples()]
    pixels = [images.decode_png(png) for png in pngs]

    def ours() -> None:
        step, divided = made.step()
        for number in range(len(divided.names)):
            step(number)

    def floor() -> None:
        for files in paths.values():
            for path in files:
                images.read(path)
        for image in pixels:
            images.encode_png(image)

    def opencv() -> None:
        for files in paths.values():
            for path in files:
                cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        for image in pixels:
            cv2.imencode(".png", image)

    return _stage.rates(len(made.plan), rounds, ours, floor, opencv)


def _slow(
    made: _stage.Fields,
    lines: pd.DataFrame,
    paths: dict[str, list[Path]],
    keys: list[str],
    rounds: int,
) -> dict[str, float]:
    windows: dict[str, list[images.Window]] = {key: [] for key in keys}
    bounds = zip(*(lines[name] for name in _WINDOW), strict=True)
    for key, values in zip(lines["key"], bounds, strict=True):
        if key in windows:
            windows[key].append(images.Window(*values))

    def reference() -> None:
        for key, found in windows.items():
            _reference_pixels.field(paths[key], found, made.out)

    return _stage.rates(len(keys), rounds, reference)
