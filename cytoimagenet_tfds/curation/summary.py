"""What a plan holds, for people and for the dataset's metadata."""

from __future__ import annotations

import collections
import dataclasses
import json

from cytoimagenet_tfds import errors, wording

_NAMED = 5  # how many of a list are written out for people


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassSummary:
    """One class of a plan.

    Attributes:
      label: the class.
      category: its column.
      count: rows of the table that hold the label.
      datasets: source datasets among these rows.
      modalities: kinds of microscopy among these rows.
      images: rows in the plan.
      validation: those of them for validation.
      crops: crops wanted from each.
      databases: databases the class draws on.
      noise: share of its rows that also carry the label of another class.
      noise_in_category: share of its rows that also carry another class of its own column.
    """

    label: str
    category: str
    count: int
    datasets: int
    modalities: int
    images: int
    validation: int
    crops: int
    databases: tuple[str, ...]
    noise: float
    noise_in_category: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Summary:
    """What a plan holds and what was left out.

    Attributes:
      rows: rows of the table.
      dropped: reason -> rows that took no part.
      labels: distinct labels among the rows that took part.
      candidates: labels with enough rows.
      classes: the classes, in the order in which they were given rows.
      skipped: (label, category, rows, unused rows at its turn, [(label, rows it had taken)]).
      in_two_columns: (label, its column, [(other column, rows)]) of classes.
      asked_and_absent: labels that the config names and that are no class, with the reason.
      images: rows of the plan.
      licences: licence -> rows of the plan.
      sources: dir_name -> rows of the plan.
      missing_channels: rows of the plan that lack a channel file; the build rejects them.
      one_split: classes all of whose rows are in one split.
      shared_folders: label -> folder, where the folder's name is another label's, too.
    """

    rows: int
    dropped: dict[str, int]
    labels: int
    candidates: int
    classes: tuple[ClassSummary, ...]
    skipped: tuple[tuple[str, str, int, int, tuple[tuple[str, int], ...]], ...]
    in_two_columns: tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...]
    asked_and_absent: dict[str, str]
    images: int
    licences: dict[str, int]
    sources: dict[str, int]
    missing_channels: int
    one_split: tuple[str, ...]
    shared_folders: dict[str, str]

    def to_json(self) -> str:
        """Returns the summary as JSON text, which `from_json` reads back."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Summary:
        """Reads what `to_json` wrote; raises TableError where the text is something else."""
        try:
            values = json.loads(text)
            values["classes"] = tuple(
                ClassSummary(**entry | {"databases": tuple(entry["databases"])})
                for entry in values["classes"]
            )
            values["skipped"] = tuple(
                (*entry[:4], tuple(map(tuple, entry[4]))) for entry in values["skipped"]
            )
            values["in_two_columns"] = tuple(
                (*entry[:2], tuple(map(tuple, entry[2]))) for entry in values["in_two_columns"]
            )
            values["one_split"] = tuple(values["one_split"])
            return cls(**values)
        except (ValueError, KeyError, TypeError) as error:
            raise errors.TableError(f"The text is no summary of a plan: {error}") from error

    def __str__(self) -> str:
        return "\n".join([
            f"{wording.counted(len(self.classes), 'class', 'classes')}, "
            f"{wording.counted(self.images, 'image')}, from {wording.counted(self.rows, 'row')} "
            f"({wording.counted(self.labels, 'label')}, "
            f"{wording.counted(self.candidates, 'candidate')}).",
            *_section("Classes by category", self.by_category()),
            *_section("Classes by database (one that draws on two counts in both)",
                      self.by_database()),
            *_section("Images by source", self.sources),
            *_section("Images by licence", self.licences),
            *_section("Rows left out", self.dropped),
            *self._sizes(),
            *self._noise(),
            *self._remarks(),
        ])  # fmt: skip

    def by_category(self) -> dict[str, int]:
        """Returns category -> number of classes, the most first."""
        return dict(collections.Counter(entry.category for entry in self.classes).most_common())

    def by_database(self) -> dict[str, int]:
        """Returns database -> number of classes that draw on it, the most first."""
        found = collections.Counter(name for entry in self.classes for name in entry.databases)
        return dict(found.most_common())

    def _sizes(self) -> list[str]:
        sizes = sorted(entry.images for entry in self.classes)
        crops = dict(sorted(collections.Counter(entry.crops for entry in self.classes).items()))
        share = sum(entry.validation for entry in self.classes) / self.images
        return [
            f"Class sizes: {sizes[0]:,} to {sizes[-1]:,}, median {sizes[len(sizes) // 2]:,}; "
            f"validation {share:.1%} of the images.",
            *_section("Classes by crops per image", {str(k): v for k, v in crops.items()}),
        ]

    def _noise(self) -> list[str]:
        mean = sum(entry.noise for entry in self.classes) / len(self.classes)
        own = sorted(self.classes, key=lambda entry: (-entry.noise_in_category, entry.label))
        worst = [f"{entry.label} {entry.noise_in_category:.0%}" for entry in own[:_NAMED]]
        return [
            f"Noise: {mean:.0%} of a class's rows carry the label of another class, on average; "
            f"of another class in the same column most in: {', '.join(worst)}."
        ]

    def _remarks(self) -> list[str]:
        lines = []
        for label, category, count, unused, taken in self.skipped:
            names = ", ".join(f"{name} ({rows:,})" for name, rows in taken[:_NAMED])
            more = f" and {len(taken) - _NAMED} more" if len(taken) > _NAMED else ""
            rows = wording.counted(count, "row")
            lines.append(f"Skipped: {label} ({category}, {rows}, {unused:,} left); "
                         f"taken by {names}{more}.")  # fmt: skip
        for label, category, others in self.in_two_columns:
            places = ", ".join(f"{name} ({rows:,})" for name, rows in others)
            lines.append(f"In two columns: {label} is a {category}; rows not taken: {places}.")
        lines += [f"Not a class: {name}: {why}." for name, why in self.asked_and_absent.items()]
        if self.missing_channels:
            lines.append(
                f"{wording.counted(self.missing_channels, 'image lacks', 'images lack')} a "
                "channel: rejected by the build."
            )
        lines += [f"In one split only: {name}." for name in self.one_split]
        lines += [f"Folder of {name}: {folder}, to tell it from another label's."
                  for name, folder in self.shared_folders.items()]  # fmt: skip
        return lines


def _section(heading: str, counts: dict[str, int]) -> list[str]:
    if not counts:
        return []
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [heading + ":", *(f"  {count:>11,}  {name}" for name, count in ordered)]
