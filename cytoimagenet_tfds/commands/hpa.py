"""`cytoimagenet hpa`: figures and checks of the Human Protein Atlas task."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of the four things it does."""
    actions = parser.add_subparsers(dest="action", required=True)
    counts = actions.add_parser("counts", help="chart of the images of each label")
    counts.add_argument("table", help="train.csv")
    text = "labels with fewer images are rare: also show what copies of them make of the counts"
    counts.add_argument("--rare", type=int, default=0, help=text)
    counts.add_argument("--copies", type=int, default=8, help="of one image at most")
    text = "the ways to make a picture from four stains, side by side"
    compositions = actions.add_parser("compositions", help=text)
    compositions.add_argument("folder", help="folder with <name>_<colour>.png or .tif")
    compositions.add_argument("--name", default="", help="which image; default the first one")
    resolutions = actions.add_parser("resolutions", help="one image at several resolutions")
    text = "folders of the same images, each at another size"
    resolutions.add_argument("folders", nargs="+", metavar="folder", help=text)
    resolutions.add_argument("--name", required=True, help="which image")
    overlap = actions.add_parser("overlap", help="which images a prepared cytoimagenet holds too")
    overlap.add_argument("dataset", help="folder of the prepared hpa_classification, with version")
    overlap.add_argument("pretraining", help="folder of the prepared cytoimagenet, with version")
    for action in (counts, compositions, resolutions):
        action.add_argument("--out", type=Path, required=True, help="png, svg or pdf file to write")
    overlap.add_argument("--out", type=Path, required=True, help="csv file to write")


def run(args: argparse.Namespace) -> int:
    """Does one of them and says what it wrote."""
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for line in _ACTIONS[args.action](args):
        print(line)
    print(f"-> {args.out}")
    return 0


def _counts(args: argparse.Namespace) -> list[str]:
    from cytoimagenet_tfds.training.hpa import pictures

    return pictures.draw_table(args.table, args.out, args.rare, args.copies)


def _compositions(args: argparse.Namespace) -> list[str]:
    from cytoimagenet_tfds.training.hpa import pictures, side_by_side

    files = pictures.find(args.folder, args.name)
    name = files["green"].stem.rpartition("_")[0]
    side_by_side.draw_compositions(pictures.stack(files), args.out, name)
    return [name]


def _resolutions(args: argparse.Namespace) -> list[str]:
    from cytoimagenet_tfds.training.hpa import pictures, side_by_side

    images = [pictures.stack(pictures.find(folder, args.name)) for folder in args.folders]
    side_by_side.draw_resolutions(images, args.out, args.name)
    sizes = [f"{image.shape[1]} x {image.shape[0]}" for image in images]
    return [f"{' and '.join(sizes)} pixels"]


def _overlap(args: argparse.Namespace) -> list[str]:
    from cytoimagenet_tfds.builders.hpa_classification import ids

    table = ids.seen(args.dataset, args.pretraining)
    table.to_csv(args.out, index=False, lineterminator="\n")
    shares = table.groupby("split")["seen"].agg(["sum", "size"])
    return [f"{split}: {seen:,} of {size:,} images are in both"
            for split, seen, size in shares.itertuples()]  # fmt: skip


_ACTIONS = {
    "counts": _counts, "compositions": _compositions, "resolutions": _resolutions,
    "overlap": _overlap,
}  # fmt: skip
