"""Which figures a report holds, and what they say to those who do not see them."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, roc_auc_score

from stages.reporting.figures import grid, predictions
from stages.reporting.figures.drawing import panels, save, text
from stages.reporting.figures.search import MOST, PAIRS, between_values, pairs, telling
from stages.reporting.spelling.parameters import in_order
from stages.study import training_curves


def test_pairs_that_explain_most_come_first_and_only_varied_ones():
    names = ["a", "b", "c", "d"]
    table = pd.DataFrame({name: [1, 2] for name in names[:3]} | {"d": [1, 1]})
    shares = {"c": 0.3, "b": 0.2, "a": 0.1, "a with b": 0.3}
    assert pairs(names, table, shares) == [("a", "b"), ("b", "c"), ("a", "c")]
    many = [f"h{number}" for number in range(8)]
    table = pd.DataFrame({name: [1, 2] for name in many})
    assert len(pairs(many, table, {})) == PAIRS


def test_violins_are_split_by_what_explains_most_with_few_values():
    names = ["a", "b", "many", "one"]
    rows = range(8)
    table = pd.DataFrame({"a": [n % 2 for n in rows], "b": [n % 3 for n in rows]})
    table = table.assign(many=rows, one=1)
    shares = {"many": 0.5, "one": 0.4, "b": 0.2, "a": 0.1}
    assert grid.second("a", names, table, shares) == "b"
    assert grid.second("b", names, table, shares) == "a"
    assert grid.second("one", ["one", "many"], table, shares) is None


@given(st.lists(st.one_of(st.integers(-99, 99), st.text(max_size=3)), min_size=1))
def test_values_are_in_order_numbers_first(values):
    ordered = in_order(values)
    assert set(ordered) == set(values)
    assert len(ordered) == len(set(values))
    kinds = [isinstance(own, str) for own in ordered]
    assert kinds == sorted(kinds)
    whole = [value for value in ordered if isinstance(value, int)]
    assert whole == sorted(whole)
    letters = [value for value in ordered if isinstance(value, str) and not re.search(r"\d", value)]
    assert letters == sorted(letters)


def test_numbers_in_texts_are_ordered_by_size():
    assert in_order(["[16, 8]", "10", "[8]", "None", "2", "[16]"]) == [
        *("2", "10", "None"),
        *("[8]", "[16, 8]", "[16]"),
    ]


@given(st.text())
@settings(max_examples=settings().max_examples // 2)
def test_any_text_can_be_drawn(tmp_path_factory, words):
    """A dollar does not start mathematics, and no letter is an error."""
    shown = text(words, 12)
    assert len(shown.replace(r"\$", "$")) <= 12
    figure, (axes,) = panels(1, width=1, height=1, least=0)
    axes.set_xlabel(shown)
    save(figure, tmp_path_factory.getbasetemp(), "drawn")


def test_the_classes_of_a_figure_are_scored_as_scikit_learn_does():
    generator = np.random.default_rng(0)
    truth = generator.choice(["a", "b", "c"], 200)
    said = generator.dirichlet([1, 1, 1], 200)
    table = pd.DataFrame(said, columns=[f"probability_{label}" for label in "abc"])
    table = table.assign(truth=truth, predicted=np.array(list("abc"))[said.argmax(1)])
    figure = predictions.of_classes(table)
    legend = [own.get_text() for own in figure.axes[0].get_legend().get_texts()]
    areas = {label: roc_auc_score(truth == label, said[:, n]) for n, label in enumerate("abc")}
    assert sorted(legend) == [f"{label} ({area:.3f})" for label, area in areas.items()]
    counts = confusion_matrix(truth, table["predicted"])
    assert [own.get_text() for own in figure.axes[3].texts] == [str(own) for own in counts.flat]


@pytest.mark.parametrize(("tested", "drawn"), [("bc", ["b", "c"]), ("c", [])])
def test_a_class_that_no_fold_tests_has_no_curve(tested, drawn):
    generator = np.random.default_rng(0)
    truth = generator.choice(list(tested), 50)
    said = generator.dirichlet([1, 1, 1], 50)
    table = pd.DataFrame(said, columns=[f"probability_{label}" for label in "abc"])
    figure = predictions.of_classes(table.assign(truth=truth, predicted=truth))
    for axes in figure.axes[:3]:
        legend = axes.get_legend()
        shown = legend.get_texts() if legend else []
        assert sorted(own.get_text()[0] for own in shown) == drawn


def test_the_calibration_is_of_the_class_that_is_drawn():
    """Of two classes the second one: a sure and right model lies on the diagonal's ends."""
    truth = np.arange(100) % 2
    said = np.where(truth == 1, 0.9, 0.2)
    table = pd.DataFrame({"probability_no": 1 - said, "probability_yes": said})
    names = np.array(["no", "yes"])[truth]
    figure = predictions.of_classes(table.assign(truth=names, predicted=names))
    curve = figure.axes[2].get_lines()[0]
    assert curve.get_xdata() == pytest.approx([0.2, 0.9])
    assert curve.get_ydata() == pytest.approx([0, 1])


def test_the_curves_are_of_the_class_that_is_named_positive():
    truth = np.arange(100) % 2
    said = np.random.default_rng(0).random(100)
    table = pd.DataFrame({"probability_0": 1 - said, "probability_1": said})
    figure = predictions.of_classes(table.assign(truth=truth, predicted=truth), 0)
    area = roc_auc_score(truth == 0, 1 - said)
    for axes, label in zip(figure.axes[:3], (f"0 ({area:.3f})", "0 (", "0"), strict=True):
        (shown,) = [own.get_text() for own in axes.get_legend().get_texts()]
        assert shown.startswith(label)


def test_curves_hold_a_row_for_each_fit_and_epoch():
    fits = [({"candidate": 4, "fold": 0}, {"loss": [3.0, 2.0], "accuracy": [0.1, 0.2]})]
    fits.append(({"candidate": 5, "fold": 1}, {"loss": [1.0]}))
    table = training_curves.of_fits(fits)
    assert table[["candidate", "fold", "epoch"]].to_numpy().tolist() == [
        [4, 0, 1],
        [4, 0, 2],
        [5, 1, 1],
    ]
    assert table["loss"].tolist() == [3, 2, 1]
    assert np.isnan(table["accuracy"][2])
    assert training_curves.measures(table) == ["loss", "accuracy"]
    assert training_curves.of_fits([]).empty


def test_spread_points_are_the_same_in_every_run_and_stay_near():
    one, again = (grid.spread([1.0, 1.0], 3, 0.5) for _ in range(2))
    assert one.tolist() == again.tolist()
    assert all(abs(own - 1) <= 0.25 for own in itertools.chain(one, again))


def test_of_many_hyperparameters_those_are_drawn_that_move_the_scores():
    names = [f"h{number}" for number in range(40)]
    table = pd.DataFrame({name: [0, 1] * 8 if name == "h3" else 0 for name in names}, range(16))
    table["h30"] = [0] * 8 + [1] * 8
    table["mean_test_score"] = table["h3"] + 0.1 * table["h30"]
    between = between_values(table, names)
    assert between["h3"] == pytest.approx(0.25)
    assert telling(names, between) == ["h3", "h30"]
    assert telling(names[:MOST], between) == names[:MOST]
