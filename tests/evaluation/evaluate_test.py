"""The whole way: simulated downloads, prepared datasets, features, results, report."""

from __future__ import annotations

import csv
import json
import shutil
import sys
import types

import numpy as np
import pytest
import tensorflow_datasets as tfds
from trees_benchmarks import bbbc021, coos7, cyclops

from cytoimagenet_tfds import cli
from cytoimagenet_tfds.builders.bbbc021.bbbc021_dataset_builder import Bbbc021Config
from cytoimagenet_tfds.builders.coos7.coos7_dataset_builder import Coos7Config
from cytoimagenet_tfds.evaluation import (
    extractors,
    facts,
    inputs,
    plots,
    protocols,
    runs,
    table,
    tasks,
)  # fmt: skip
from cytoimagenet_tfds.figures import style

PLATES = Bbbc021Config(plates=tuple(bbbc021.PREFIX))
MEANS = "feature_functions:means"


@pytest.fixture(scope="module")
def data_dir(prepare, tmp_path_factory):
    manual, data = tmp_path_factory.mktemp("manual"), tmp_path_factory.mktemp("data")
    bbbc021.make(manual / "bbbc021")
    coos7.make_tiff(manual / "coos7", cells=4)
    cyclops.make_tiff(manual / "cyclops")
    prepare("bbbc021", data, config=PLATES, manual_dir=manual)
    prepare("coos7", data, config=Coos7Config(allow_differences=True), manual_dir=manual)
    prepare("cyclops", data, manual_dir=manual)
    return data


@pytest.fixture(scope="module")
def benchmarks():
    return [f"bbbc021/{PLATES.name}", "coos7/tiff-trial", "cyclops"]


@pytest.fixture(scope="module")
def report(data_dir, benchmarks, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "run"
    given = ["--weights", "pixels", MEANS, f"pixels+{MEANS}", "--no-baselines",
             "--data_dir", str(data_dir), "--out", str(out)]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "umap", None)  # as where it is not installed
        assert cli.main(["evaluate", *benchmarks, *given]) == 0
    return out


def test_every_task_has_a_score_for_every_set_of_features(report):
    scores = json.loads((report / "results.json").read_text())["scores"]
    tasks = ["bbbc021 nsc", *(f"coos7 test{n}" for n in (1, 2, 3, 4)), "cyclops"]
    weights = ["pixels", MEANS, f"pixels+{MEANS}"]
    assert [(s["weights"], s["task"]) for s in scores] == [(w, t) for w in weights for t in tasks]
    totals = {s["task"]: s["total"] for s in scores}
    assert totals == {"bbbc021 nsc": 2, **{f"coos7 test{n}": 12 for n in (1, 2, 3, 4)},
                      "cyclops": 35}  # fmt: skip
    with (report / "results.csv").open() as file:
        assert [float(line["accuracy"]) for line in csv.DictReader(file)] == [
            s["accuracy"] for s in scores
        ]


def test_the_report_marks_published_rows(report):
    text = (report / "report.md").read_text()
    assert "| fusion (published) | 86.41 ± 6.62 | 94.80 ± 0.43 |" in text
    assert "| features | bbbc021 nsc (n = 2) |" in text
    assert "- protocol: default" in text
    assert f"| cyclops | pixels | {MEANS} |" in text


def test_predictions_and_confusion_are_keyed(report):
    import pandas as pd

    found = pd.read_parquet(report / "predictions.parquet")
    cells = found[(found["task"] == "cyclops") & (found["weights"] == "pixels")]
    assert (cells["key"].str.partition("/")[0] == cells["truth"]).all()
    assert cells["key"].is_unique
    confusion = pd.read_csv(report / "confusion" / "cyclops.pixels.csv", index_col="truth")
    assert int(confusion.to_numpy().sum()) == 35
    assert confusion.loc["ER"].sum() == (cells["truth"] == "ER").sum()


def test_plots_are_images_one_per_benchmark_and_set_of_features(report):
    pytest.importorskip("matplotlib")
    names = ["bbbc021", "coos7", "cyclops"]
    weights = [MEANS.replace(":", "-"), "pixels", f"pixels-{MEANS.replace(':', '-')}"]
    found = sorted(path.name for path in report.rglob("*.png"))
    assert found == sorted(["accuracy.png", *(f"{n}.{w}.png" for n in names for w in weights)])
    for path in report.rglob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")
    # Without umap-learn that is said, in one line.
    lines = [line for line in (report / "report.md").read_text().splitlines() if "UMAP" in line]
    assert len(lines) == 1
    assert "pip install 'cytoimagenet-tfds[umap]'" in lines[0]


