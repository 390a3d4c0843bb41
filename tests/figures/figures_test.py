from __future__ import annotations

import builtins
import dataclasses
import json
import re

import matplotlib
import numpy as np
import pandas as pd
import pytest

from cytoimagenet_tfds import cli, errors, prepared
from cytoimagenet_tfds.builders.cytoimagenet import sample_images
from cytoimagenet_tfds.figures import (
    catalogue,
    counts,
    grids,
    material,
    pixels,
    projection,
    runs,
    simple,
    style,
    transfer,
    unseen,
)


@pytest.fixture(scope="module")
def dataset(sample):
    return prepared.open_dataset("cytoimagenet/sample", str(sample.data_dir_root))


@pytest.fixture(scope="module")
def rows():
    root = sample_images.root()
    return pd.concat(
        [source.table(root / source.dir_name) for source in sample_images.sources()],
        ignore_index=True,
    )


@pytest.fixture(scope="module")
def given(dataset, rows):
    return material.Material(dataset=dataset, raw=sample_images.root(), rows=rows)


def _results(path, method, accuracy):
    interval = {"low": accuracy - 0.1, "high": accuracy + 0.1, "total": 103}
    scores = [
        {"task": task, "weights": name, "accuracy": accuracy, **interval}
        for task in ("bbbc021 nsc", "cyclops")
        for name in ("pixels", "random")
    ]
    settings = {"method": method, "protocol": "default"}
    path.write_text(json.dumps({"settings": settings, "scores": scores}))
    return path


@pytest.fixture
def files(tmp_path):
    history, distances = tmp_path / "history.csv", tmp_path / "distances.csv"
    history.write_text("epoch,loss,accuracy,val_loss,val_accuracy\n0,2,.1,2.5,.1\n1,1,.5,2,.2\n")
    distances.write_text("label,within,between\na,0.1,0.5\nb,0.6,0.4\nc,,0.4\n")
    results = _results(tmp_path / "results.json", "concat-norm", 0.5)
    return {"history": history, "distances": distances, "results": (results,)}


def _drawn(given, folder, *names, form="svg"):
    return dict(catalogue.draw(given, names, folder, form))


def _texts(figure):
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    return found + [axes.get_title(loc=loc) for axes in figure.axes for loc in ("left", "center")]


def test_every_figure_of_the_sample_is_drawn_or_says_why_not(given, files, tmp_path):
    full = dataclasses.replace(given, **files)
    full.__dict__.update(examples=given.examples, plan=given.plan)
    found = _drawn(full, tmp_path / "out")
    assert list(found) == list(catalogue.CATALOGUE)
    missing = {name: text for name, text in found.items() if isinstance(text, str)}
    assert "no label is below the threshold" in missing.pop("unseen")
    for name in ("umap", "clusters"):
        # umap-learn takes long to import and is not among the test requirements.
        if name in missing:
            assert "umap-learn" in missing.pop(name)
    assert missing == {}
    assert all(found[n].read_bytes().startswith(b"<?xml") for n in ("classes", "sizes", "history"))


def test_figures_are_the_same_every_time(dataset, given, tmp_path):
    names = ("classes", "labels", "composition")
    again = material.Material(dataset=dataset, raw=given.raw)
    first = _drawn(given, tmp_path / "a", *names)
    second = _drawn(again, tmp_path / "b", *names)
    assert all(first[n].read_bytes() == second[n].read_bytes() for n in names)


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_formats(given, tmp_path, form, start):
    found = _drawn(given, tmp_path, "composition", form=form)
    assert found["composition"].read_bytes().startswith(start)


def test_labels_of_a_grid_are_the_classes(given, dataset):
    with style.settings():
        assert _texts(grids.draw_classes(given))[: len(dataset.classes)] == sorted(
            dataset.classes,
            key=lambda name: grids.one_per_class(given)["label"].tolist().index(name),
        )
    table = grids.one_per_class(given)
    assert sorted(table["label"]) == sorted(dataset.classes)


def test_many_classes_are_small_and_without_names():
    images = [np.full((30, 20), number % 256, np.uint8) for number in range(300)]
    with style.settings():
        figure = grids.named_grid(images, ["gene"] * 300, [], "title")
    [axes] = figure.axes
    assert not axes.texts
    assert axes.images[0].get_array().shape[1] < 1600


def test_a_class_by_name(dataset, given):
    own = dataclasses.replace(given, label="tripos")
    own.__dict__["examples"] = given.examples
    assert set(grids.of_class(own)["label"]) == {"tripos"}
    wrong = dataclasses.replace(given, label="tripoz")
    wrong.__dict__["examples"] = given.examples
    with pytest.raises(errors.ConfigError, match="Did you mean 'tripos'"):
        grids.of_class(wrong)


