"""Checks of the values of a `CurationConfig`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cytoimagenet_tfds import errors, schema

if TYPE_CHECKING:
    from cytoimagenet_tfds.curation import config as config_module

CHOICES = {
    "protocol": ("default", "paper_release"),
    "strata": ("labels", "reference"),
    "split": ("group", "paper"),
}
# What the members of the tuple fields are; the length is that of the members' tuple.
_MEMBERS: dict[str, tuple[type, ...]] = {
    "crops_per_image": (int, int),
    "replacements": (str, str, str),
}
_AT_LEAST = {"min_images": 1, "min_class": 1, "target": 1, "cap": 1, "presample": 1, "unseen": 0}
_MAX_CROPS = 4  # one per quadrant


def immutable(value: Any) -> Any:
    """Returns lists, such as JSON gives them, as tuples."""
    return tuple(immutable(v) for v in value) if isinstance(value, list | tuple) else value


def plain(value: Any) -> Any:
    """Returns tuples as lists, as JSON has them."""
    return [plain(v) for v in value] if isinstance(value, tuple) else value


def check_type(name: str, value: Any, default: Any, problems: errors.Problems) -> None:
    """Adds a problem where a value has another type than its field."""
    if isinstance(default, tuple):
        _check_members(name, value, problems)
    elif isinstance(default, float):
        if not isinstance(value, int | float) or isinstance(value, bool):
            problems.add(f"{name} is {value!r}, expected a number.")
    elif type(value) is not type(default):
        problems.add(f"{name} is {value!r}, expected {type(default).__name__}.")


def _check_members(name: str, value: Any, problems: errors.Problems) -> None:
    if not isinstance(value, tuple):
        problems.add(f"{name} is {value!r}, expected a list.")
        return
    expected = _MEMBERS.get(name)
    for member in value:
        if expected is None:
            fits = isinstance(member, str) and bool(member)
        else:
            fits = isinstance(member, tuple) and tuple(map(type, member)) == expected
        if not fits:
            shape = "text" if expected is None else f"[{', '.join(t.__name__ for t in expected)}]"
            problems.add(f"{name} holds {member!r}, expected {shape}.")


def check_values(config: config_module.CurationConfig, problems: errors.Problems) -> None:
    """Adds a problem for every value out of its range and every contradiction."""
    for name, choices in CHOICES.items():
        if getattr(config, name) not in choices:
            problems.add(errors.unknown_name(name, getattr(config, name), choices))
    for name, least in _AT_LEAST.items():
        if getattr(config, name) < least:
            problems.add(f"{name} is {getattr(config, name):,}, expected {least} or more.")
    for category in config.categories:
        if category not in schema.CATEGORIES:
            problems.add(errors.unknown_name("category", category, schema.CATEGORIES))
    if not 0 < config.validation_fraction <= 0.5:
        problems.add(
            f"validation_fraction is {config.validation_fraction}, expected above 0, at most 0.5."
        )
    _check_bounds(config, problems)
    _check_crops(config.crops_per_image, problems)
    for column, _, _ in config.replacements:
        if column not in ("*", *schema.CATEGORIES):
            problems.add(errors.unknown_name("label column", column, ("*", *schema.CATEGORIES)))


def _check_bounds(config: config_module.CurationConfig, problems: errors.Problems) -> None:
    for low, high in (("min_images", "target"), ("min_class", "cap"), ("target", "presample")):
        if getattr(config, low) > getattr(config, high):
            problems.add(
                f"{low} ({getattr(config, low):,}) is above {high} ({getattr(config, high):,})."
            )
    if config.unseen and config.min_class >= config.min_images:
        problems.add(
            f"unseen labels have fewer than min_images ({config.min_images:,}) rows, and min_class "
            f"({config.min_class:,}) would drop them again: set min_class lower, 1 keeps all."
        )
    if config.unseen and config.labels:
        problems.add("unseen and labels cannot be combined: unseen labels are chosen by count.")


def _check_crops(pairs: tuple[tuple[int, int], ...], problems: errors.Problems) -> None:
    limits = [limit for limit, _ in pairs]
    if limits != sorted(set(limits)) or (limits and limits[0] < 1):
        problems.add(f"crops_per_image has the limits {limits}, expected rising ones above 0.")
    for limit, crops in pairs:
        if not 0 <= crops <= _MAX_CROPS:
            problems.add(
                f"crops_per_image wants {crops} crops below {limit} rows, expected 0 to "
                f"{_MAX_CROPS}: one per quadrant."
            )
