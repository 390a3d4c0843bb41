"""The parts of TFDS and Beam that are private, or may change, and that builds rely on.

A failure after an upgrade says which part to look at; the bound of tensorflow-datasets in
pyproject.toml keeps others from meeting it.
"""

from __future__ import annotations

import inspect

import pytest
import tensorflow_datasets as tfds
from apache_beam.options.pipeline_options import PipelineOptions
from tensorflow_datasets.core import (
    dataset_builder,
    example_serializer,
    file_adapters,
    naming,
    registered,
    writer,
)

BASE = tfds.core.ShardBasedBuilder


def _parameters(function):
    return list(inspect.signature(function).parameters)


def test_download_and_prepare_calls_the_hook_that_is_overridden():
    assert _parameters(BASE._download_and_prepare) == ["self", "dl_manager", "download_config"]
    source = inspect.getsource(dataset_builder.DatasetBuilder.download_and_prepare)
    hook = source.index("self._download_and_prepare(")
    assert source.index('temporary_assignment(self, "_data_dir", tmp_data_dir)') < hook
    written = source.index("self.info.write_to_directory(self.data_dir)")
    assert hook < written < source.index("self._post_download_and_prepare_hook()")
    assert _parameters(BASE._post_download_and_prepare_hook) == ["self"]


def test_what_writes_parquet_takes_its_batches_from_the_function_that_is_replaced():
    source = inspect.getsource(file_adapters.ParquetFileAdapter.write_examples)
    assert "in _batched(iterator, cls._BATCH_SIZE):" in source


def test_the_abstract_part_that_is_not_used():
    assert set(BASE.__abstractmethods__) == {"_info", "_shard_iterators_per_split"}


def test_builders_are_registered_by_their_module():
    assert _parameters(registered.RegisteredDataset.__init_subclass__) == [
        "skip_registration", "kwargs",
    ]  # fmt: skip
    assert "pkg_dir_path" in vars(dataset_builder.DatasetBuilder)
    assert "cls.pkg_dir_path" in inspect.getsource(dataset_builder.DatasetBuilder._get_pkg_dir_path)


def test_the_folder_of_raw_data_is_known_without_looking_into_it(tmp_path):
    manager = tfds.download.DownloadManager(download_dir=tmp_path, manual_dir=tmp_path / "m")
    assert manager._manual_dir == tmp_path / "m"


def test_configs_are_looked_up_in_the_property_that_is_overridden():
    source = inspect.getsource(dataset_builder.DatasetBuilder.get_builder_config)
    assert "cls.builder_configs" in source
    assert isinstance(vars(dataset_builder.DatasetBuilder)["builder_configs"],
                      tfds.core.utils.classproperty)  # fmt: skip


def test_shards_are_named_and_written_by_parts_that_are_called_directly():
    assert _parameters(BASE._get_filename_template) == ["self", "split_name"]
    template = naming.ShardedFileTemplate
    assert _parameters(template.sharded_filepath)[:3] == ["self", "shard_index", "num_shards"]
    assert _parameters(writer.ExampleWriter.__init__) == ["self", "file_format"]
    assert _parameters(writer.ExampleWriter.write) == ["self", "path", "examples"]
    assert _parameters(example_serializer.ExampleSerializer.__init__) == ["self", "example_specs"]
    assert file_adapters.FileFormat.from_value("tfrecord").value == "tfrecord"
    config = tfds.download.DownloadConfig().get_shard_config()
    assert _parameters(config.get_number_shards)[:2] == ["total_size", "num_examples"]


def test_class_names_are_set_once_and_splits_at_the_end():
    label = tfds.features.ClassLabel()
    label.names = ["a", "b"]
    assert label.num_classes == 2
    with pytest.raises(ValueError, match="overwrite"):
        label.names = ["c"]
    assert _parameters(tfds.core.DatasetInfo.set_splits) == ["self", "split_dict"]


def test_beam_tells_what_the_user_gave():
    options = PipelineOptions(flags=["--a=1"], direct_num_workers=1)
    assert options._flags == ["--a=1"]
    assert options._all_options == {"direct_num_workers": 1}
