"""What a random search draws, beside SciPy's own distributions and scikit-learn's sampler."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.model_selection import ParameterGrid, ParameterSampler
from tiny import tiny_params, write_params

from stages.reporting.spelling.parameters import canonical
from stages.study import params
from stages.study.artifacts import read_csv, write_csv
from stages.study.distributions import Distribution, tried
from stages.study.search import as_written, search_fits

#: A distribution, and SciPy's, whose draws are the same but for rounding.
KINDS = [
    ({"uniform": [-2, 3]}, stats.uniform(-2, 5)),
    ({"loguniform": [1e-4, 1e-1]}, stats.loguniform(1e-4, 1e-1)),
    ({"int": [3, 9]}, stats.randint(3, 10)),
]


def drawn(written, size=500):
    own, state = Distribution.of(written), np.random.RandomState(0)
    return [own.rvs(random_state=state) for _ in range(size)]


@pytest.mark.parametrize(("written", "known"), KINDS)
def test_what_is_drawn_is_scipys(written, known):
    state = np.random.RandomState(0)
    expected = [known.rvs(random_state=state) for _ in range(500)]
    found = drawn(written)
    assert found == pytest.approx(expected, rel=1e-5)
    assert {type(value) for value in found} == {int if "int" in written else float}


def test_whole_numbers_by_orders_of_magnitude_hold_both_ends():
    counts = pd.Series(drawn({"int": [2, 9], "log": True}, 4000)).value_counts()
    # As a logarithmic axis has room from half a number below to half a number above.
    room = {k: math.log((k + 0.5) / (k - 0.5)) / math.log(9.5 / 1.5) for k in range(2, 10)}
    assert set(counts.index) == set(room)
    expected = [4000 * room[k] for k in counts.index]
    assert stats.chisquare(counts, expected).pvalue > 0.001


def test_what_is_rounded_stays_inside():
    values = drawn({"uniform": [0.1234567, 0.1234576]}, 99)
    assert set(values) == {0.123457, 0.1234576}


ENDS = st.floats(1e-9, 1e9)


@given(st.sampled_from(["uniform", "loguniform"]), ENDS, ENDS, st.integers(0, 99))
def test_numbers_stay_inside_and_survive_the_table(tmp_path_factory, kind, one, other, seed):
    low, high = sorted([float(f"{one:.10g}"), float(f"{other:.10g}")])
    if f"{low:.6g}" == f"{high:.6g}":
        return
    own = Distribution.of({kind: [low, high]})
    values = [own.rvs(random_state=np.random.RandomState(seed)), *tried(own)]
    assert all(low <= value <= high for value in values)
    path = tmp_path_factory.getbasetemp() / "drawn.csv"
    write_csv(pd.DataFrame({"a": values}), path)
    assert read_csv(path)["a"].tolist() == values
    texts = pd.read_csv(path, dtype=str)["a"]
    assert [*map(canonical, texts)] == [*map(canonical, values)]


def settings(tmp_path, **search):
    own = tiny_params()
    own["grid_search"] |= search
    write_params(own, tmp_path)
    return params.load(tmp_path / "params.yaml")


LISTS = {"a": [1, None, [2, 3]], "b": ["x", "y"]}


def test_candidates_are_those_of_scikit_learns_sampler(tmp_path):
    own = settings(tmp_path, method="random", n_iter=5, param_grid=LISTS)
    expected = list(ParameterSampler(LISTS, 5, random_state=own.seed))
    assert as_written(own) == expected
    assert len({str(one) for one in expected}) == 5
    assert search_fits(own) == 5 * 2


def test_several_grids_are_those_of_scikit_learn(tmp_path):
    grids = [{"a": [1, 2], "b": [None]}, {"c": [[4, 5], 6]}]
    own = settings(tmp_path, param_grid=grids)
    assert as_written(own) == list(ParameterGrid(grids))
    assert search_fits(own) == 4 * 2
    known = [{"a": stats.randint(1, 50)}, {"c": [[4, 5], 6]}]
    grids = [{"a": {"int": [1, 49]}}, known[1]]
    own = settings(tmp_path, method="random", n_iter=9, param_grid=grids)
    assert as_written(own) == list(ParameterSampler(known, 9, random_state=own.seed))


def test_more_draws_begin_with_the_same_ones(tmp_path):
    """So that a search can be made longer, and what was trained is found."""
    grid = {"a": {"uniform": [0, 1]}, "b": ["x", "y"]}
    few, many = (
        as_written(settings(tmp_path, method="random", n_iter=number, param_grid=grid))
        for number in (4, 9)
    )
    assert many[:4] == few
