"""Sites of the RxRx datasets: a metadata table and the images of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from trees import _write

PLACE = ("experiment", "plate", "well", "site")


def quoted(value: object) -> str:
    """As pandas writes a cell: quotes only where a comma stands inside."""
    text = str(value)
    return f'"{text}"' if "," in text else text


def metadata(
    root: Path, path: str, facts: Sequence[str], lines: Iterable[tuple[str, Sequence[object]]]
) -> None:
    """Writes metadata.csv; a line is ('HUVEC-1_1_AA03_1', values of `facts`)."""
    rows = []
    for site_id, values in lines:
        well_id = site_id.rsplit("_", 1)[0]
        cell_type = site_id.partition("-")[0]
        rows.append([site_id, well_id, cell_type, *site_id.split("_"), *map(quoted, values)])
    header = ("site_id", "well_id", "cell_type", *PLACE, *facts)
    _write.csv(root, path, header, rows)


def image_paths(folder: str, site_id: str, channels: Iterable[int]) -> list[str]:
    """Returns the files of one site: ('images', 'HUVEC-1_1_AA03_1') -> images/HUVEC-1/Plate1/..."""
    experiment, plate, well, site = site_id.split("_")
    place = f"{folder}/{experiment}/Plate{plate}/{well}_s{site}"
    return [f"{place}_w{channel}.png" for channel in channels]
