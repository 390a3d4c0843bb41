"""What the build noted beside the shards: what was rejected, and how the dataset was made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors, tables

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.prepared import Prepared

REPORT = "build_report.parquet"
_EXAMPLES = 10  # rejected images listed per reason


def quality(dataset: Prepared) -> dict[str, Any]:
    """Returns the way from rows to images, and the rejected rows with examples.

    `known` is False where no report lies beside the shards; then there is nothing else.
    """
    try:
        report = tables.read_arrow(dataset.folder / REPORT).to_pandas()
    except errors.TableError:
        return {"known": False}
    metadata = dataset.metadata
    return {
        "known": True,
        "read": sum(metadata.get("sources", {}).values()) or None,
        "planned": len(report),
        "accepted": int((report["rendered"] > 0).sum()),
        "rendered": int(report["rendered"].sum()),
        "written": int(report["written"].sum()),
        "rejected": _rejected(report),
        "left_out": sorted(
            metadata.get("curation_summary", {}).get("dropped", {}).items(),
            key=lambda pair: (-pair[1], pair[0]),
        ),
        "dropped_classes": sorted(metadata.get("dropped_classes", {}).items()),
    }


def _rejected(report: pd.DataFrame) -> list[dict[str, Any]]:
    rejected = report[report["reason"] != ""].sort_values("key")
    found = [
        {
            "reason": str(reason),
            "count": len(rows),
            "examples": rows[["key", "message"]].head(_EXAMPLES).astype(str).to_numpy().tolist(),
        }
        for reason, rows in rejected.groupby("reason", sort=True)
    ]
    return sorted(found, key=lambda one: -one["count"])


def made(dataset: Prepared, seed: int) -> list[list[str]]:
    """Returns pairs of what and value, for people."""
    metadata, info = dataset.metadata, dataset.info
    rules = metadata.get("curation", {})
    plan = metadata.get("plan_hash") or metadata.get("plan", "")
    pairs = [
        ("Dataset", info.full_name),
        ("Plan hash", plan or "not noted"),
        ("Seed of all random choices", str(rules.get("seed", "not noted"))),
        ("File format", info.file_format.value if info.file_format else ""),
        ("Rebuild", _command(dataset)),
    ]
    pairs += [(f"Version of {name}", str(v)) for name, v in metadata.get("versions", {}).items()]
    pairs.append(("Seed of the images on this page", str(seed)))
    return [list(pair) for pair in pairs]


def load(dataset: Prepared) -> str:
    """Returns Python code that reads the dataset, by its name or from its folder."""
    name, version = dataset.name.rsplit("/", 1)
    split = "train" if "train" in dataset.splits else next(iter(dataset.splits))
    stored = dataset.info.file_format
    function, reading = ("load", "as_dataset")
    if stored and stored.value == "array_record":
        function, reading = ("data_source", "as_data_source")
    return "\n".join([
        "import tensorflow_datasets as tfds",
        "import cytoimagenet_tfds  # registers the builders",
        "",
        f'ds = tfds.{function}("{name}:{version}", split="{split}")',
        "",
        "# The same from a copy of its folder, without this package:",
        f'ds = tfds.builder_from_directory("FOLDER").{reading}(split="{split}")',
    ])  # fmt: skip


def _command(dataset: Prepared) -> str:
    name, *_ = dataset.name.split("/")
    config = getattr(dataset.builder, "builder_config", None)
    named = str(getattr(config, "name", "") or "")
    rules = dataset.metadata.get("curation", {})
    if name == "cytoimagenet" and "-" in named and rules:
        chosen = json.dumps(_other_than_default(rules))
        return f"tfds build {name} --imports=cytoimagenet_tfds --config='{chosen}'"
    return f"tfds build {name}{'/' * bool(named)}{named} --imports=cytoimagenet_tfds"


def _other_than_default(rules: dict[str, Any]) -> dict[str, Any]:
    from cytoimagenet_tfds.curation import CurationConfig

    default = CurationConfig().to_dict()
    return {name: value for name, value in rules.items() if default.get(name) != value}
