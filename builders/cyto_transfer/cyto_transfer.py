"""The transfer benchmarks as one collection: `tfds.dataset_collection('cyto_transfer')`."""

from __future__ import annotations

from collections.abc import Mapping

from tensorflow_datasets.core import dataset_collection_builder, naming


class CytoTransfer(dataset_collection_builder.DatasetCollection):
    """BBBC021, COOS-7 and CYCLoPs, as the CytoImageNet paper evaluates features on them."""

    @property
    def info(self) -> dataset_collection_builder.DatasetCollectionInfo:
        """Name, description, versions and citations."""
        return dataset_collection_builder.DatasetCollectionInfo.from_cls(
            dataset_collection_class=type(self),
            release_notes={"1.0.0": "Initial release."},
            homepage="https://arxiv.org/abs/2111.11646",
        )

    @property
    def datasets(self) -> Mapping[str, Mapping[str, naming.DatasetReference]]:
        """Version of the collection -> its datasets."""
        return {
            "1.0.0": naming.references_for({
                "bbbc021": "bbbc021/annotated:1.0.0",
                "coos7": "coos7/tiff:1.0.0",
                "cyclops": "cyclops/tiff:1.0.0",
            })
        }  # fmt: skip
