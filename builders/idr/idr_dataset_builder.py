"""Image Data Resource: one config per dataset."""

from __future__ import annotations

from cytoimagenet_tfds.build import source_builder

_DATABASE = "idr"


class Builder(source_builder.SourceBuilder):
    """Studies of the Image Data Resource (IDR), one config per study."""

    BUILDER_CONFIGS = source_builder.configs(_DATABASE)
    MANUAL_DOWNLOAD_INSTRUCTIONS = source_builder.manual_instructions(_DATABASE)
