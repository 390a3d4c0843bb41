"""No image of a transfer benchmark is among the sources that CytoImageNet is made of."""

from __future__ import annotations

import importlib
import re

import pytest
from trees_benchmarks import bbbc021, coos7, cyclops

from cytoimagenet_tfds import errors, sources
from cytoimagenet_tfds.builders.bbbc021 import tables

BENCHMARK = re.compile(
    r"bbbc[-_ ]?021|caie|cpg0010|coos|cyclops|deeploc|chong_|hershey\.csb|"
    + "|".join(tables.PLATES),
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def benchmarks(tmp_path_factory):
    """Name -> simulated download of every copy of a benchmark."""
    root = tmp_path_factory.mktemp("benchmarks")
    makers = {
        "bbbc021": bbbc021.make, "coos7": coos7.make_tiff, "coos7_hdf5": coos7.make_hdf5,
        "cyclops": cyclops.make_tiff, "cyclops_hdf5": cyclops.make_hdf5,
    }  # fmt: skip
    for name, make in makers.items():
        make(root / name)
    return {name: root / name for name in makers}


def test_the_pattern_knows_the_benchmarks():
    for text in ("BBBC021_v1_images_Week1_22123.zip", "stanleyhua/coos-7", "cyclops-protein-loc"):
        assert BENCHMARK.search(text)


@pytest.mark.parametrize("name", sources.names())
def test_no_declaration_names_a_benchmark(name):
    source = sources.get(name)
    declared = [
        source.dir_name, source.name, source.homepage, source.manual, *source.links,
        *(download.url for download in source.downloads),
    ]  # fmt: skip
    assert [text for text in declared if BENCHMARK.search(text)] == []


@pytest.mark.parametrize("name", sources.names())
def test_no_source_takes_files_of_a_benchmark_for_its_own(name, benchmarks):
    for root in benchmarks.values():
        with pytest.raises(errors.SourceLayoutError):
            sources.get(name).table(root)


@pytest.mark.parametrize("name", sources.names())
def test_no_file_of_a_source_is_called_as_one_of_a_benchmark(name, tmp_path):
    importlib.import_module(f"trees.{name}").make(tmp_path)
    table = sources.get(name).table(tmp_path)
    for column in ("key", "files", "plate", "group"):
        assert table[column][table[column].str.contains(BENCHMARK.pattern, case=False)].empty
