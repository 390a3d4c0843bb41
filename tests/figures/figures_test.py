from __future__ import annotations

import builtins
import dataclasses
import re

import figure_parts
import matplotlib
import numpy as np
import pytest

from cytoimagenet_tfds import errors, schema
from cytoimagenet_tfds.figures import catalogue, counts, grids, material, pixels, style, unseen


def _drawn(given, folder, *names, form="svg"):
    return dict(catalogue.draw(given, names, folder, form))


def test_every_figure_of_the_sample_is_drawn_or_says_why_not(given, files, tmp_path):
    full = dataclasses.replace(given, **files)
    full.__dict__.update(examples=given.examples, plan=given.plan)
    found = _drawn(full, tmp_path / "out")
    assert list(found) == list(catalogue.CATALOGUE)
    missing = {name: text for name, text in found.items() if isinstance(text, str)}
    assert "no label with fewer than 5 images" in missing.pop("unseen")
    assert "--features" in missing.pop("embedding")
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
        assert figure_parts.texts(grids.draw_classes(given))[: len(dataset.classes)] == sorted(
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


def test_long_names_go_on_in_a_second_line():
    images = [np.full((30, 20), 9, np.uint8)] * 2
    labels = ["microtubule organizing center of a cell that divides\n14 of 30", "er"]
    with style.settings():
        figure = grids.named_grid(images, ["gene"] * 2, labels, "title")
    first, second = figure.axes[0].texts
    assert first.get_text().split("\n") == ["microtubule", "organizi… divides", "14 of 30"]
    assert second.get_text() == "er"


@pytest.mark.parametrize(
    ("count", "named", "words"), [(1, True, 20), (3, True, 20), (8, True, 20), (300, False, 1)]
)
def test_a_title_fits_its_figure(count, named, words):
    images = [np.full((30, 20), 9, np.uint8)] * count
    categories = [schema.CATEGORIES[number % 7] for number in range(count)]
    with style.settings():
        labels = ["a"] * count if named else []
        figure = grids.named_grid(images, categories, labels, "many words " * words)
        figure.draw_without_rendering()
        box = figure.axes[0]._left_title.get_window_extent()
    assert box.x1 <= figure.bbox.x1
    assert box.y1 <= figure.bbox.y1


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
    assert left.get_title(loc="left") == "13 classes by category"
    assert figure.get_supxlabel() == ""  # one database: no class counts twice
    assert sum(bar.get_width() for bar in left.patches) == len(dataset.classes)
    assert [bar.get_width() for bar in right.patches] == [len(dataset.classes)]


def test_a_class_of_two_databases_counts_in_each_and_the_figure_says_so(given):
    own = dataclasses.replace(given)
    halves = ["IDR", "Kaggle"] * len(given.examples)
    own.__dict__["examples"] = given.examples.assign(database=halves[: len(given.examples)])
    with style.settings():
        figure = counts.draw_composition(own)
    assert "counts in each" in figure.get_supxlabel()


def test_marks_of_one_source_keep_near_their_line(given):
    with style.settings():
        [axes] = counts.draw_labels(given).axes
    low, high = axes.get_ylim()
    assert (low, high) == (0.5, 4.5)


def test_threshold_counts_labels_of_the_rows(given):
    with style.settings():
        [axes] = counts.draw_threshold(given).axes
    assert "threshold 5:\n16 labels" in [text.get_text() for text in axes.texts]
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


def test_crops_stand_where_their_quadrants_are(given):
    _, merged, windows = pixels._cropped(given)
    with style.settings():
        figure = pixels.draw_crops(given)
    shown = [axes for axes in figure.axes[1:] if axes.images]
    assert len(shown) == len(windows)
    for axes in shown:
        number, _, size = axes.get_title().partition(", ")
        down, right = divmod(int(number) - 1, 2)
        [window] = [
            w for w in windows
            if (w.y_min >= merged.shape[0] // 2, w.x_min >= merged.shape[1] // 2) == (down, right)
        ]  # fmt: skip
        wide, high = window.x_max - window.x_min, window.y_max - window.y_min
        assert size.startswith(f"1/{round(1 / window.scaling)}: {wide} x {high}")


def test_channels_show_percentiles_and_names(given):
    with style.settings():
        texts = figure_parts.texts(pixels.draw_channels(given))
    assert {"ncoa4", "ferritin", "actin", "nucleus", "merged"} <= set(texts)
    assert sum(bool(re.fullmatch(r"[\d,]+ to [\d,]+", text)) for text in texts) == 4


def _unseen(given, **rules):
    plan = given.plan
    own = dataclasses.replace(given)
    rules = dataclasses.replace(plan.config, min_images=20, min_class=20, target=60, **rules)
    own.__dict__["plan"] = dataclasses.replace(plan, config=rules)
    with style.settings():
        return unseen.draw_unseen(own)


def test_unseen_labels_are_below_the_threshold_and_the_largest_come_first(given):
    figure = _unseen(given)
    found = [re.search(r"\n(\d+) of (\d+)$", text.get_text()) for text in figure.axes[0].texts]
    counts = [tuple(map(int, match.groups())) for match in found]
    of = [whole for _, whole in counts]
    assert of == sorted(of, reverse=True)
    assert 0 < max(of) < 20
    assert all(unused <= whole for unused, whole in counts)
    title = figure.axes[0].get_title(loc="left").replace("\n", " ")
    assert title.startswith(
        f"Classes nobody trained on: {len(counts)} labels with fewer than 20 images."
    )


def test_one_unseen_label_is_no_plural_and_the_used_ones_are_counted():
    assert unseen._title(1, 10, 20).startswith("Classes nobody trained on: 1 label with fewer")
    assert unseen._title(1, 10, 20).endswith("Of 9 other labels all images are in classes.")
    assert unseen._title(1, 2, 20).endswith("Of 1 other label all images are in classes.")
    assert unseen._title(20, 90, 1200).startswith(
        "Classes nobody trained on: the 20 largest labels with fewer than 1,200 images."
    )
    assert unseen._title(20, 90, 1200).endswith("that have the label.")


def test_unseen_labels_need_the_rows_of_all_sources(given):
    own = dataclasses.replace(given, rows=given.rows[given.rows["dir_name"] != "sample_cell"])
    own.__dict__["plan"] = given.plan
    with pytest.raises(material.UnavailableError, match="; sample_cell not given"):
        unseen.draw_unseen(own)


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
