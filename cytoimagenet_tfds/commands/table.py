"""`cytoimagenet table`: the row table of what lies in a source folder."""

from __future__ import annotations

import argparse

from cytoimagenet_tfds import sources, wording


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("source", help="dir_name of the source, for example bbbc006")
    parser.add_argument("root", help="folder of the source, with its files or archives")
    parser.add_argument("--out", required=True, help="Parquet file to write")


def run(args: argparse.Namespace) -> int:
    """Writes the table as Parquet and prints what was found and what was not."""
    from cytoimagenet_tfds import tables

    table, report = sources.get(args.source).table_and_report(args.root)
    tables.write(table, args.out, "rows")
    print(f"{wording.counted(len(table), 'row')} -> {args.out}")
    for finding in report.findings:
        print(finding)
    return 0
