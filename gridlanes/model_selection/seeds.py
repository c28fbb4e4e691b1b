"""Candidates repeated with several seeds, and their scores averaged over these.

For scikit-learn a candidate with another seed is another candidate. What it brings is averaged
before scikit-learn makes its table of it, so that it chooses by the mean.
"""

import numbers
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gridlanes.errors import ParameterError

#: What a fit's outcome holds that is averaged.
AVERAGED = ("fit_time", "score_time", "test_scores", "train_scores")


def check_seeds(seeds: Any) -> None:
    """Raise unless these are seeds, or None.

    Raises
    ------
    ParameterError
    """
    if seeds is None:
        return
    known = isinstance(seeds, (Sequence, np.ndarray)) and not isinstance(seeds, str)
    listed = list(seeds) if known else []
    whole = all(isinstance(s, numbers.Integral) and 0 <= int(s) < 2**32 for s in listed)
    if not listed or not whole or len(set(listed)) < len(listed):
        raise ParameterError(
            f"seeds must be None or distinct whole numbers from 0 to below 2**32; found {seeds!r}"
        )


def repeated(
    candidates: Iterable[Mapping[str, Any]], seeds: Sequence[int] | None, name: str
) -> list[Mapping[str, Any]]:
    """Return each candidate once for each seed, the seeds of one candidate together.

    Parameters
    ----------
    name : str
        Of the parameter that takes the seed.

    Raises
    ------
    ParameterError
        For a candidate that sets the seed itself.
    """
    candidates = list(candidates)
    if seeds is None:
        return candidates
    if any(name in candidate for candidate in candidates):
        raise ParameterError(f"seeds and {name!r} on the grid are the same; give one of them")
    return [{**candidate, name: int(seed)} for candidate in candidates for seed in seeds]


def without(candidate: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a candidate without its seed."""
    return {key: value for key, value in candidate.items() if key != name}


def averaged(
    out: Sequence[dict[str, Any]], n_seeds: int, n_splits: int
) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """Return scikit-learn's record of each fit, averaged over seeds; and those of each seed.

    Parameters
    ----------
    out : sequence of dict
        Candidate by candidate, seed by seed, split by split.
    """
    runs = [list(out[start : start + n_splits]) for start in range(0, len(out), n_splits)]
    of_seeds = [
        [record for run in runs[seed::n_seeds] for record in run] for seed in range(n_seeds)
    ]
    return [_mean(records) for records in zip(*of_seeds, strict=True)], of_seeds


def _mean(records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    merged = dict(records[0])
    for name in AVERAGED:
        if name not in merged:
            continue
        values = [record[name] for record in records]
        if isinstance(values[0], Mapping):
            merged[name] = {key: np.mean([own[key] for own in values]) for key in values[0]}
        else:
            merged[name] = np.mean(values)
    return merged


def named_for_seed(seed: int, results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores of single fits, with their seed in the name."""
    return {
        re.sub(r"^(split\d+)_", rf"\1_seed{seed}_", name): scores
        for name, scores in results.items()
        if re.match(r"split\d+_", name)
    }