def test_a_tile_keeps_aspect_and_centre():
    tile = grids._tile(np.zeros((50, 100), np.uint8), 40, 255)
    assert tile.shape == (40, 40, 3)
    dark = np.flatnonzero((tile[..., 0] == 0).all(axis=1))
    assert (dark.min(), dark.max()) == (10, 29)


def test_bars_count_classes(given, dataset):
    with style.settings():
        figure = counts.draw_composition(given)
    left, right = figure.axes
    assert sum(bar.get_width() for bar in left.patches) == len(dataset.classes)
    assert [bar.get_width() for bar in right.patches] == [len(dataset.classes)]


def test_threshold_counts_labels_of_the_rows(given):
    with style.settings():
        [axes] = counts.draw_threshold(given).axes
    assert "5 images:\n16 labels" in [text.get_text() for text in axes.texts]
    [curve] = [line for line in axes.lines if len(line.get_xdata()) > 2]
    nucleus = given.rows["cell_visible"].str.split("|").map(lambda cell: "nucleus" in cell)
    taking_part = given.rows["excluded"] == ""
    assert max(curve.get_xdata()) == (nucleus & taking_part).sum()


def test_sizes_before_crops_are_those_of_the_sources(given):
    with style.settings():
        left, right = pixels.draw_sizes(given).axes
    assert left.get_title(loc="left") == "203 source images"
    assert sum(bar.get_height() for bar in right.patches) == 333


def test_crops_are_those_of_the_dataset(given):
    row, merged, windows = pixels._cropped(given)
    own = given.examples[given.examples["key"].str.startswith(f"{row.key}#crop=")]
    sides = {(w.y_max - w.y_min, w.x_max - w.x_min) for w in windows}
    assert len(windows) == row.crops
    assert set(zip(own["height"], own["width"], strict=True)) <= sides
    assert merged.shape[0] >= 140


def test_channels_show_percentiles_and_names(given):
    with style.settings():
        texts = _texts(pixels.draw_channels(given))
    assert {"ncoa4", "ferritin", "actin", "nucleus", "merged"} <= set(texts)
    assert sum(bool(re.fullmatch(r"[\d,]+ to [\d,]+", text)) for text in texts) == 4


def test_unseen_labels_are_below_the_threshold(given):
    plan = given.plan
    own = dataclasses.replace(given)
    rules = dataclasses.replace(plan.config, min_images=20, min_class=20, target=60)
    own.__dict__["plan"] = dataclasses.replace(plan, config=rules)
    with style.settings():
        texts = _texts(unseen.draw_unseen(own))
    named = [int(number) for text in texts for number in re.findall(r"\((\d+)\)$", text)]
    assert named
    assert max(named) < 20


def test_projection_takes_some_images_of_each_class(given):
    table = projection.chosen(given)
    assert table["label"].nunique() == 13
    assert table["label"].value_counts().max() <= 60


class _Placed:
    """Stands for UMAP: the first two features are the place."""

    def __init__(self, **options):
        assert options["n_jobs"] == 1

    def fit_transform(self, features):
        return np.asarray(features[:, :2], np.float32)


@pytest.fixture
def placed(monkeypatch):
    import sys
    import types

    module = types.ModuleType("umap")
    module.UMAP = _Placed
    monkeypatch.setitem(sys.modules, "umap", module)


def test_projection_before_and_after_crops(given, placed):
    with style.settings():
        figure = projection.draw_umap(given)
    assert len(figure.axes) == 6
    before, after = figure.axes[0], figure.axes[3]
    assert (before.get_ylabel(), after.get_ylabel()) == ("before crops", "as in the dataset")
    count = [sum(len(part.get_offsets()) for part in axes.collections) for axes in (before, after)]
    assert count == [203, 333]
    labels = {text.get_text() for text in figure.axes[5].get_legend().get_texts()}
    assert labels == {"whole", "1/2", "1/4"}


def test_given_features_are_taken_where_all_images_have_them(given, placed):
    lookup = {key: [number, 0] for number, key in enumerate(given.examples["key"])}

    def features(keys):
        found = [lookup.get(key) for key in keys]
        return None if None in found else np.array(found, np.float32)

    own = dataclasses.replace(given, features=(features, "features of a test"))
    own.__dict__.update(examples=given.examples, plan=given.plan)
    with style.settings():
        figure = projection.draw_umap(own)
        assert "features of a test" in figure.get_suptitle()
        assert len(figure.axes) == 3  # source images have none
        own.features = (lambda keys: None, "nothing")
        with pytest.raises(material.UnavailableError, match="some of the images have no features"):
            projection.draw_umap(own)


