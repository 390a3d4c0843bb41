"""The configs of `hpa_classification`."""

from __future__ import annotations

from typing import Any

import tensorflow_datasets as tfds

from cytoimagenet_tfds.builders.hpa_classification import rules as rules_module


class HpaConfig(tfds.core.BuilderConfig):
    """Rules by which the dataset is made: a named config, or values of `rules.Rules`.

    The name of a config made from values ends in the hash of all of them, so that no two share a
    folder.

    Attributes:
      rules: the rules.
    """

    def __init__(self, *, name: str = "", description: str | None = None, **values: Any) -> None:
        """Checks the values and finds the name.

        Args:
          name: name of a config of this package; with other values, the beginning of the name.
          description: text for people.
          **values: fields of `rules.Rules`.

        Raises:
          ConfigError: a value is not valid.
        """
        self.rules = rules_module.from_values({**_NAMED.get(name, {}), **values})
        if name not in _NAMED or values:
            name = f"{name or self.rules.size}-{self.rules.digest}"
        super().__init__(name=name, description=description)


_NAMED: dict[str, dict[str, Any]] = {
    "png": {},
    "full_size": {"size": "full_size"},
    "png_external": {"external": True, "duplicates": "similar"},
    "full_size_external": {"size": "full_size", "external": True, "duplicates": "similar"},
}
_DESCRIPTIONS = {
    "png": "512 x 512 pixels.",
    "full_size": "The TIFF files, 2048 to 4096 pixels.",
    "png_external": "As png, with the images of the atlas' release 18 in the training split.",
    "full_size_external": "As full_size, with the images of release 18 in the training split.",
}
ALL = {name: HpaConfig(name=name, description=_DESCRIPTIONS[name]) for name in _NAMED}
