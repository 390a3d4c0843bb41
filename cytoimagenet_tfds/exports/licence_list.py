"""The licence of every source as a text beside the shards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cytoimagenet_tfds import licences
from cytoimagenet_tfds.card import facts

if TYPE_CHECKING:
    from cytoimagenet_tfds.card.tally import Tally

_COMMERCIAL = {"yes": "allowed", "no": "not allowed", "unknown": "unknown, ask the owners"}


def text(name: str, tally: Tally) -> str:
    """Returns the listing, source by source in the order of their names.

    Args:
      name: full name of the dataset.
      tally: its counts, complete.
    """
    lines = [
        f"Licences of the images of {name}",
        "",
        "The images keep the licences of their sources. Read from the declarations of the sources;",
        "no legal advice.",
    ]
    for source in sorted(facts.sources_of(tally), key=lambda one: one["dir_name"]):
        terms = licences.terms(source["licence"])
        pairs = [
            ("database", source["database"]),
            ("images", f"{source['images']:,}"),
            ("licence", source["licence"]),
            ("commercial use", _COMMERCIAL[terms.commercial]),
            ("asks for", terms.conditions),
            ("licence text", terms.url),
            ("stated at", source["licence_page"]),
            ("homepage", source["homepage"]),
        ]
        lines += ["", f"{source['dir_name']}: {source['name']}"]
        lines += [f"  {what}: {value}" for what, value in pairs if value]
    return "\n".join(lines) + "\n"
