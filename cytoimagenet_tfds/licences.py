"""What a licence allows, as far as its identifier says; no legal advice.

Only identifiers of the SPDX list that occur among the sources are understood. Everything else,
`unknown` included, is taken for unknown: nothing is allowed by a guess.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Literal

Commercial = Literal["yes", "no", "unknown"]

# What the parts of a Creative Commons identifier ask for.
_PARTS = {
    "BY": "name the authors",
    "NC": "no commercial use",
    "SA": "share adaptations under the same licence",
    "ND": "do not share adapted images",
}
_CREATIVE_COMMONS = re.compile(r"CC-(BY(?:-NC)?(?:-SA|-ND)?)-(\d\.\d)")
_OTHERS = {
    "CC0-1.0": "none",
    "Apache-2.0": "keep the licence and the notices",
    "BSD-2-Clause": "keep the licence",
    "BSD-3-Clause": "keep the licence",
    "MIT": "keep the licence",
}


@dataclasses.dataclass(frozen=True)
class Terms:
    """What is known of a licence.

    Attributes:
      commercial: whether the images may be used commercially.
      conditions: what the licence asks for, for people; '' where unknown.
      url: page of the licence, '' where unknown.
    """

    commercial: Commercial
    conditions: str
    url: str


def terms(licence: str) -> Terms:
    """Returns what the SPDX identifier of a licence says: 'CC-BY-NC-4.0' -> no commercial use."""
    url = f"https://spdx.org/licenses/{licence}.html"
    if licence in _OTHERS:
        return Terms("yes", _OTHERS[licence], url)
    found = _CREATIVE_COMMONS.fullmatch(licence)
    if found is None:
        return Terms("unknown", "", "")
    parts = found.group(1).split("-")
    conditions = "; ".join(_PARTS[part] for part in parts)
    return Terms("no" if "NC" in parts else "yes", conditions, url)
