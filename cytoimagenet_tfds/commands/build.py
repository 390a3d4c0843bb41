"""`cytoimagenet build`: builds a dataset of this package."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.build import engines, quiet, storage

if TYPE_CHECKING:
    import tensorflow_datasets as tfds


_FORMATS = ("tfrecord", "array_record", "riegeli", "parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    text = "dataset as in tfds.load, for example bbbc/bbbc006 (cytoimagenet, the whole one)"
    parser.add_argument("name", nargs="?", default="cytoimagenet", help=text)
    text = "cytoimagenet from the sources that lie below --manual_dir"
    parser.add_argument("--available", action="store_true", help=text)
    text = 'rules of cytoimagenet as JSON, for example {"min_images": 50}'
    parser.add_argument("--rules", type=_json, default={}, metavar="JSON", help=text)
    parser.add_argument("--manual_dir", help="folder that holds one folder per source")
    parser.add_argument("--data_dir", help="folder for datasets, as in tfds.load")
    text = "of the records: %(choices)s"
    parser.add_argument("--file_format", choices=_FORMATS, metavar="FORMAT", help=text)
    parser.add_argument("--num_shards", type=_positive, metavar="N", help="shards of each split")
    text = "where to work: " + "; ".join(f"{k}: {v.text}" for k, v in engines.PRESETS.items())
    parser.add_argument("--engine", default="", choices=["", *engines.PRESETS], help=text,
                        metavar="NAME")  # fmt: skip
    text = "cytoimagenet/release although the archive is not as published; the metadata say how"
    parser.add_argument("--allow_differences", action="store_true", help=text)
    text = (
        "as in tfds build: name=value,name=value; also cyto_work_dir=FOLDER for intermediate "
        "files, cyto_keep_work, cyto_rows_per_chunk=N"
    )
    parser.add_argument("--beam_pipeline_options", default="", help=text)


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError(f'{text!r} is no object such as {{"min_images": 50}}')
    return found


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Builds the dataset; its summary is printed when it is done."""
    import tensorflow_datasets as tfds

    folders = [("--data_dir", args.data_dir or ""), ("--manual_dir", args.manual_dir or "")]
    storage.check(folders)
    storage.check_clients(folders)
    storage.check_reachable(folders)
    if args.data_dir:
        storage.check_writable("--data_dir", args.data_dir)
    config = _download_config(args)
    options = {"data_dir": args.data_dir, "file_format": args.file_format}
    given: dict[str, Any] = {name: value for name, value in options.items() if value}
    rules = _rules(args)
    if rules:
        given["config"] = tfds.builder_cls(args.name).builder_config_cls(**rules)
    else:
        _check_name(args.name)
    builder = tfds.builder(args.name, **given)
    if builder.is_prepared():
        print(f"{builder.info.full_name} was built before; there is nothing to do.")
    with storage.explained():
        builder.download_and_prepare(download_config=config)
    head, _, version = builder.info.full_name.rpartition("/")
    name = f"{head}:{version}"  # as tfds.load reads it
    print(f"tfds.load({name!r}, data_dir={str(builder.data_dir_root)!r})")
    return 0


def _check_name(name: str) -> None:
    """Raises ConfigError with the nearest names where nothing of that name can be built."""
    import tensorflow_datasets as tfds

    import cytoimagenet_tfds.builders as ours

    rest, _, version = name.partition(":")
    builder, _, config = rest.partition("/")
    if builder not in tfds.list_builders(with_community_datasets=False):
        raise errors.ConfigError(errors.unknown_name("dataset", builder, ours.names()))
    found = tfds.builder_cls(builder)
    if config and config not in found.builder_configs:
        raise errors.ConfigError(
            errors.unknown_name(f"config of {builder}", config, found.builder_configs)
        )
    versions = [str(found.VERSION), *map(str, found.SUPPORTED_VERSIONS)]
    if version and version not in versions:
        raise errors.ConfigError(errors.unknown_name(f"version of {rest}", version, versions))


def _rules(args: argparse.Namespace) -> dict[str, Any]:
    """Returns the rules of an own config, {} where a named one is meant."""
    if (args.available or args.rules) and args.name != "cytoimagenet":
        raise errors.ConfigError(
            f"--available and --rules belong to cytoimagenet, the dataset is {args.name}."
        )
    if not args.available:
        return dict(args.rules)
    if not args.manual_dir:
        raise errors.ConfigError("--available needs --manual_dir: where are the sources?")
    return {"sources": list(_available(args.manual_dir)), **args.rules}


def _available(manual_dir: str) -> tuple[str, ...]:
    from etils import epath

    from cytoimagenet_tfds import sources
    from cytoimagenet_tfds.build import gather

    names = sources.names()
    found = gather.available([sources.get(name) for name in names], epath.Path(manual_dir))
    if not found:
        raise errors.MissingSourcesError(
            f"{manual_dir} holds no folder of a source. Folders are called {', '.join(names)}."
        )
    return found


def _download_config(args: argparse.Namespace) -> tfds.download.DownloadConfig:
    import tensorflow_datasets as tfds

    config = tfds.download.DownloadConfig(manual_dir=args.manual_dir, num_shards=args.num_shards)
    given = [option for option in args.beam_pipeline_options.split(",") if option]
    given += ["cyto_allow_differences"] if args.allow_differences else []
    expanded = engines.expand(args.engine, given)
    if expanded:
        quiet.hush()
        from apache_beam.options import pipeline_options

        flags = [f"--{option}" for option in expanded]
        config = config.replace(beam_options=pipeline_options.PipelineOptions(flags=flags))
    return config
