"""Errors of groups of rows, beside SciPy's tests and the formulas of clustered variance."""

import numpy as np
import pytest
from scipy import stats

from gridlanes.errors import ParameterError
from gridlanes.statistics import cluster_interval, subgroup_errors

ROWS = 120
rng = np.random.default_rng(0)
GROUPS = rng.integers(-1, 4, ROWS)
WRONG = (rng.random(ROWS) < np.where(GROUPS == 2, 0.6, 0.2)).astype(float)
FAR = rng.exponential(1 + (GROUPS == 1))


def test_wrong_rows_are_judged_by_fishers_exact_test():
    found = subgroup_errors(WRONG, GROUPS)
    for group in range(4):
        inside = group == GROUPS
        table = [[(WRONG[own] == value).sum() for value in (1, 0)] for own in (inside, ~inside)]
        plain = stats.fisher_exact(table, alternative="greater").pvalue
        assert found.rows[group] == inside.sum()
        assert found.mean[group] == pytest.approx(WRONG[inside].mean())
        assert found.pvalue[group] == pytest.approx(plain)
    assert found.pvalue.argmin() == 2


@pytest.mark.parametrize("far", [FAR, FAR.round()], ids=["apart", "tied"])
def test_distances_are_judged_by_the_rank_test(far):
    found = subgroup_errors(far, GROUPS)
    for group in range(4):
        inside = group == GROUPS
        plain = stats.mannwhitneyu(
            far[inside], far[~inside], alternative="greater", method="asymptotic"
        )
        further = far[inside].mean() > far[~inside].mean()
        assert found.pvalue[group] == pytest.approx(plain.pvalue if further else 1.0)
    assert found.pvalue.argmin() == 1


def clustered(errors, inside, clusters):
    """Return the p-value by a regression on being inside, its variance that under the null."""
    design = np.column_stack([np.ones(len(errors)), inside])
    bread = np.linalg.inv(design.T @ design)
    slope = bread @ design.T @ errors
    left = errors - errors.mean()
    sums = [design[clusters == own].T @ left[clusters == own] for own in np.unique(clusters)]
    meat = len(sums) / (len(sums) - 1) * sum(np.outer(own, own) for own in sums)
    fewer = min(len(np.unique(clusters[side])) for side in (inside, ~inside))
    return stats.t.sf(slope[1] / np.sqrt((bread @ meat @ bread)[1, 1]), fewer - 1)


@pytest.mark.parametrize("errors", [WRONG, FAR], ids=["wrong", "distance"])
def test_rows_of_one_cluster_count_together(errors):
    clusters = np.repeat(np.arange(ROWS // 4), 4)
    found = subgroup_errors(errors, GROUPS, clusters)
    values = errors if errors is WRONG else stats.rankdata(errors)
    plain = np.array([clustered(values, group == GROUPS, clusters) for group in range(4)])
    further = [errors[own].mean() > errors[~own].mean() for own in np.arange(4)[:, None] == GROUPS]
    np.testing.assert_allclose(
        found.pvalue, np.where(np.array(further) | (errors is WRONG), plain, 1.0)
    )
    # Rows that are there four times say no more than once.
    again = np.repeat(errors, 4), np.repeat(GROUPS, 4), np.repeat(np.arange(ROWS), 4)
    alone = subgroup_errors(errors, GROUPS, np.arange(ROWS)).pvalue
    np.testing.assert_allclose(subgroup_errors(*again).pvalue, alone)
    assert (subgroup_errors(*again[:2]).pvalue < alone)[alone < 0.3].all()


def test_an_interval_of_clusters():
    alone = cluster_interval(FAR, np.arange(ROWS))
    plain = stats.t.interval(0.95, ROWS - 1, FAR.mean(), stats.sem(FAR))
    assert alone == pytest.approx((FAR.mean(), *plain))
    again = cluster_interval(np.repeat(FAR, 3), np.repeat(np.arange(ROWS), 3))
    assert again == pytest.approx(alone)
    assert np.isnan(cluster_interval(FAR, np.zeros(ROWS))[1:]).all()


def test_chance_alone_finds_its_share():
    """Of groups that mean nothing 5 % have a p-value below 0.05, by exact tests fewer."""
    draws = np.random.default_rng(1)
    wrong, far = draws.random((400, 60)) < 0.3, draws.exponential(size=(400, 60))
    groups = np.arange(60) % 3
    # As many on a small side as are looked at, beside many: neither is found more often.
    skewed, few = np.exp(draws.normal(size=(400, 300))), (np.arange(300) < 15).astype(int)
    found = np.array([subgroup_errors(own, few).pvalue for own in skewed])
    assert ((found < 0.05).mean(axis=0) < 0.085).all()
    assert (found < 0.002).mean(axis=0).max() < 0.012
    for errors, low, high in ((wrong, 0.01, 0.055), (far, 0.015, 0.065)):
        found = np.array([subgroup_errors(own, groups).pvalue for own in errors])
        assert low < (found < 0.05).mean() < high


def test_where_nothing_can_be_told():
    same = subgroup_errors(np.full(6, 2.0), [0, 0, 0, 1, 1, 1])
    assert same.pvalue.tolist() == [1, 1]
    lone = subgroup_errors([0.5, 2, 3, 4], [0, 2, 2, 2])
    assert np.isnan(lone.pvalue).all()
    assert lone.rows.tolist() == [1, 0, 3]
    assert np.isnan(subgroup_errors(FAR, np.zeros(ROWS, int)).pvalue).all()
    one = subgroup_errors(FAR, (np.arange(ROWS) < 9).astype(int), np.arange(ROWS) // 9)
    assert np.isnan(one.pvalue).all()
    with pytest.raises(ParameterError, match="one for each of the 120 rows"):
        subgroup_errors(FAR, GROUPS[1:])
    with pytest.raises(ParameterError, match="errors: allowed are finite numbers"):
        subgroup_errors([np.nan, 1.0], [0, 0])
