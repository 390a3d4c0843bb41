"""Broad Bioimage Benchmark Collection: one config per dataset."""

from __future__ import annotations

from cytoimagenet_tfds.build import source_builder

_DATABASE = "bbbc"


class Builder(source_builder.SourceBuilder):
    """Image sets of the Broad Bioimage Benchmark Collection (BBBC), one config per image set."""

    BUILDER_CONFIGS = source_builder.configs(_DATABASE)
    MANUAL_DOWNLOAD_INSTRUCTIONS = source_builder.manual_instructions(_DATABASE)