def test_umap_plots_show_classes_and_batches(data_dir, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")

    class Placed:
        def __init__(self, **options):
            self.options = options

        def fit_transform(self, features):
            return np.asarray(features[:, :2], np.float32)

    module = types.ModuleType("umap")
    module.UMAP = Placed
    monkeypatch.setitem(sys.modules, "umap", module)
    builder = tfds.builder("coos7/tiff-trial", data_dir=data_dir)
    found = runs.evaluate({"coos7": builder}, runs.Settings(weights=("pixels",)), tmp_path)
    (view,) = found.views
    assert (view.batch, view.total, len(view.values)) == ("split", 60, 60)
    # Scaled on the training set, as for the neighbours.
    train = view.values[view.batches == "train"]
    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-4)
    with style.settings():
        figure = plots.umap(view)
    assert figure.get_suptitle().endswith(": UMAP of 60 of 60 images")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["by class", "by split"]
    texts = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert texts == [*(f"test{n} (12)" for n in (1, 2, 3, 4)), "train (12)"]


def test_confusion_plots_have_a_panel_per_task(report):
    pytest.importorskip("matplotlib")
    truth, predicted = ["a", "a", "b"], ["a", "b", "b"]
    results = [tasks.Result(f"coos7 test{n}", list("xyz"), truth, predicted) for n in (1, 2)]
    with style.settings():
        figure = plots.confusion(results, "mine")
    assert figure.get_suptitle() == "Features of mine"
    first, second, _ = figure.axes
    with style.settings():
        figure.draw_without_rendering()
    ends = [axes._left_title.get_window_extent().x1 for axes in (first, second)]
    assert ends[0] <= second.get_tightbbox().x0  # no title runs into what stands beside it
    assert ends[1] <= figure.axes[2].get_tightbbox().x0
    assert first.get_title(loc="left") == "coos7 test1: 2 of 3 right"
    assert [t.get_text() for t in second.get_yticklabels()] == ["a (2)", "b (1)"]
    assert [t.get_text() for t in first.texts] == ["50", "50", "100"]


def test_a_table_stands_beside_features_of_images(data_dir, tmp_path, capsys):
    config = f"bbbc021/{PLATES.name}"
    known = facts.read(tfds.builder(config, data_dir=data_dir))
    wells = sorted({key.partition("_s")[0] for key in known.keys.tolist()})
    lines = [f"{w.replace('/', ',')},{n},{n % 3}" for n, w in enumerate(wells)]
    (tmp_path / "cells.csv").write_text("\n".join(["plate,well,f0,f1", *lines]))
    given = ["--weights", "pixels", "--no-baselines", "--no-plots", "--normalization", "none",
             "--data_dir", str(data_dir), "--table", str(tmp_path / "cells.csv"),
             "--out", str(tmp_path / "out")]  # fmt: skip
    assert cli.main(["evaluate", config, *given]) == 0
    made = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [s["weights"] for s in made["scores"]] == ["pixels", "cells"]
    assert made["settings"]["normalization"] == {"bbbc021": "none"}
    assert made["settings"]["table"]["missing"] == "error"
    text = (tmp_path / "out" / "report.md").read_text()
    assert "| bbbc021 nsc | pixels | cells |" in text
    assert "cells: 12 rows, one per well; 2 features, f0 to f1." in text
    (tmp_path / "cells.csv").write_text("\n".join(["plate,well,f0,f1", *lines[1:]]))
    assert cli.main(["evaluate", config, *given]) == 1
    assert f"(1): {wells[0].replace('/', ' ')}" in capsys.readouterr().err


def test_the_paper_names_its_differences(data_dir, tmp_path, capsys):
    given = ["--weights", "pixels", "--no-baselines", "--no-plots", "--protocol", "paper",
             "--data_dir", str(data_dir), "--out", str(tmp_path)]  # fmt: skip
    assert cli.main(["evaluate", "cyclops", *given]) == 0
    text = capsys.readouterr().out
    for one in protocols.DIFFERENCES["cyclops"]:
        assert f"- cyclops, {one.what}: {one.paper} (default: {one.default})" in text
    assert "- cyclops, not copied: folders and labels were paired off" in text


def test_a_second_run_takes_features_from_the_first_and_agrees(
    report, data_dir, benchmarks, tmp_path, monkeypatch
):
    shutil.copytree(report / "features", tmp_path / "features")
    monkeypatch.setattr(extractors, "pixel_statistics", None)
    given = ["--weights", "pixels", MEANS, f"pixels+{MEANS}", "--no-baselines",
             "--data_dir", str(data_dir), "--out", str(tmp_path)]  # fmt: skip
    assert cli.main(["evaluate", *benchmarks[::-1], *given, "--no-plots"]) == 0
    one, other = (
        json.loads((d / "results.json").read_text())["scores"] for d in (report, tmp_path)
    )

    def by_name(scores):
        return sorted(scores, key=lambda s: (s["weights"], s["task"]))

    assert by_name(one) == by_name(other)


