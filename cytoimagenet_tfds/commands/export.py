"""`cytoimagenet export`: images and labels of a prepared dataset for other tools."""

from __future__ import annotations

import argparse

from cytoimagenet_tfds import wording


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("name", help="dataset as in tfds.load, or the folder of its shards")
    parser.add_argument("--data_dir", help="folder for datasets, as in tfds.load")
    parser.add_argument("--to", required=True, metavar="FORMAT", help="fiftyone or huggingface")
    parser.add_argument("--out", required=True, metavar="FOLDER", help="a new folder")
    parser.add_argument("--labels", nargs="+", default=[], help="only these classes")
    parser.add_argument("--split", default="", help="only this split (all)")
    parser.add_argument(
        "--number", type=int, default=0, help="at most so many images per class (all)"
    )
    parser.add_argument("--seed", type=int, default=0, help="which images --number draws")


def run(args: argparse.Namespace) -> int:
    """Writes the folder and says how many images it holds."""
    from cytoimagenet_tfds import prepared
    from cytoimagenet_tfds.exports import folder, selection

    dataset = prepared.open_dataset(args.name, args.data_dir)
    chosen = selection.Selection(tuple(args.labels), args.split, args.number, args.seed)
    counts = folder.write(dataset, chosen, args.to, args.out)
    for split, count in counts.items():
        print(f"{args.out}/{split}: {wording.counted(count, 'image')}")
    return 0
