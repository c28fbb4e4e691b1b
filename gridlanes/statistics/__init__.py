"""Honest statistics of searches and cross-validations: estimates, tests, intervals, choices.

Nothing here fits anything; all of it works on scores and predictions that are there already, of
any estimator, with NumPy and SciPy alone. Numbers beyond 1e50 count as infinite.
"""

from gridlanes.statistics.bootstrap import (
    BootstrapCorrected,
    bootstrap_corrected,
    bootstrap_interval,
)
from gridlanes.statistics.choosing import one_standard_error
from gridlanes.statistics.comparing import (
    Comparison,
    Interval,
    TTest,
    bayesian_comparison,
    corrected_interval,
    corrected_t_test,
    corrected_welch_test,
)
from gridlanes.statistics.intervals import score_interval
from gridlanes.statistics.metrics import any_score, mean_score, r2_score, ratio_score
from gridlanes.statistics.multiple import holm, indistinguishable
from gridlanes.statistics.permutations import permutation_pvalue, shuffling_pvalue
from gridlanes.statistics.roc import area_under_roc
from gridlanes.statistics.subgroups import Subgroups, cluster_interval, subgroup_errors
from gridlanes.statistics.variance import FullGrid, VarianceShares, full_grid, variance_shares

__all__ = [
    "BootstrapCorrected",
    "Comparison",
    "FullGrid",
    "Interval",
    "Subgroups",
    "TTest",
    "VarianceShares",
    "any_score",
    "area_under_roc",
    "bayesian_comparison",
    "bootstrap_corrected",
    "bootstrap_interval",
    "cluster_interval",
    "corrected_interval",
    "corrected_t_test",
    "corrected_welch_test",
    "full_grid",
    "holm",
    "indistinguishable",
    "mean_score",
    "one_standard_error",
    "permutation_pvalue",
    "r2_score",
    "ratio_score",
    "score_interval",
    "shuffling_pvalue",
    "subgroup_errors",
    "variance_shares",
]
