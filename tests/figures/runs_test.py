from __future__ import annotations

import figure_parts
import pytest

from cytoimagenet_tfds import errors
from cytoimagenet_tfds.figures import material, runs, style, transfer


def test_history_and_diversity(files):
    own = material.Material(**files)
    with style.settings():
        loss, _ = runs.draw_history(own).axes
        diversity = runs.draw_diversity(own)
    assert loss.lines[1].get_ydata().tolist() == [2.5, 2]
    assert loss.lines[1].get_xdata().tolist() == [1, 2]
    assert figure_parts.texts(diversity)[-2].startswith("One mark per class: 1 of 2 are closer")
    [axes] = diversity.axes
    sides = {text.get_text(): text.get_ha() for text in axes.texts}
    assert sides == {"a": "left", "b": "right"}  # none runs out of the figure


def test_categories_stand_in_the_order_of_the_schema(tmp_path):
    path = tmp_path / "distances.csv"
    path.write_text("label,category,within,between\nx,gene,.1,.5\ny,organism,.2,.5\n")
    with style.settings():
        figure = runs.draw_diversity(material.Material(distances=path))
    names = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert names == ["organism", "gene"]


def test_evaluations_of_different_size_say_both(files, tmp_path):
    path = figure_parts.results(tmp_path / "more.json", "merge-norm", 0.25)
    path.write_text(path.read_text().replace("103", "1500"))
    with style.settings():
        figure = transfer.draw_accuracy(material.Material(results=(*files["results"], path)))
    assert figure.axes[0].get_title(loc="left") == "bbbc021 nsc (n = 103 to 1,500)"


def test_accuracy_by_weights_and_method(files, tmp_path):
    second = figure_parts.results(tmp_path / "merge.json", "merge-norm", 0.25)
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
