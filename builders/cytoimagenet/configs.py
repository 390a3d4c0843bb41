"""The configs of `cytoimagenet`: named rules, and anyone's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import tensorflow_datasets as tfds

if TYPE_CHECKING:
    from cytoimagenet_tfds.curation import CurationConfig

_FULL, _SAMPLE = "full", "sample"
_RELEASES = {"release": "group", "release-paper": "paper"}  # the published archive, and its split
_OWN = "sources"
_PLAN = "plan"
_TOYS = ("toy_20", "toy_50")  # the reference's small subsets, for quick experiments


class CytoImageNetConfig(tfds.core.BuilderConfig):
    """Rules by which the dataset is made.

    Either a name that this package knows, or values: those of `CurationConfig`, as one object or
    one by one, as TFDS does with JSON: `--config='{"sources": ["bbbc006"], "min_images": 2}'`.
    The name of a config made from values ends in the hash of all of them, so that no two share a
    folder.

    Or a plan that was made or edited before: `--config='{"plan": "/data/plan.parquet"}'`; its name
    ends in the hash of the plan.

    With `"multichannel": true` any of them keeps the channels of a field apart, with `"raw": true`
    as the source has them; the name then ends in `-multichannel` or `-multichannel-raw`.

    Attributes:
      curation: the rules.
      plan: the plan's file, None where the rules make one.
      multichannel: True for channels kept apart.
      raw: True for pixels as the source has them.
    """

    def __init__(
        self,
        *,
        name: str = "",
        description: str | None = None,
        curation: CurationConfig | None = None,
        plan: str | os.PathLike[str] | None = None,
        multichannel: bool = False,
        raw: bool = False,
        **values: Any,
    ) -> None:
        """Checks the values and finds the name.

        Args:
          name: name of a config of this package; with values, the beginning of the name.
          description: text for people.
          curation: the rules as an object.
          plan: a plan file, instead of rules.
          multichannel: keep the channels of a field apart, at most eight.
          raw: with `multichannel`, uint16 pixels as the source has them, not stretched ones.
          **values: the rules one by one.

        Raises:
          ConfigError: a value is not valid, or more than one of object, plan and values is given.
          TableError: the plan is none a build could use.
        """
        self.plan, self.multichannel, self.raw = plan, multichannel, raw
        self._rules_of = name
        if plan is not None:
            self._curation = None
            name = f"{name or _PLAN}-{_plan_digest(plan, curation, values)}"
        else:
            self._curation = _curation(curation, values, named=bool(name))
            if self._curation is not None:
                name = f"{name or _OWN}-{self._curation.digest}"
        super().__init__(name=_variant(name, multichannel, raw), description=description)

    @property
    def release(self) -> str | None:
        """How the published archive is divided, 'group' or 'paper'; None for another dataset."""
        named = self._curation is None and self.plan is None
        return _RELEASES.get(self._rules_of) if named else None

    @property
    def is_sample(self) -> bool:
        """True for the images that come with the package."""
        return self._curation is None and self._rules_of == _SAMPLE

    @property
    def curation(self) -> CurationConfig:
        """The rules; those of a named config are read when they are asked for."""
        if self._curation is not None:
            return self._curation
        if self.is_sample:
            from cytoimagenet_tfds.builders.cytoimagenet import sample_images

            rules: CurationConfig = sample_images.curation()
            return rules
        from cytoimagenet_tfds.curation import CurationConfig, subsets

        if self._rules_of in _TOYS:
            return CurationConfig(labels=subsets.labels(self._rules_of))
        return CurationConfig()


def _variant(name: str, multichannel: object, raw: object) -> str:
    from cytoimagenet_tfds import errors

    problems = errors.Problems()
    for option, value in (("multichannel", multichannel), ("raw", raw)):
        if not isinstance(value, bool):
            problems.add(f"{option}: expected true or false, found {value!r}.")
    if raw and not multichannel:
        problems.add("raw: only a multichannel dataset can have the pixels of the source.")
    problems.raise_if_any(errors.ConfigError, "The config of cytoimagenet is not valid:")
    if not multichannel:
        return name
    if name in _RELEASES:
        raise errors.ConfigError(f"{name}: the published images are merged, no channel is apart.")
    base = "" if name == _FULL else f"{name}-"
    return f"{base}multichannel{'-raw' if raw else ''}"


def _plan_digest(
    plan: str | os.PathLike[str], curation: CurationConfig | None, values: dict[str, Any]
) -> str:
    from cytoimagenet_tfds import errors
    from cytoimagenet_tfds.curation import plan_file

    if curation is not None or values:
        raise errors.ConfigError("Give a plan or rules, not both: a plan has its rules in it.")
    return plan_file.digest(plan_file.read_plan(plan))


def _curation(
    given: CurationConfig | None, values: dict[str, Any], *, named: bool
) -> CurationConfig | None:
    if given is None and named and not values:
        return None
    from cytoimagenet_tfds import errors
    from cytoimagenet_tfds.curation import CurationConfig

    if given is None:
        return _from_values(CurationConfig, values)
    if values:
        raise errors.ConfigError(
            f"Give the rules as curation= or one by one, not both: {', '.join(sorted(values))}."
        )
    return given


def _from_values(config_class: type[CurationConfig], values: dict[str, Any]) -> CurationConfig:
    import dataclasses

    from cytoimagenet_tfds import errors

    known = {field.name for field in dataclasses.fields(config_class)}
    problems = errors.Problems()
    for name in sorted(set(values) - known):
        problems.add(errors.unknown_name("rule", name, known))
    problems.raise_if_any(errors.ConfigError, "The config of cytoimagenet is not valid:")
    return config_class(**values)


FULL = CytoImageNetConfig(
    name=_FULL, description="All sources below manual_dir, by the rules of the paper."
)
SAMPLE = CytoImageNetConfig(
    name=_SAMPLE,
    description="Real images that come with the package; thresholds scaled down.",
)
TOYS = tuple(
    CytoImageNetConfig(
        name=name,
        description=f"As full, only the classes of the reference's {name}.",
    )
    for name in _TOYS
)
_PIXELS = {False: "each stretched on its own", True: "pixels as the source has them"}
MULTICHANNEL = tuple(
    CytoImageNetConfig(
        name=name,
        description=f"As {name}, channels kept apart, {_PIXELS[raw]}.",
        multichannel=True,
        raw=raw,
    )
    for name in (_FULL, _SAMPLE)
    for raw in (False, True)
)
_DIVIDED = {
    "group": "all crops of one source image on one side",
    "paper": "divided as the reference did, image by image",
}
RELEASE = tuple(
    CytoImageNetConfig(name=name, description=f"The published images, {_DIVIDED[split]}.")
    for name, split in _RELEASES.items()
)
NAMED = (FULL, SAMPLE, *TOYS, *MULTICHANNEL, *RELEASE)
