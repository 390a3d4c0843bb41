"""`cytoimagenet report`: the data card of a prepared dataset, and its descriptions for machines."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from etils import epath

if TYPE_CHECKING:
    from cytoimagenet_tfds.prepared import Prepared

# Option -> (name of the file beside the shards, what it is).
_OUTPUTS = {
    "out": ("card.html", "the data card: one HTML page without network"),
    "metadata": ("metadata.parquet", "all columns of all examples as one Parquet file, no pixels"),
    "croissant": ("croissant.json", "a Croissant description (JSON-LD); its metadata beside it"),
    "licences": ("LICENSES", "the licence of every source as text"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("name", help="dataset as in tfds.load, or the folder of its shards")
    parser.add_argument("--data_dir", help="folder for datasets, as in tfds.load")
    for option, (_, text) in _OUTPUTS.items():
        parser.add_argument(f"--{option}", metavar="FILE", help=text)
    parser.add_argument("--seed", type=int, default=0, help="of the images drawn for the card")
    parser.epilog = "Without any of these files all are written beside the shards."


def run(args: argparse.Namespace) -> int:
    """Reads the dataset once and writes the files that were asked for."""
    from cytoimagenet_tfds import prepared

    dataset = prepared.open_dataset(args.name, args.data_dir)
    for path in _write(dataset, _targets(args, dataset), args.seed):
        print(f"{path}: {epath.Path(path).stat().length:,} bytes")
    return 0


def _targets(args: argparse.Namespace, dataset: Prepared) -> dict[str, epath.Path]:
    given = {name: getattr(args, name) for name in _OUTPUTS if getattr(args, name)}
    if given:
        targets = {name: epath.Path(path).expanduser() for name, path in given.items()}
    else:
        targets = {name: dataset.folder / file for name, (file, _) in _OUTPUTS.items()}
    if "croissant" in targets:
        # A Croissant description points at a file, so there must be one.
        beside = targets["croissant"].parent / _OUTPUTS["metadata"][0]
        targets.setdefault("metadata", beside)
    for path in targets.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    return targets


def _write(dataset: Prepared, targets: dict[str, epath.Path], seed: int) -> list[epath.Path]:
    from cytoimagenet_tfds.card import reading, tally
    from cytoimagenet_tfds.exports import croissant, licence_list, metadata

    card = reading.Card(dataset, seed) if "out" in targets else None
    counts = card.tally if card else tally.Tally()
    with metadata.Writer(dataset, targets.get("metadata")) as writer:
        reading.read(dataset, [card or reading.Counting(counts), writer])
    if card:
        targets["out"].write_text(card.html())
    if "licences" in targets:
        targets["licences"].write_text(licence_list.text(dataset.name, counts))
    if "croissant" in targets:
        found = (licence for _, licence in counts.sources)
        written = croissant.text(dataset, targets["metadata"], targets["croissant"].parent, found)
        targets["croissant"].write_text(written)
    return [targets[name] for name in _OUTPUTS if name in targets]
