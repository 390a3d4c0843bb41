"""The configs of `cytoimagenet`: named rules, and anyone's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow_datasets as tfds

if TYPE_CHECKING:
    from cytoimagenet_tfds.curation import CurationConfig

_OWN = "sources"


class CytoImageNetConfig(tfds.core.BuilderConfig):
    """Rules by which the dataset is made.

    Either a name that this package knows, or values: those of `CurationConfig`, as one object or
    one by one, as TFDS does with JSON: `--config='{"sources": ["bbbc006"], "min_images": 2}'`.
    The name of a config made from values ends in the hash of all of them, so that no two share a
    folder.

    Attributes:
      curation: the rules.
    """

    def __init__(
        self,
        *,
        name: str = "",
        description: str | None = None,
        curation: CurationConfig | None = None,
        **values: Any,
    ) -> None:
        """Checks the values and finds the name.

        Args:
          name: name of a config of this package; with values, the beginning of the name.
          description: text for people.
          curation: the rules as an object.
          **values: the rules one by one.

        Raises:
          ConfigError: a value is not valid, or both an object and values are given.
        """
        self._curation = _curation(curation, values, named=bool(name))
        if self._curation is not None:
            name = f"{name or _OWN}-{self._curation.digest}"
        super().__init__(name=name, description=description)

    @property
    def curation(self) -> CurationConfig:
        """The rules; those of a named config are read when they are asked for."""
        if self._curation is not None:
            return self._curation
        if self.name == SAMPLE.name:
            from cytoimagenet_tfds.builders.cytoimagenet import sample_images

            rules: CurationConfig = sample_images.curation()
            return rules
        from cytoimagenet_tfds.curation import CurationConfig

        return CurationConfig()


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
    name="full", description="All sources below manual_dir, by the rules of the paper."
)
SAMPLE = CytoImageNetConfig(
    name="sample",
    description="Real images that come with the package; thresholds scaled down.",
)
