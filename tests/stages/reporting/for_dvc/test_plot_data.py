"""The tables for ``dvc plots``, against SciPy, pivot tables and the candidates themselves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plot_cases import CASES, SMALL, table, write
from scipy.stats import gaussian_kde

from stages.reporting.for_dvc import plot_data


@given(st.lists(st.floats(-1e3, 1e3).map(lambda score: round(score, 6)), min_size=2, max_size=30))
def test_outlines_are_the_densities_of_scipy(scores):
    found = plot_data._outline(np.array(scores))
    places, widths = np.array(found).T
    assert (places[0], places[-1]) == (min(scores), max(scores))
    if len(found) == 1:
        assert max(scores) - min(scores) < 2e-6
    else:
        expected = gaussian_kde(scores)(places)
        assert widths == pytest.approx(expected / expected.max(), abs=1e-4)


def test_pairs_are_the_best_of_a_pivot_table():
    candidates = CASES["a failed candidate"]
    found = plot_data.pairs(candidates)
    for (x, y), own in found.groupby(["x", "y"]):
        if x != y:
            pivot = candidates.pivot_table("mean_test_score", x, y, aggfunc="max")
            pivot.index, pivot.columns = pivot.index.map(str), pivot.columns.map(str)
            for row in own.itertuples():
                assert row.score == pytest.approx(pivot.loc[row.x_value, row.y_value])
            assert len(own) == pivot.size
    diagonal = found[(found.x == "epochs") & (found.y == "epochs")]
    bests = candidates.groupby("epochs")["mean_test_score"].max()
    assert diagonal.score.tolist() == pytest.approx(bests.tolist())
    assert diagonal.x_value.tolist() == diagonal.y_value.tolist() == ["5", "10"]
    assert found[found.x == "activation"].candidates.sum() == 3 * 7


def test_candidates_are_told_by_their_values_and_score():
    candidates = CASES["a failed candidate"]
    found = plot_data.parallel(candidates)
    wide = found.pivot_table("value", "candidate", "hyperparameter", aggfunc="first")
    scored = candidates.set_index("candidate").drop(index=3)
    assert wide[""].astype(float).tolist() == pytest.approx(scored["mean_test_score"].tolist())
    for name in SMALL:
        assert wide[name].tolist() == scored[name].map(str).tolist()


def test_large_searches_have_small_tables(tmp_path):
    grid = {f"parameter_{number}": [0.001 * value for value in range(10)] for number in range(3)}
    candidates = table({**grid, "many": list(range(10))}, score=lambda number: np.sin(number) / 3)
    assert len(candidates) == 10_000
    one = write(tmp_path / "one", candidates, epochs=1000)
    two = write(tmp_path / "two", candidates.copy(), epochs=1000)
    files = {path.name: path.read_bytes() for path in one.iterdir()}
    assert files == {path.name: path.read_bytes() for path in two.iterdir()}
    assert max(len(content) for content in files.values()) < 150_000
    lines = pd.read_csv(one / "parallel.csv").drop_duplicates("candidate")
    points, violins = pd.read_csv(one / "candidates.csv"), pd.read_csv(one / "violins.csv")
    scores = candidates["mean_test_score"]
    for shown in (lines["score"], points["mean_test_score"], violins["score"]):
        assert shown.min() == pytest.approx(scores.min(), abs=1e-9)
        assert shown.max() == pytest.approx(scores.max(), abs=1e-9)
    assert (len(lines), len(points)) == (plot_data.LINES, plot_data.POINTS)
    assert violins.drop_duplicates(["hyperparameter", "value"])["candidates"].sum() == 40_000


@given(st.integers(0, 300), st.integers(2, 50))
def test_what_is_left_is_evenly_spaced(size, most):
    kept = plot_data.evenly(pd.Series(range(size), dtype=int), most).tolist()
    assert len(kept) == min(size, most)
    assert len(set(kept)) == len(kept)
    if size:
        assert (kept[0], kept[-1]) == (0, size - 1)
        assert max(np.diff(kept), default=1) - min(np.diff(kept), default=1) <= 1


def test_few_scores_are_a_bar_from_the_lowest_to_the_highest(tmp_path):
    few, many = (table({"a": [1], "b": list(range(size))}) for size in (9, 10))
    own = plot_data.violins(few).query("hyperparameter == 'a'")
    scores = few["mean_test_score"]
    assert own["score"].tolist() == [scores.min(), scores.max()]
    assert own["width"].tolist() == [plot_data.BAR] * 2
    assert len(plot_data.violins(many).query("hyperparameter == 'a'")) == plot_data.OUTLINE


def test_estimates_are_in_the_order_of_trust_with_intervals_of_their_own(tmp_path):
    found = pd.read_csv(write(tmp_path / "plots", CASES["a grid"]) / "estimates.csv")
    names = ["nested cross-validation", "best candidate, as chosen", "majority class"]
    assert found["estimate"].tolist() == names
    assert found["mean"].tolist() == [0.72, 0.75, 0.6]
    # That of a baseline is of a difference from it.
    assert found["low"].fillna(0).tolist() == [0.65, 0, 0]
    assert found["place"].is_monotonic_increasing
