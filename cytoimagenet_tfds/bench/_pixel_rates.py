"""Rendering on one core, beside the reference's algorithm and decoding and encoding alone."""

from __future__ import annotations

import cv2

from cytoimagenet_tfds import images
from cytoimagenet_tfds.bench import _reference_pixels, _stage
from cytoimagenet_tfds.build import chunks
from cytoimagenet_tfds.build.work import WorkFolder

_WINDOW = ("y_min", "y_max", "x_min", "x_max", "scaling")


def measure(made: _stage.Fields, rounds: int) -> None:
    """One core: the build's own step, the reference, and decoding and encoding alone."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    lines = made.lines()
    lines = lines[lines["crop"] >= 0]
    windows: dict[str, list[images.Window]] = {}
    bounds = zip(*(lines[name] for name in _WINDOW), strict=True)
    for key, values in zip(lines["key"], bounds, strict=True):
        windows.setdefault(key, []).append(images.Window(*values))
    paths = {key: [made.raw / name for name in text.split("|")]
             for key, text in zip(made.plan["key"], made.plan["files"], strict=True)}  # fmt: skip
    work = WorkFolder(str(made.out / "work"))
    pngs = [chunks.read_image(work.chunks, line) for line in lines.itertuples()]
    pixels = [images.decode_png(png) for png in pngs]

    def ours() -> None:
        step, divided = made.step()
        for number in range(len(divided.names)):
            step(number)

    def reference() -> None:
        for key, found in windows.items():
            _reference_pixels.field(paths[key], found, made.out)

    def floor() -> None:
        for files in paths.values():
            for path in files:
                images.read(path)
        for image in pixels:
            images.encode_png(image)

    rates = _stage.rates(len(made.plan), rounds, ours, reference, floor)
    cv2.setNumThreads(threads)
    print(made.kind, flush=True)
    for name, rate in rates.items():
        print(f"{rate:10.1f} fields/s  {name}, one core")
    print(f"{rates['ours'] / rates['reference']:10.1f} times the reference, "
          f"{rates['ours'] / rates['floor']:.0%} of the floor", flush=True)  # fmt: skip
