"""All channels of the field each planned row belongs to.

In some sources every file is a row of its own, so that a planned row is one channel of its field.
The multichannel variant always goes by field: such a row gets the other channels beside its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from cytoimagenet_tfds import errors, files, images, schema, wording
from cytoimagenet_tfds.build import multichannel

if TYPE_CHECKING:
    import pandas as pd

    from cytoimagenet_tfds.build.procedure import Planned
    from cytoimagenet_tfds.sources import Source

_SHOWN = 3


def attach(
    planned: Planned, wanted: Iterable[Source], *, raw: bool, by_field: bool = False
) -> Planned:
    """Returns the same plan for images with their channels apart.

    Args:
      planned: the plan, of the merged dataset or of rows that are fields.
      wanted: the sources of its rows.
      raw: True for pixels as the source has them.
      by_field: True where every row is a field with all its channels already.

    Returns:
      The plan with the same rows, `files` for all channels of the field, and the columns `own`
      (one 0 or 1 per channel) and `names` (one stain per channel, joined by '|').

    Raises:
      BuildError: a field has more than eight channels; all such fields are counted.
    """
    by_name = {source.dir_name: source for source in wanted}
    tables = {
        name: _Fields(by_name[name], root, by_field=by_field)
        for name, root in planned.roots.items()
    }
    columns = (planned.rows[name].tolist() for name in ("dir_name", "files", "channels"))
    found = [tables[name].of(refs, stains) for name, refs, stains in zip(*columns, strict=True)]
    rows = planned.rows.assign(
        files=[one.files for one in found],
        own=[one.own for one in found],
        names=[one.names for one in found],
    ).astype({"files": "str", "own": "str", "names": "str"})
    _check_counts(rows)
    facts = {"multichannel": {"raw": raw, "most_channels": images.MAX_CHANNELS}}
    return dataclasses.replace(
        planned, rows=rows, facts={**planned.facts, **facts}, arguments=("own",),
        standardize=multichannel.KeepApart(raw), encode=multichannel.encode,
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class _Field:
    files: str
    names: str
    own: str


class _Fields:
    """The fields of one source; its tables are read once more where a plan does not tell all."""

    def __init__(self, source: Source, root: str, *, by_field: bool) -> None:
        self._source, self._root = source, root
        several = sum(channel.merge for channel in source.channels) > 1
        divided = source.rows == "channel" and not source.stacked and several
        self._divided = divided and not by_field
        self._by_file: Mapping[str, tuple[str, str]] | None = None
        self._stains: Mapping[str, str] | None = None

    def of(self, refs: str, stains: str) -> _Field:
        """Returns the field of a row, given its `files` and `channels`."""
        mine = refs.split(files.SEPARATOR)
        whole, all_stains = refs, stains
        if self._divided and len(mine) == 1:
            whole, all_stains = self._fields().get(refs, (refs, stains))
        parts = whole.split(files.SEPARATOR)
        own = "".join("1" if part in mine else "0" for part in parts)
        return _Field(whole, "|".join(self._names(parts, all_stains)), own)

    def _fields(self) -> Mapping[str, tuple[str, str]]:
        if self._by_file is None:
            table = self._source.table_and_report(self._root, rows="field")[0]
            pairs = zip(table["files"].tolist(), table["channels"].tolist(), strict=True)
            self._by_file = {
                part: pair for pair in pairs for part in pair[0].split(files.SEPARATOR)
            }
        return self._by_file

    def _names(self, parts: list[str], stains: str) -> list[str]:
        """Returns one name per file; two channels of one stain stand only once in a row."""
        if len(parts) == 1:
            return ["/".join(schema.split_tokens(stains))]
        tokens = schema.split_tokens(stains)
        if len(tokens) == len(parts):
            return list(tokens)
        return [self._stain(part) for part in parts]

    def _stain(self, part: str) -> str:
        if self._stains is None:
            table = self._source.table_and_report(self._root, rows="channel")[0]
            pairs = zip(table["files"].tolist(), table["channels"].tolist(), strict=True)
            self._stains = {ref: "/".join(schema.split_tokens(cell)) for ref, cell in pairs}
        return self._stains.get(part, "")


def _check_counts(rows: pd.DataFrame) -> None:
    counts = rows["own"].str.len()
    wrong = rows[counts > images.MAX_CHANNELS].sort_values("key")
    if wrong.empty:
        return
    lines = [
        f"{wording.counted(len(wrong), 'image has', 'images have')} more than "
        f"{images.MAX_CHANNELS} channels, which is the most an image with its channels apart may "
        "have. Nothing was built. The first:"
    ]
    columns = (wrong.head(_SHOWN)[name].tolist() for name in ("field", "names"))
    for field, names in zip(*columns, strict=True):
        stains = names.split("|")
        lines.append(f"- {field}: {wording.counted(len(stains), 'channel')} ({', '.join(stains)})")
    raise errors.BuildError("\n".join(lines))
