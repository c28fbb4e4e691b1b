"""The figures of a search: what is drawn of few candidates, that no label is cut, what is said."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from stages.reporting.figures import folds, grid
from stages.reporting.figures.drawing import colours, save
from stages.reporting.words.search import by_value, of_effects, of_losses, of_pair

#: A scorer whose name with its unit is longer than a panel is high.
LONG = "neg_root_mean_squared_error"


def candidates(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


@pytest.mark.parametrize(
    ("scores", "outlines"),
    [
        (np.linspace(0, 1, 9), 0),
        (np.linspace(0, 1, 10), 1),
        (np.full(30, 0.65), 0),
        (np.repeat([0.6, 0.7], 15), 0),
    ],
    ids=["few", "enough", "all equal", "two scores"],
)
def test_only_many_scores_that_differ_have_an_outline(scores, outlines):
    table = candidates(a=["x"] * len(scores), mean_test_score=scores)
    (axes,) = grid.violins(table, "a", None, "accuracy").axes
    assert sum(isinstance(own, PolyCollection) for own in axes.collections) == outlines
    points = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert sorted(np.concatenate([own.get_ydata() for own in points])) == sorted(scores)


def test_a_group_of_one_candidate_has_its_colour_and_mark():
    table = candidates(a=[1, 1, 2, 2], b=["x", "y"] * 2, mean_test_score=[0.1, 0.2, 0.3, 0.4])
    figure = grid.violins(table, "a", "b", "accuracy")
    drawn = {
        line.get_ydata()[0]: (to_rgb(line.get_color()), line.get_marker())
        for line in figure.axes[0].lines
    }
    one, other = map(to_rgb, colours(2))
    assert drawn == {0.1: (one, "o"), 0.2: (other, "s"), 0.3: (one, "o"), 0.4: (other, "s")}


def test_a_square_is_the_best_candidate_of_a_pair():
    generator = np.random.default_rng(0)
    rows = list(itertools.product("xyz", [1, 2, 10], range(3)))
    table = pd.DataFrame(rows, columns=["a", "b", "c"])
    table = table.assign(mean_test_score=generator.random(len(rows)).round(4))
    table.loc[table["c"] == 0, "mean_test_score"] = np.nan
    table = table[(table["a"] != "z") | (table["b"] != 10)]
    bests = grid.pair_bests(table, "a", "b")
    for a, b in itertools.product("xyz", [1, 2, 10]):
        own = table.loc[(table["a"] == a) & (table["b"] == b), "mean_test_score"].max()
        assert bests.loc[b, a] == pytest.approx(own, nan_ok=True)
    shown = [own.get_text() for own in grid.heat_map(bests, (0, 1), "r2").axes[0].texts]
    known = bests.to_numpy()[~np.isnan(bests.to_numpy())]
    assert shown == [f"{own:.3f}" for own in known]


def figures(names, values):
    """Figures of a search over hyperparameters of these names and values."""
    rows = list(itertools.product(*[values] * len(names)))
    table = pd.DataFrame(rows, columns=names).assign(candidate=range(len(rows)))
    table["mean_test_score"] = -np.random.default_rng(0).gamma(2, 9e5, len(rows))
    history = pd.DataFrame(list(itertools.product(range(6), range(3), range(1, 4))))
    history = history.set_axis(["candidate", "fold", "epoch"], axis=1)
    history = history.assign(loss=history["epoch"] * 1e5, val_mean_absolute_error=0.123456)
    rows = {"best candidates": [0, 1, 2], "worst candidates": [3, 4, 5]}
    units = {5: "log of what was there before"}
    yield grid.violins(table, names[0], names[1], LONG)
    yield grid.heat_map(grid.pair_bests(table, *names[:2]), (-9e6, 0), LONG)
    yield grid.main_effects(table, names, {names[0]: 0.5}, LONG)
    yield folds.candidates(history, rows, ["loss", "val_mean_absolute_error"], units)


def boxes(figure) -> dict[Text, tuple[float, float, float, float]]:
    """Return of each text of a figure where it is drawn, but of those inside of panels."""
    FigureCanvasAgg(figure).draw()
    left_out = {own for axes in figure.axes for own in axes.texts}
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        ticks = axis.get_major_ticks()
        left_out |= {own.label1 for own in ticks if not low <= own.get_loc() <= high}
    texts = [own for own in figure.findobj(Text) if own.get_text() and own.get_visible()]
    return {own: own.get_window_extent().extents for own in texts if own not in left_out}


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (["learning_rate", "hidden", "init"], ["glorot_uniform", "he_normal", "None"]),
        (["n" * 200, "m " * 100], ["v" * 90 + "1", "v" * 90 + "2"]),
    ],
    ids=["usual", "long names"],
)
def test_no_label_is_cut_or_lies_on_another(names, values, tmp_path):
    for number, figure in enumerate(figures(names, values)):
        save(figure, tmp_path, f"drawn_{number}")
        found = boxes(figure)
        width, height = figure.bbox.size
        for text, (left, bottom, right, top) in found.items():
            assert -2 <= left <= right <= width + 2, (number, text.get_text())
            assert -2 <= bottom <= top <= height + 2, (number, text.get_text())
        level = [own for own in found if own.get_rotation() == 0]
        for one, other in itertools.combinations(level, 2):
            (a, b, c, d), (e, f, g, h) = found[one], found[other]
            apart = c <= e + 1 or g <= a + 1 or d <= f + 1 or h <= b + 1
            assert apart, (number, one.get_text(), other.get_text())


def test_captions_bear_any_name_and_value():
    name, values = "n" * 200, [f"{'x' * 180}{end}" for end in "ab"]
    table = candidates(**{name: values, "other": [1, 2], "mean_test_score": [0.7, 0.8]})
    for said in (
        by_value(table, name, "accuracy"),
        of_pair(grid.pair_bests(table, name, "other"), "accuracy"),
        of_effects(table, [name], "accuracy"),
    ):
        assert "x…a" in said
        assert "x…b" in said
        assert len(said) < 250


def test_captions_say_what_the_table_holds():
    table = candidates(
        a=["x", "x", "y", "y", "z"],
        b=[1, 2, 1, 2, 1],
        mean_test_score=[0.7, 0.8, 0.6, 0.9, np.nan],
    )
    assert by_value(table, "a", "accuracy") == (
        "The best, 0.900, has a y; the median is 0.750 at every value."
    )
    assert by_value(table, "b", "accuracy") == (
        "The best, 0.900, has b 2; the median is highest at 2 (0.850) and lowest at 1 (0.650)."
    )
    assert of_pair(grid.pair_bests(table, "a", "b"), "accuracy") == (
        "The best of a pair is highest with a y and b 2 (0.900) and lowest with a y and b 1 (0.600)."
    )
    assert of_effects(table, ["a", "b"], "accuracy") == (
        "The mean differs most by b: 0.650 at 1, 0.850 at 2."
    )
    same = table.assign(mean_test_score=0.5)
    assert "0.500 at every value of a" in by_value(same, "a", "accuracy")
    assert "each pair of a and b is 0.500" in of_pair(grid.pair_bests(same, "a", "b"), "r2")
    assert "alike" in of_effects(same, ["a", "b"], "r2")
    assert of_losses({3: 0.5, 4: 0.25, 5: 1234.5}, [3, 4], [5]) == (
        "The loss on training rows ends at 0.250 to 0.500 for the best candidates and at 1,234 "
        "for the worst."
    )


@pytest.mark.parametrize("failed", [["mean_test_score"], []], ids=["all failed", "one value"])
def test_a_search_that_shows_nothing_says_so(failed, tmp_path):
    table = candidates(a=["x"] * 3, b=["x", "y", "z"], mean_test_score=[0.1, 0.2, 0.3])
    table[failed] = np.nan
    said = by_value(table, "a", "roc_auc")
    assert said == (
        "No candidate could be scored by roc auc." if failed else "All candidates have a x."
    )
    bests = grid.pair_bests(table, "a", "b")
    assert bool(re.match("No candidate", of_pair(bests, "roc_auc"))) == bool(failed)
    save(grid.heat_map(bests, (0, 1), "roc_auc"), tmp_path, "pair")
    save(grid.violins(table, "a", "b", "roc_auc"), tmp_path, "violins")
    save(grid.main_effects(table, ["a", "b"], {}, "roc_auc"), tmp_path, "effects")
