"""Recursion: one config per dataset."""

from __future__ import annotations

from cytoimagenet_tfds.build import source_builder

_DATABASE = "recursion"


class Builder(source_builder.SourceBuilder):
    """Datasets of Recursion (RxRx), one config per dataset."""

    BUILDER_CONFIGS = source_builder.configs(_DATABASE)
    MANUAL_DOWNLOAD_INSTRUCTIONS = source_builder.manual_instructions(_DATABASE)
