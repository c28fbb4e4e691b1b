"""Variance shares against R's analysis of variance, least squares and the definition."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gridlanes.errors import ParameterError
from gridlanes.statistics import full_grid, variance_shares

#: R's ToothGrowth: length by supplement (VC, OJ), dose (0.5, 1, 2) and animal.
TEETH = np.array(
    [
        [
            [4.2, 11.5, 7.3, 5.8, 6.4, 10.0, 11.2, 11.2, 5.2, 7.0],
            [16.5, 16.5, 15.2, 17.3, 22.5, 17.3, 13.6, 14.5, 18.8, 15.5],
            [23.6, 18.5, 33.9, 25.5, 26.4, 32.5, 26.7, 21.5, 23.3, 29.5],
        ],
        [
            [15.2, 21.5, 17.6, 9.7, 14.5, 10.0, 8.2, 9.4, 16.5, 9.7],
            [19.7, 23.3, 23.6, 26.4, 20.0, 25.2, 25.8, 21.2, 14.5, 27.3],
            [25.5, 26.4, 22.4, 24.5, 24.8, 30.9, 26.4, 27.3, 29.4, 23.0],
        ],
    ]
)

SHAPES = st.lists(st.integers(1, 3), min_size=3, max_size=5)
#: Scores of two hyperparameters and folds, or of more of one of them or with seeds.
TENSORS = SHAPES.flatmap(
    lambda shape: arrays(
        "float64", tuple(shape), elements=st.floats(-1, 1).map(lambda score: round(score, 3))
    )
)


def flat(shares):
    return [*shares.hyperparameters.values(), *shares[1:]]


def test_toothgrowth():
    # summary(aov(len ~ supp * factor(dose), ToothGrowth)): supp 205.4 (205.35), dose 2426.4
    # (2426.43), supp:dose 108.3 (108.32), residuals 712.1 (712.11).
    squares = {("supp",): 205.35, ("dose",): 2426.43, ("supp", "dose"): 108.32}
    total = sum(squares.values()) + 712.11
    found = variance_shares(TEETH[:, :, None, :], ["supp", "dose"])
    for effect, square in squares.items():
        assert found.hyperparameters[effect] * total == pytest.approx(square, abs=0.02)
    assert found.seed * total == pytest.approx(712.11, abs=0.02)
    assert found[1:4] == pytest.approx((0, 0, 0), abs=1e-12)


def explained(scores, factors):
    """The sum of squares that a regression on all cells of some axes explains."""
    index = np.indices(scores.shape).reshape(scores.ndim, -1)
    columns = (
        np.ravel_multi_index(tuple(index[list(factors)]), [scores.shape[axis] for axis in factors])
        if factors
        else np.zeros(scores.size, dtype=int)
    )
    design = np.eye(columns.max() + 1)[columns]
    y = scores.ravel() - scores.mean()
    fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return np.sum(fitted**2)


def effect(scores, factors):
    """By inclusion and exclusion, what a set of axes explains beyond its subsets."""
    subsets = itertools.chain.from_iterable(
        itertools.combinations(factors, size) for size in range(len(factors) + 1)
    )
    return sum((-1) ** (len(factors) - len(own)) * explained(scores, own) for own in subsets)


@pytest.mark.parametrize("seeds", [1, 2])
def test_least_squares(seeds):
    scores = np.random.default_rng(seeds).normal(size=(2, 3, 2, 4, seeds))
    total = np.sum((scores - scores.mean()) ** 2)
    found = variance_shares(scores, ["a", "b", "c"])
    axes = {"a": 0, "b": 1, "c": 2}
    for names, share in found.hyperparameters.items():
        expected = effect(scores, tuple(axes[name] for name in names)) / total
        assert share == pytest.approx(expected, abs=1e-12)
    assert len(found.hyperparameters) == 6
    assert found.higher == pytest.approx(effect(scores, (0, 1, 2)) / total, abs=1e-12)
    assert found.fold == pytest.approx(effect(scores, (3,)) / total, abs=1e-12)
    cells = explained(scores, (0, 1, 2, 3))
    by_fold = cells - explained(scores, (0, 1, 2)) - explained(scores, (3,))
    assert found.candidate_by_fold == pytest.approx(by_fold / total, abs=1e-12)
    assert found.seed == pytest.approx(1 - cells / total, abs=1e-12)


def test_what_is_put_in_comes_out():
    a, b, fold = np.array([1.0, -1]), np.array([2.0, 0, -2]), np.array([3.0, -3])
    scores = 5 + a[:, None, None] + b[:, None] + 0.5 * a[:, None, None] * b[:, None] + fold
    found = variance_shares(scores, ["a", "b"])
    total = 1 + 8 / 3 + 2 / 3 + 9
    expected = {("a",): 1 / total, ("b",): 8 / 3 / total, ("a", "b"): 2 / 3 / total}
    assert found.hyperparameters == pytest.approx(expected)
    assert found.fold == pytest.approx(9 / total)
    assert found.candidate_by_fold == pytest.approx(0, abs=1e-12)


@given(TENSORS, st.booleans(), st.floats(1e-3, 1e3), st.floats(-10, 10))
def test_invariants(scores, seeds, factor, shift):
    names = [f"h{axis}" for axis in range(scores.ndim - 1 - seeds)]
    found = variance_shares(scores, names)
    shares = np.array(flat(found))
    assert ((shares >= 0) & (shares <= 1)).all()
    total = shares.sum()
    assert total == pytest.approx(0 if np.ptp(scores) == 0 else 1)
    moved = variance_shares(scores * factor + shift, names)
    assert flat(moved) == pytest.approx(flat(found), abs=1e-6)
    turned = variance_shares(
        np.swapaxes(scores, 0, len(names) - 1),
        [names[-1], *names[1:-1], names[0]] if len(names) > 1 else names,
    )
    as_sets = {frozenset(of): share for of, share in turned.hyperparameters.items()}
    for of, share in found.hyperparameters.items():
        assert as_sets[frozenset(of)] == pytest.approx(share, abs=1e-9)
    for of, share in found.hyperparameters.items():
        if any(scores.shape[names.index(name)] == 1 for name in of):
            assert share == pytest.approx(0, abs=1e-12)


def test_equal_scores_vary_with_nothing():
    found = variance_shares(np.full((3, 2, 5), 0.1), ["a", "b"])
    assert flat(found) == [0] * 7
    assert flat(variance_shares(np.zeros((2, 2)), ["a"])) == [0] * 5


def test_ten_thousand_candidates():
    scores = np.random.default_rng(0).normal(size=(10, 10, 10, 10, 3))
    assert sum(flat(variance_shares(scores, list("abcd")))) == pytest.approx(1)


def test_full_grid():
    random = np.random.default_rng(1)
    values = {"units": [[8], [8, 4], []], "rate": [0.1, 0.01], "init": ["one", "two"]}
    candidates = list(itertools.product(*values.values()))
    scores = random.normal(size=(12, 5))
    order = [0, *(1 + random.permutation(11))]
    columns = {name: [candidates[own][axis] for own in order] for axis, name in enumerate(values)}
    grid = full_grid(columns, scores[order])
    assert grid.names == ("units", "rate", "init")
    assert grid.scores.shape == (3, 2, 2, 5)
    for position in itertools.product(range(3), range(2), range(2)):
        candidate = tuple(level[own] for level, own in zip(grid.levels, position, strict=True))
        np.testing.assert_equal(grid.scores[position], scores[candidates.index(candidate)])
    assert grid.levels[0][0] == [8]


def test_numbers_are_known_by_their_value():
    column = [np.int64(16), 16.0, np.float64(32), 32]
    grid = full_grid({"batch_size": column, "init": ["a", "b", "a", "b"]}, np.eye(4)[:, :2])
    assert grid.scores.shape == (2, 2, 2)
    assert full_grid({"flag": [True, 1, "1", None]}, np.eye(4)).scores.shape == (4, 4)


def test_seeds_keep_their_axis():
    scores = np.arange(12.0).reshape(2, 3, 2)
    np.testing.assert_equal(full_grid({"a": [1, 0]}, scores).scores, scores)


@pytest.mark.parametrize(
    ("columns", "scores", "message"),
    [
        ({"a": [1, 1, 2], "b": [1, 2, 1]}, np.ones((3, 2)), "with 1 of 4 combinations missing"),
        ({"a": [1, 1, 2]}, np.ones((3, 2)), "got 1 candidates that repeat one"),
        (
            {"a": [1, 2]},
            [[1.0, np.nan], [1.0, 2.0]],
            r"scores: .* got 1 that are not \(failed fits\)",
        ),
        (
            {"a": [1, 2]},
            np.ones((3, 2)),
            "columns: a: allowed is one value for each of the 3 candidates, got 2",
        ),
        ({}, np.ones((1, 2)), "columns: at least one hyperparameter is needed"),
        ({"a": [1]}, [1.0], r"scores: allowed is the shape \(candidates, folds\) or"),
        (
            {str(name): range(2) for name in range(70)},
            np.ones((2, 2)),
            f"{2**70 - 2} of {2**70} combinations",
        ),
    ],
)
def test_grids_that_are_not_full(columns, scores, message):
    with pytest.raises(ParameterError, match=message):
        full_grid(columns, scores)


@pytest.mark.parametrize(
    ("scores", "names", "message"),
    [
        (np.ones((2, 3)), ["a", "b"], r"names: .* got 2 for the shape \(2, 3\)"),
        (np.ones((2, 3)), [], "names: .* got 0"),
        (np.ones((2, 2, 3)), ["a", "a"], "names: allowed are different names"),
        (np.ones((2, 0)), ["a"], "scores: at least one score is needed"),
        ([[np.nan, 1], [1, 1]], ["a"], "scores: allowed are finite numbers, got 1"),
    ],
)
def test_bad_input(scores, names, message):
    with pytest.raises(ParameterError, match=message):
        variance_shares(scores, names)


def test_names_tell_whether_there_are_seeds():
    assert math.isclose(sum(flat(variance_shares(TEETH, ["supp"]))), 1)
