"""`cytoimagenet features`: features of images, as a table keyed by image."""

from __future__ import annotations

import argparse
import collections
import re
import time
from pathlib import Path

from cytoimagenet_tfds import wording


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    text = "image, folder, prepared dataset (as in tfds.load), or row table (.parquet, with --root)"
    parser.add_argument("path", help=text)
    text = (
        "pixels, random, imagenet, mobilenet_v2 or efficientnet_lite0 (from packages), the folder "
        "of a training, a file (.keras, .h5) or module:function; of several, one table each"
    )
    parser.add_argument("--weights", nargs="+", default=["random"], help=text)
    parser.add_argument("--out", required=True, help="Parquet file to write; a finished part stays")
    text = "concat-norm, concat-raw, merge-norm, merge-raw; ...-values takes raw numbers unscaled"
    parser.add_argument("--method", default="concat-norm", help=text)
    parser.add_argument(
        "--size", type=int, help="side in pixels to resize to; as it is if not given"
    )
    parser.add_argument("--model", default="EfficientNetB0", help="class of keras.applications")
    parser.add_argument("--seed", type=int, default=0, help="of random weights")
    parser.add_argument("--batch", type=int, default=32, help="planes at a time")
    parser.add_argument("--split", default="all", help="split of a dataset")
    parser.add_argument("--data_dir", help="folder of prepared datasets, as in tfds.load")
    parser.add_argument("--root", default="", help="folder that the files of a row table lie below")


def run(args: argparse.Namespace) -> int:
    """Writes the tables; prints how many images have features and why others have none."""
    from cytoimagenet_tfds.evaluation import extraction, extractors, inputs, planes

    makers = [
        extractors.named(weights, model=args.model, seed=args.seed, batch=args.batch)
        for weights in args.weights
    ]
    paths = table_paths(Path(args.out), [maker.name for maker in makers])
    start = time.perf_counter()
    found = extraction.extract(
        inputs.of(args.path, args.root, args.split, args.data_dir), makers,
        planes.named(args.method), size=args.size, out=paths,
        about={"input": args.path, "split": args.split},
    )  # fmt: skip
    seconds = time.perf_counter() - start
    for table, path in zip(found.tables, paths, strict=True):
        count, width = table.features.shape
        print(f"{path}: {wording.counted(count, 'image')}, {wording.counted(width, 'feature')}")
    print(f"{seconds:,.1f} s")
    reasons = collections.Counter(text.partition(":")[0] for text in found.rejected.values())
    for reason, count in sorted(reasons.items()):
        print(f"rejected, {reason}: {count:,}")
    for key, text in list(found.rejected.items())[:3]:
        print(f"  {key}: {text}")
    return 0


def table_paths(out: Path, names: list[str]) -> list[Path]:
    """Returns one path per set of weights: `out` itself for one, `<stem>.<weights>` for several."""
    if len(names) == 1:
        return [out]
    clean = [re.sub(r"[^\w.-]+", "-", name) for name in names]
    return [out.with_name(f"{out.stem}.{name}{out.suffix}") for name in clean]
