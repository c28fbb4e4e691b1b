"""How candidates stand beside the best: compared with SciPy, and told in words."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from stages.reporting.evidence import beside_best
from stages.reporting.evidence.beside_best import STANDINGS, in_words

FOLDS = 5


def content(scores, said=None, **profile):
    """What a report reads, of these scores by fold; of each candidate what it says of ten rows."""
    scores = np.asarray(scores, float)
    table = pd.DataFrame({f"split{n}_test_score": own for n, own in enumerate(scores.T)})
    table = table.assign(mean_test_score=scores.mean(axis=1), rank_test_score=1)
    rows = np.arange(10)
    said = np.tile(rows % 2, (len(scores), 1)) if said is None else np.asarray(said)
    predictions = pd.DataFrame(
        {
            "candidate": np.repeat(range(len(scores)), 10),
            "row": np.tile(rows, len(scores)),
            "fold": np.tile(rows % scores.shape[1], len(scores)),
            "truth": np.tile(rows % 2, len(scores)),
            "probability_0": 1.0 - said.ravel(),
            "probability_1": said.ravel().astype(float),
        }
    )
    best = {"scoring": "accuracy", "candidates": len(scores), "folds": FOLDS, "seeds": None}
    best["mean"] = np.max(scores.mean(axis=1), initial=0.0, where=~np.isnan(scores).any(axis=1))
    return {
        "candidates": table,
        "predictions": predictions,
        "best": best,
        "profile": {"task": "classification", **profile},
    }


def standings(found):
    return [STANDINGS[place] for place in found["standing"]]


def test_the_least_difference_that_shows_is_where_the_corrected_test_turns():
    generator = np.random.default_rng(0)
    scores = generator.normal(0.7, 0.02, (20, FOLDS)) - np.linspace(0, 0.15, 20)[:, None]
    found = beside_best.beside_best(content(scores))
    best = scores.mean(axis=1).argmax()
    for number, own in enumerate(scores):
        differences = scores[best] - own
        assert found["behind"][number] == pytest.approx(differences.mean())
        if number == best:
            continue
        # Differences of the same spread, as far from 0 as is said to show: p = 0.05.
        spread = np.sqrt((1 / FOLDS + 1 / (FOLDS - 1)) * differences.var(ddof=1))
        pvalue = 2 * stats.t.sf(found["seen"][number] / spread, FOLDS - 1)
        assert pvalue == pytest.approx(0.05)
    assert set(standings(found)) == {"best", "tied", "perhaps behind", "behind"}
    tied = [name == "tied" for name in standings(found)]
    assert tied == ((found["behind"] <= found["seen"]) & (found["behind"] > 0)).tolist()


def test_one_class_for_all_rows_is_no_tie():
    """As good as the best within noise, and of no use."""
    scores = [[0.7, 0.6, 0.7, 0.6, 0.7], [0.6, 0.7, 0.6, 0.7, 0.6], [np.nan] * 5, [0.65] * 5]
    said = np.tile(np.arange(10) % 2, (4, 1))
    said[1] = 0
    own = content(scores, said)
    found = beside_best.beside_best(own)
    assert standings(found) == ["best", "one class for all rows", "failed", "tied"]
    sentences = " ".join(in_words(found, own["best"]))
    assert sentences == (
        "1 candidate says one class for all rows. The other one is tied with the best; 5 folds "
        f"show a difference of {found['seen'][3]:.2f} or more."
    )
    # Whose classes are numbers says none.
    found = beside_best.beside_best(content(scores, said, task="regression"))
    assert standings(found)[1] == "tied"


def test_a_difference_that_cannot_be_is_not_said_to_show():
    own = content([[0.9, 0.1, 0.9, 0.1, 0.9], [0.1, 0.9, 0.1, 0.9, 0.1]])
    found = beside_best.beside_best(own)
    assert found["seen"][1] > own["best"]["mean"]
    assert in_words(found, own["best"]) == [
        "The other one is tied with the best; 5 folds are too few to show a difference."
    ]


def test_folds_in_the_order_of_time_are_not_tested():
    own = content([[0.7, 0.6, 0.7, 0.6, 0.7], [0.5] * 5], time="day")
    found = beside_best.beside_best(own)
    assert standings(found) == ["best", "not tested"]
    assert np.isnan(found["seen"]).all()
    assert found["behind"] == pytest.approx([0, 0.16])
    assert "No test is known" in " ".join(in_words(found, own["best"]))


def test_equal_bests_are_all_best_and_failures_alone_are_told():
    found = beside_best.beside_best(content([[0.7, 0.5] * 2 + [0.6], [0.5, 0.7] * 2 + [0.6]]))
    assert standings(found) == ["best", "best"]
    own = content([[np.nan] * 5] * 2)
    found = beside_best.beside_best(own)
    assert standings(found) == ["failed", "failed"]
    assert in_words(found, own["best"]) == []


def test_what_was_found_of_candidates_that_say_one_class_is_not_looked_for_again():
    own = content([[0.7, 0.8, 0.7, 0.9, 0.7], [0.6, 0.6, 0.7, 0.5, 0.6]])
    found = beside_best.beside_best(own | {"one_class": np.array([False, True])})
    assert standings(found) == ["best", "one class for all rows"]