def test_runs_are_compared(report, tmp_path, capsys):
    shutil.copytree(report, tmp_path / "other")
    assert cli.main(["evaluate", "--compare", str(report), str(tmp_path / "other")]) == 0
    text = capsys.readouterr().out
    assert text.startswith("| task | features | run | other |")
    scores, tests = text.split("\n\n", 1)
    assert scores.count("\n") == 1 + 18
    # Each set of features with itself, and of the others those that are no baselines.
    assert "| cyclops | run: pixels | other: pixels | 0 | 0 | 1 | +0.0 |" in tests
    assert f"| cyclops | run: pixels+{MEANS} | other: {MEANS} |" in tests
    assert f"| cyclops | run: pixels | other: {MEANS} |" not in tests
    (tmp_path / "other" / "predictions.parquet").unlink()
    assert cli.main(["evaluate", "--compare", str(report), str(tmp_path / "other")]) == 0
    assert "McNemar" not in capsys.readouterr().out
    assert cli.main(["evaluate", "--compare", str(tmp_path)]) == 1
    assert "holds no results of an evaluation" in capsys.readouterr().err


def test_random_weights_are_the_mean_of_three_seeds_also_in_a_fusion(
    data_dir, tmp_path, monkeypatch
):
    def cheap(atom, settings):
        seed = int(atom.rpartition(":")[2]) if ":" in atom else 9
        weights = np.random.Generator(np.random.PCG64(seed)).normal(size=(64, 5))
        return extractors.of(lambda images: images[:, 5, :, 0] @ weights, atom, str(seed))

    monkeypatch.setattr(runs, "_extractor", cheap)
    builder = tfds.builder("cyclops", data_dir=data_dir)
    settings = runs.Settings(weights=("random", "random+mine"))
    found = runs.evaluate({"cyclops": builder}, settings, tmp_path)
    assert list(found.results) == [
        "random:0", "random:1", "random:2", "random:0+mine", "random:1+mine", "random:2+mine",
    ]  # fmt: skip
    hits = [int(found.results[f"random:{seed}"][0].correct.sum()) for seed in (0, 1, 2)]
    assert [(s.weights, s.seeds) for s in found.scores] == [("random", 3), ("random+mine", 3)]
    assert found.scores[0].hits == pytest.approx(sum(hits) / 3)


def test_facts_are_read_without_pixels(data_dir):
    known = facts.read(tfds.builder("bbbc021", config=PLATES, data_dir=data_dir))
    assert known.keys.tolist() == sorted(known.keys.tolist())
    assert known["control"].tolist().count("negative") == 3 * 2 * 2
    assert set(known["label"]) == {"DMSO", "Microtubule stabilizers", "Protein synthesis"}
    assert "image" not in known.columns


def test_features_of_a_dataset_and_of_one_of_its_splits(data_dir, tmp_path, capsys):
    out = tmp_path / "f.parquet"
    given = ["--weights", "pixels", "--data_dir", str(data_dir), "--out", str(out)]
    assert cli.main(["features", "coos7/tiff-trial", "--split", "test3", *given]) == 0
    found = table.FeatureTable.load(out)
    assert found.features.shape == (12, 2 * 11)
    assert all(key.startswith("test3/") for key in found.keys)
    assert cli.main(["features", "cyclopes", *given]) == 1
    assert "cyclopes is no file and no folder. There is no prepared" in capsys.readouterr().err


def test_features_of_a_row_table_are_those_of_the_dataset(data_dir, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    raw = tmp_path / "raw"
    cyclops.make_tiff(raw)
    known = facts.read(tfds.builder("cyclops", data_dir=data_dir))
    rows = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"key": known.keys.tolist(), "files": known["files"].tolist()}), rows)
    of_rows = {one.key: one.read() for one in inputs.of(str(rows), str(raw))()}
    for one in inputs.of_dataset(tfds.builder("cyclops", data_dir=data_dir))():
        assert (of_rows[one.key] == one.read()).all()


def test_features_of_a_benchmark_are_drawn_by_its_columns(
    data_dir, benchmarks, tmp_path, monkeypatch, capsys
):
    reducer = types.SimpleNamespace(fit_transform=lambda features: features[:, :2])
    module = types.SimpleNamespace(UMAP=lambda **options: reducer)
    monkeypatch.setitem(sys.modules, "umap", module)
    given = [benchmarks[0], "--data_dir", str(data_dir)]
    out = tmp_path / "features.parquet"
    assert cli.main(["features", *given, "--weights", "pixels", "--out", str(out)]) == 0
    words = ["figures", *given, "--features", str(out), "--out", str(tmp_path)]
    assert cli.main([*words, "--only", "embedding", "--by", "label", "plate"]) == 0
    assert (tmp_path / "embedding.svg").exists()
    assert cli.main([*words, "--only", "classes"]) == 1
    assert "is no dataset with the metadata of CytoImageNet" in capsys.readouterr().err
