"""Row tables of full-size downloads: names only, 2.8 million files of four sources.

cytoimagenet bench sources              all four
cytoimagenet bench sources bbbc017      one of them
"""

from __future__ import annotations

import argparse
import itertools
import resource
import time
from collections.abc import Iterator
from pathlib import PurePosixPath

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.sources import rows
from cytoimagenet_tfds.sources.report import Report
from cytoimagenet_tfds.sources.tree import Tree

_GUID = "0a1b2c3d-0000-4000-8000-{:012x}"


class _NamedTree(Tree):
    """A tree of names in memory; only its tables have content."""

    def __init__(self, names: list[str], tables: dict[str, bytes]) -> None:
        super().__init__(PurePosixPath("/names"))
        self.__dict__["files"] = tuple(sorted([*names, *tables]))
        self._tables = tables

    def read_bytes(self, path: str) -> bytes:
        """Returns the content of a table."""
        return self._tables[path]


def _wells(letters: str, columns: range) -> list[str]:
    return [f"{letter}{column:02d}" for letter in letters for column in columns]


def _recursion(
    sites: Iterator[tuple[str, int, str, int]], channels: int, facts: str, values: str
) -> tuple[list[str], dict[str, bytes]]:
    names: list[str] = []
    lines = [f"site_id,well_id,cell_type,experiment,plate,well,site,{facts}"]
    for experiment, plate, well, site in sites:
        place = f"{experiment}_{plate}_{well}"
        cell = experiment.partition("-")[0]
        lines.append(f"{place}_{site},{place},{cell},{experiment},{plate},{well},{site},{values}")
        stem = f"images/{experiment}/Plate{plate}/{well}_s{site}"
        names += [f"{stem}_w{channel}.png" for channel in range(1, channels + 1)]
    return names, {"metadata.csv": "\n".join(lines).encode()}


def _rec_rxrx1() -> tuple[list[str], dict[str, bytes]]:
    counts = {"HEPG2": 11, "HUVEC": 24, "RPE": 11, "U2OS": 5}
    experiments = [f"{cell}-{n + 1:02d}" for cell, count in counts.items() for n in range(count)]
    wells = _wells("BCDEFGHIJKLMNO", range(2, 24))
    sites = itertools.product(experiments, range(1, 5), wells, (1, 2))
    return _recursion(sites, 6, "dataset,well_type,sirna,sirna_id", "train,treatment,s21721,855")


def _rec_rxrx19a() -> tuple[list[str], dict[str, bytes]]:
    letters = [chr(65 + n) for n in range(1, 26)] + ["AA", "AB", "AC", "AD", "AE"]
    wells = [f"{letter}{column:02d}" for letter in letters for column in range(2, 48)]
    sites = itertools.product(["HRCE-1", "HRCE-2"], range(1, 28), wells, range(1, 5))
    head = itertools.islice(sites, 305_520)
    return _recursion(
        head, 5, "disease_condition,treatment,treatment_conc,SMILES", "Mock,Remdesivir,0.3,CC"
    )


def _bbbc017() -> tuple[list[str], dict[str, bytes]]:
    names = [
        f"NIRHTa{sign}{plate:03d}/AS_09125_0501160{plate:05d}_{well}f{field:02d}d{channel}.DIB"
        for sign, plate in itertools.product("+-", range(1, 15))
        for well in _wells("ABCDEFGHIJKLMNOP", range(1, 25))
        for field, channel in itertools.product(range(6), range(3))
    ]
    return names, {}


def _bbbc022() -> tuple[list[str], dict[str, bytes]]:
    number = itertools.count()
    names = [
        f"BBBC022_v1_images_{plate}w{wave}/IXMtest_{well}_s{site}_w{wave}"
        f"{_GUID.format(next(number)).upper()}.tif"
        for plate, wave in itertools.product(range(20585, 20605), range(1, 6))
        for well, site in itertools.product(_wells("ABCDEFGHIJKLMNOP", range(1, 25)), range(1, 10))
    ]
    return names, {}


_MAKERS = {
    "bbbc017": _bbbc017, "bbbc022": _bbbc022, "rec_rxrx1": _rec_rxrx1, "rec_rxrx19a": _rec_rxrx19a,
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("names", nargs="*", help=f"of {', '.join(_MAKERS)}; all by default")


def run(args: argparse.Namespace) -> int:
    """Prints files, rows and seconds of each source, and the highest memory so far."""
    unknown = sorted(set(args.names) - set(_MAKERS))
    if unknown:
        raise errors.ConfigError(errors.unknown_name("full-size source", unknown[0], _MAKERS))
    total_files, total_seconds = 0, 0.0
    for name in args.names or _MAKERS:
        names, tables = _MAKERS[name]()
        source, tree, report = sources.get(name), _NamedTree(names, tables), Report()
        start = time.perf_counter()
        table = rows.assemble(source, source.read(tree, report), report, rows=source.rows)
        seconds = time.perf_counter() - start
        total_files, total_seconds = total_files + len(names), total_seconds + seconds
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{name}: {len(names):,} files, {len(table):,} rows, {seconds:.1f} s; "
              f"{len(names) / seconds:,.0f} files/s; at most {memory:.1f} GB so far")  # fmt: skip
    print(f"all: {total_files:,} files, {total_seconds:.1f} s")
    return 0
