from __future__ import annotations

import subprocess
import sys

import pytest

_HEAVY = (
    "tensorflow",
    "apache_beam",
    "pandas",
    "pyarrow",
    "keras",
    "scipy",
    "matplotlib",
    "tifffile",
    "h5py",
)

_LOOK = f"""
import sys
import cytoimagenet_tfds
import tensorflow_datasets as tfds
for name in ("cytoimagenet", "bbbc", "kaggle", "recursion", "idr", "cell_image_library"):
    tfds.builder_cls(name)
print([name for name in {_HEAVY} if name in sys.modules])
"""


def test_importing_registers_all_builders_and_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["cytoimagenet_tfds.builders", "cytoimagenet_tfds.evaluation"])
def test_folders_beside_the_package_are_part_of_it(module):
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