def test_clusters_show_their_images(given, placed):
    with style.settings():
        figure = projection.draw_clusters(given)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert any(re.match(r"\d+ images: \w+", title) for title in titles)


def test_simple_features_are_standardized_and_finite():
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (20 + n, 30), dtype=np.uint8) for n in range(6)]
    found = simple.features([*images, np.zeros((5, 5), np.uint8)])
    assert found.shape == (7, 48)
    assert np.isfinite(found).all()
    assert np.allclose(found.mean(axis=0), 0, atol=1e-5)


def test_history_and_diversity(files):
    own = material.Material(**files)
    with style.settings():
        loss, _ = runs.draw_history(own).axes
        diversity = runs.draw_diversity(own)
    assert loss.lines[1].get_ydata().tolist() == [2.5, 2]
    assert loss.lines[1].get_xdata().tolist() == [1, 2]
    assert "1 of 2 classes" in _texts(diversity)[-2]


def test_accuracy_by_weights_and_method(files, tmp_path):
    second = _results(tmp_path / "merge.json", "merge-norm", 0.25)
    own = material.Material(results=(*files["results"], second))
    with style.settings():
        figure = transfer.draw_accuracy(own)
    left, right = figure.axes
    assert left.get_title(loc="left") == "bbbc021 nsc (n = 103)"
    assert [line.get_xdata().tolist() for line in right.lines] == [[50, 50], [25, 25]]
    assert [text.get_text() for text in left.get_yticklabels()] == ["random", "pixels"]
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["concat-norm, default", "merge-norm, default"]


def test_results_of_something_else(files):
    own = material.Material(results=(files["history"],))
    with pytest.raises(errors.TableError, match=r"no results\.json of `cytoimagenet evaluate`"):
        transfer.draw_accuracy(own)


def test_a_table_of_another_kind_is_named(files):
    own = material.Material(history=files["distances"])
    with pytest.raises(errors.TableError, match="has no column epoch, loss, val_loss"):
        runs.draw_history(own)


def test_what_is_missing_is_said(dataset, tmp_path):
    own = material.Material(dataset=dataset)
    found = _drawn(own, tmp_path, "crops", "channels", "threshold", "history", "diversity")
    assert "--manual_dir" in found["crops"]
    assert "--manual_dir" in found["channels"]
    assert "--rows" in found["threshold"]
    assert "--history" in found["history"]
    assert "--distances" in found["diversity"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("names", "form", "message"),
    [(("clases",), "svg", "Did you mean 'classes'"), ((), "gif", "no format 'gif'")],
)
def test_unknown_names(names, form, message, tmp_path):
    with pytest.raises(errors.ConfigError, match=message):
        list(catalogue.draw(material.Material(), names, tmp_path, form))


def test_without_matplotlib_the_extra_is_named(monkeypatch, tmp_path):
    real = builtins.__import__

    def without(name, *args, **values):
        if name.partition(".")[0] == "matplotlib":
            raise ImportError("No module named 'matplotlib'")
        return real(name, *args, **values)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(errors.ConfigError, match=r"cytoimagenet-tfds\[viz\]"):
        list(catalogue.draw(material.Material(), ("history",), tmp_path, "svg"))


def test_style_does_not_stay_behind(given, tmp_path):
    before = dict(matplotlib.rcParams)
    _drawn(given, tmp_path, "composition")
    assert dict(matplotlib.rcParams) == before


def test_names_look_different():
    pairs = style.look(f"n{number}" for number in range(49))
    assert len(set(pairs.values())) == 49


def test_command(files, tmp_path, capsys):
    words = ["figures", "--history", str(files["history"]), "--out", str(tmp_path / "o")]
    assert cli.main([*words, "--only", "history", "diversity"]) == 0
    out = capsys.readouterr().out
    assert str(tmp_path / "o" / "history.svg") in out
    assert "skipped diversity: give the CSV file" in out
    assert cli.main(["figures"]) == 1
    assert "name a prepared dataset" in capsys.readouterr().err
    assert cli.main(["figures", "--list"]) == 0
    assert capsys.readouterr().out.count("\n") == len(catalogue.CATALOGUE)


def test_command_on_a_dataset(sample, tmp_path, capsys):
    words = ["figures", "cytoimagenet/sample", "--data_dir", str(sample.data_dir_root)]
    assert cli.main([*words, "--out", str(tmp_path), "--only", "composition", "crops"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"composition.svg", "crops.svg"}
    assert cli.main(["figures", "cytoimagenet/sampel", *words[2:], "--out", str(tmp_path)]) == 1
    assert "sample" in capsys.readouterr().err
