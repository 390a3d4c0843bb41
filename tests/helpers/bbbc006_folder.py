"""A folder as BBBC006 unpacks, with as many small images as a test needs."""

from __future__ import annotations

from pathlib import Path

import plans
import tifffile

_GUID = "a571d43d-5554-47fd-bb54-{:012x}"


def name(number: int) -> str:
    """Returns the real file name of image `number`: wells a01, a02 ..., site 1, nuclei."""
    well = f"{'abcdefghijklmnop'[number // 24]}{number % 24 + 1:02d}"
    return f"BBBC006_v1_images_z_16/mcf-z-stacks-03212011_{well}_s1_w1{_GUID.format(number)}.tif"


def make(root: Path, numbers: range, shape: tuple[int, int] = (24, 32)) -> None:
    """Writes the images below root/bbbc006."""
    for number in numbers:
        path = root / "bbbc006" / name(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(path, plans.noise(path.name, shape), compression="lzw")
