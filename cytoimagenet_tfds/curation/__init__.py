"""From rows to a plan: vocabulary, weak labels, stratified sampling, splits.

    config = CurationConfig(min_images=50)
    table = plan(rows, config)

`CurationConfig` is here at once; everything else is imported on first use, because it needs pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds.curation.config import CurationConfig

if TYPE_CHECKING:
    from cytoimagenet_tfds.curation.planning import plan, plan_with_summary
    from cytoimagenet_tfds.curation.summary import Summary
    from cytoimagenet_tfds.curation.vocabulary import standardize

_MODULES = {
    "Summary": "summary",
    "plan": "planning",
    "plan_with_summary": "planning",
    "standardize": "vocabulary",
}

__all__ = ["CurationConfig", "Summary", "plan", "plan_with_summary", "standardize"]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
