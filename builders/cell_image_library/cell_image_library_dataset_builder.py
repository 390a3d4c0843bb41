"""Cell Image Library: one config per dataset."""

from __future__ import annotations

from cytoimagenet_tfds.build import source_builder

_DATABASE = "cell_image_library"


class Builder(source_builder.SourceBuilder):
    """Datasets of the Cell Image Library, one config per dataset."""

    BUILDER_CONFIGS = source_builder.configs(_DATABASE)
    MANUAL_DOWNLOAD_INSTRUCTIONS = source_builder.manual_instructions(_DATABASE)
