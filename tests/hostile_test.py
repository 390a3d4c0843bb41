"""Rubbish, in every reader: nothing comes out but what it is, or an error of our own."""

from __future__ import annotations

import ast
import contextlib
from pathlib import Path

import cv2
import image_files
import numpy as np
import plans
import pytest
from etils import epath
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cytoimagenet_tfds
from cytoimagenet_tfds import errors, files, images, tables
from cytoimagenet_tfds.build import chunks, records
from cytoimagenet_tfds.sources.tree import Tree

ROOT = Path(cytoimagenet_tfds.__file__).parents[1]
GREY = plans.noise("x", (20, 30))
BOUNDED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _encoded(suffix):
    return cv2.imencode(suffix, GREY)[1].tobytes()


SEEDS = {
    "png": _encoded(".png"), "jpeg": _encoded(".jpg"), "bmp": _encoded(".bmp"),
    "tiff": image_files.tiff(GREY), "lzw": image_files.tiff(GREY, compression="lzw"),
    "tiled": image_files.tiff(GREY, tile=(16, 16), compression="deflate"),
    "dib": b"\x28\0\0\0" + bytes(60), "dv": bytes(96) + b"\xa0\xc0" + bytes(1100),
}  # fmt: skip


def _changed(data, changes, cut):
    result = bytearray(data)
    for place, value in changes:
        result[int(place * (len(result) - 1))] = value
    return bytes(result[: max(1, int(cut * len(result)))])


_CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8)


@pytest.mark.filterwarnings("ignore")
@BOUNDED
@given(st.sampled_from(sorted(SEEDS)), _CHANGES, st.floats(0.2, 1), st.integers(0, 3))
def test_every_reader_of_images(name, changes, cut, plane):
    data = _changed(SEEDS[name], changes, cut)
    for work in (
        lambda: images.decode(data, plane, max_pixels=10**6),
        lambda: images.plane_count(data),
    ):
        with contextlib.suppress(errors.ImageError):
            found = work()
            assert isinstance(found, int) or found.size <= 3 * 10**6


@BOUNDED
@given(st.binary(max_size=300), st.sampled_from([".csv", ".tsv", ".csv.gz", ".csv.zip"]))
def test_every_reader_of_tables_of_sources(tmp_path, data, suffix):
    (tmp_path / f"t{suffix}").write_bytes(data)
    with contextlib.suppress(errors.SourceLayoutError):
        assert all(dtype == "str" for dtype in Tree(tmp_path).read_table(f"t{suffix}").dtypes)


@BOUNDED
@given(_CHANGES, st.floats(0.2, 1))
def test_every_reader_of_our_own_tables(tmp_path, changes, cut):
    path = tmp_path / "plan.parquet"
    tables.write(plans.plan([{"files": "a.png"}, {"files": "b.png"}]), path, "plan")
    path.write_bytes(_changed(path.read_bytes(), changes, cut))
    with contextlib.suppress(errors.TableError):
        assert len(tables.read(path, "plan")) == 2
    path.rename(tmp_path / "one.parquet")
    (tmp_path / "one.bin").write_bytes(b"")
    assert chunks.read(epath.Path(tmp_path), "one") is None


@BOUNDED
@given(st.binary(max_size=200), st.sampled_from(["tfrecord", "array_record", "parquet"]))
def test_every_reader_of_shards(tmp_path, data, file_format):
    path = tmp_path / "shard"
    path.write_bytes(data)
    with contextlib.suppress(errors.BuildError):
        assert all(isinstance(record, bytes) for record in records.read(path, file_format))


@BOUNDED
@given(st.text(max_size=40))
def test_any_text_as_a_reference_stays_in_its_folder(tmp_path, text):
    root = tmp_path / "root"
    root.mkdir(exist_ok=True)
    with contextlib.suppress(ValueError):
        reference = files.parse(text)
        with contextlib.suppress(errors.ImageError):
            path = Path(files.locate(str(root), reference))
            assert ".." not in path.parts
            assert str(path).startswith(str(root))


@pytest.mark.parametrize(
    "name",
    ["=cmd|'/c calc'!A1", "細胞 核.png", "клетка.png", "خلية.png", "a b%20c#d.png", "-rf.png"],
)
def test_names_in_any_script_and_formulas_are_names(tmp_path, name):
    flat = name.replace("/", "_")
    plans.write_png(tmp_path / flat, GREY)
    reference = files.parse(str(files.FileRef(flat)))
    np.testing.assert_array_equal(images.decode(files.read_bytes(str(tmp_path), reference)), GREY)
    (tmp_path / "t.csv").write_text(f'name\n"{name}"\n', encoding="utf-8")
    assert Tree(tmp_path).read_table("t.csv")["name"].tolist() == [name]


def test_links_out_of_the_folder_are_not_listed(tmp_path):
    (tmp_path / "secret").write_text("x")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.png").symlink_to(tmp_path / "secret")
    tree = Tree(root)
    assert tree.files == ()
    assert tree.links == ["link.png"]


_BANNED_CALLS = {"eval", "exec", "compile", "__import__"}
_BANNED_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}


# Its reader resolves the few names of a state dict of tensors, and refuses every other.
_ALLOWED = {"torch_file.py": {"pickle"}}


def _modules():
    folders = [Path(cytoimagenet_tfds.__file__).parent, ROOT / "builders", ROOT / "evaluation"]
    return [path for folder in folders if folder.is_dir() for path in folder.rglob("*.py")]


def _faults(path):
    allowed = _ALLOWED.get(path.name, set())
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{path.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call):
            names = {getattr(node.func, "id", ""), getattr(node.func, "attr", "")}
            given = {(k.arg, getattr(k.value, "value", None)) for k in node.keywords}
            if getattr(node.func, "id", "") in _BANNED_CALLS or names & {"read_pickle"}:
                yield f"{where} calls {names}"
            if ("allow_pickle", True) in given:
                yield f"{where} allows pickle"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = {getattr(node, "module", "") or "", *(alias.name for alias in node.names)}
            if ({name.partition(".")[0] for name in modules} & _BANNED_MODULES) - allowed:
                yield f"{where} imports {modules}"


def test_nothing_that_comes_from_data_is_unpickled_or_evaluated():
    modules = _modules()
    assert len(modules) > 100
    assert [fault for path in modules for fault in _faults(path)] == []
