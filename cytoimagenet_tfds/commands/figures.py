"""`cytoimagenet figures`: draws a prepared dataset, a training, features."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from cytoimagenet_tfds.prepared import Prepared

_OF_ANY_DATASET = "embedding"  # the figure that needs no column of the schema


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add = parser.add_argument
    add("name", nargs="?", help="dataset as in tfds.load, for example cytoimagenet/sample")
    add("--data_dir", help="folder for datasets, as in tfds.load")
    add("--out", type=Path, default=Path("figures"), help="folder to write to (%(default)s)")
    add("--only", nargs="+", action="extend", default=[], metavar="NAME",
        help="these figures alone; --list names them")  # fmt: skip
    add("--list", action="store_true", help="name the figures and stop")
    add("--format", default="svg", help="svg, pdf or png (%(default)s)")
    add("--class", dest="label", default="", help="class of the figure `class`; the largest")
    add("--manual_dir", type=Path, help="folder that holds one folder of raw images per source")
    add("--rows", nargs="+", default=[], metavar="FILE",
        help="row tables as `cytoimagenet table` writes them")  # fmt: skip
    add("--features", type=Path, help="features of the images, Parquet, for the projections")
    add("--by", nargs="+", default=[], metavar="COLUMN",
        help="columns to colour the embedding by (label source scale, where they are)")  # fmt: skip
    add("--metadata", type=Path, nargs="+", default=[], metavar="FILE",
        help="tables with the columns key and those of --by; default: the dataset")  # fmt: skip
    add("--history", type=Path, help="history.csv of a training")
    add("--distances", type=Path, help="class_distances.csv of a training")
    add("--results", type=Path, nargs="+", default=[], metavar="FILE",
        help="results.json of evaluations, to compare")  # fmt: skip
    add("--seed", type=int, default=0, help="of every random choice (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Draws, and says of each figure where it is or what it lacks; 1 where none was drawn."""
    from cytoimagenet_tfds.figures import catalogue, material

    if args.list:
        width = max(map(len, catalogue.CATALOGUE))
        for name, entry in catalogue.CATALOGUE.items():
            print(f"{name:<{width}}  {entry.text}")
        return 0
    dataset = _dataset(args)
    is_sample = dataset is not None and dataset.name.startswith("cytoimagenet/sample/")
    given = material.Material(
        dataset=dataset, raw=_raw(args, is_sample), rows=_rows(args, is_sample),
        history=args.history, distances=args.distances,
        results=tuple(args.results), by=tuple(args.by), facts=_facts(args, dataset),
        label=args.label, seed=args.seed, **_features(args.features),
    )  # fmt: skip
    drawn = 0
    for name, result in catalogue.draw(given, args.only, args.out, args.format):
        drawn += isinstance(result, Path)
        print(result if isinstance(result, Path) else f"skipped {name}: {result}")
    return 0 if drawn else 1


def _dataset(args: argparse.Namespace) -> Prepared | None:
    if args.name is None:
        if args.history or args.distances or args.results or args.rows or args.metadata:
            return None
        raise errors.ConfigError(
            "Nothing to draw: name a prepared dataset (cytoimagenet/sample), or give --history, "
            "--distances, --results, --rows or --metadata."
        )
    from cytoimagenet_tfds import prepared

    try:
        return prepared.open_dataset(args.name, args.data_dir)
    except errors.ConfigError:
        if set(args.only) == {_OF_ANY_DATASET}:
            return None  # it needs no column of ours
        raise


def _raw(args: argparse.Namespace, is_sample: bool) -> Path | None:
    if args.manual_dir is not None or not is_sample:
        found: Path | None = args.manual_dir
        return found
    from cytoimagenet_tfds.builders.cytoimagenet import sample_images

    return Path(sample_images.root())


def _rows(args: argparse.Namespace, is_sample: bool) -> pd.DataFrame | None:
    import pandas as pd

    from cytoimagenet_tfds import tables

    if args.rows:
        given: pd.DataFrame = pd.concat(
            [tables.read(path, "rows") for path in args.rows], ignore_index=True
        )
        return given
    if not is_sample:
        return None
    from cytoimagenet_tfds.builders.cytoimagenet import sample_images

    folder = sample_images.root()
    parts = [source.table(folder / source.dir_name) for source in sample_images.sources()]
    found: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return found


def _features(path: Path | None) -> dict[str, Any]:
    """Returns what `Material` says of features."""
    if path is None:
        return {}
    from cytoimagenet_tfds.evaluation.table import FeatureTable

    table = FeatureTable.load(path)
    known = set(table.keys.tolist())

    def rows(keys: list[str]) -> npt.NDArray[np.float32] | None:
        return table.rows(keys) if known.issuperset(keys) else None

    made = [table.about[name] for name in ("weights", "method") if table.about.get(name)]
    text = f"the features of {', '.join(made)}" if made else path.name
    return {"features": (rows, text), "feature_keys": known}


def _facts(args: argparse.Namespace, dataset: Prepared | None) -> Callable[[], pd.DataFrame] | None:
    """Returns what reads the metadata of the images with features, None where there is none."""
    if args.metadata:
        return lambda: _tables(args.metadata)
    if dataset is not None:
        return dataset.table
    return (lambda: _any_dataset(args.name, args.data_dir)) if args.name else None


def _tables(paths: Sequence[Path]) -> pd.DataFrame:
    import pandas as pd

    from cytoimagenet_tfds import tables

    found = [
        pd.read_csv(path, keep_default_na=False)
        if path.suffix == ".csv"
        else tables.read_arrow(path).to_pandas()
        for path in paths
    ]
    for path, table in zip(paths, found, strict=True):
        if "key" not in table:
            raise errors.TableError(
                f"{path} has no column key; it has {', '.join(map(str, table.columns))}."
            )
    joined: pd.DataFrame = pd.concat(found, ignore_index=True)
    return joined


def _any_dataset(name: str, data_dir: str | None) -> pd.DataFrame:
    """Returns the columns of a prepared dataset of any kind, a benchmark for example."""
    import pandas as pd

    from cytoimagenet_tfds.evaluation import facts, inputs

    found = facts.read(inputs.builder(name, data_dir))
    return pd.DataFrame({"key": found.keys, **found.columns})
