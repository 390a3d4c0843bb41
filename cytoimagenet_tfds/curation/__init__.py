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
    from cytoimagenet_tfds.curation.comparing import Comparison, compare
    from cytoimagenet_tfds.curation.plan_file import PlanFile, read_plan, read_plan_file, write_plan
    from cytoimagenet_tfds.curation.planning import crops_per_image, plan, plan_with_summary
    from cytoimagenet_tfds.curation.summary import Summary
    from cytoimagenet_tfds.curation.supplementing import supplement
    from cytoimagenet_tfds.curation.vocabulary import standardize

_MODULES = {
    "Comparison": "comparing",
    "PlanFile": "plan_file",
    "Summary": "summary",
    "compare": "comparing",
    "crops_per_image": "planning",
    "plan": "planning",
    "plan_with_summary": "planning",
    "read_plan": "plan_file",
    "read_plan_file": "plan_file",
    "standardize": "vocabulary",
    "supplement": "supplementing",
    "write_plan": "plan_file",
}

__all__ = [
    "Comparison",
    "CurationConfig",
    "PlanFile",
    "Summary",
    "compare",
    "crops_per_image",
    "plan",
    "plan_with_summary",
    "read_plan",
    "read_plan_file",
    "standardize",
    "supplement",
    "write_plan",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
