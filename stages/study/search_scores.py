"""How a search is told what scores and what chooses, and its results by the one that chooses."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from gridlanes.statistics import one_standard_error
from stages.study.measures import measure
from stages.study.prepared import Prepared
from stages.study.scorers import scorer, scorers
from stages.study.sections.searching import GridSearch
from stages.study.thresholds import thresholds_beside


def judging(
    section: GridSearch, names: Sequence[str], data: Prepared, *, noted: bool
) -> dict[str, Any]:
    """Return ``scoring`` and ``refit`` of a search.

    Parameters
    ----------
    section : GridSearch
    names : sequence of str
        Of what scores, the one that chooses among them.
    data : Prepared
    noted : bool
        Whether to note the thresholds, if some are tuned for the scorer that chooses.
    """
    noted = noted and measure(section.chooser).tuned
    several = noted or len(names) > 1
    scoring = scorers(names, data) if several else scorer(names[0], data)
    if noted:
        scoring = thresholds_beside(scoring, section.chooser, names)
    if section.takes_cheapest:
        name = section.chooser if several else "score"
        rule = partial(_cheapest, name=name, repeats=section.split.repeats)
        return {"scoring": scoring, "refit": rule}
    return {"scoring": scoring, "refit": section.chooser if several else True}


def _cheapest(results: Mapping[str, Any], name: str, repeats: int) -> int:
    return one_standard_error(as_of_one(results, name), repeats)


def as_of_one(results: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return ``cv_results_`` of several scorers as a search by one of them has it."""
    ends = re.compile(rf"_test_{re.escape(name)}$")
    of_one = {ends.sub("_test_score", key): own for key, own in results.items() if ends.search(key)}
    return {**results, **of_one} if of_one else dict(results)


def of_others(results: Mapping[str, Any], names: Sequence[str]) -> pd.DataFrame:
    """Return columns ``mean_test_NAME``, ``std_test_NAME`` and ``rank_test_NAME``."""
    columns = [f"{what}_test_{name}" for name in names for what in ("mean", "std", "rank")]
    return pd.DataFrame({column: np.asarray(results[column]) for column in columns})
