"""Thresholds as scikit-learn's own estimator tunes them, for one scorer or several at once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context, metrics
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, make_scorer
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_score,
    cross_validate,
)

from stages.study.errors import InputError
from stages.study.measures import measure
from stages.study.prepared import Prepared
from stages.study.routing import routing, weighted
from stages.study.scorers import by_name, scorers
from stages.study.threshold_checks import check_thresholds
from stages.study.thresholds import chosen_threshold, named_at, with_thresholds
from stages.study.tuning_scores import score

rng = np.random.default_rng(1)
X = pd.DataFrame(rng.normal(size=(150, 3)))
TRUTH = X[0].to_numpy() + rng.normal(size=150) > 0.8
MODEL = LogisticRegression()
FOLDS = StratifiedKFold(5, shuffle=True, random_state=7)
PLAIN = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced_accuracy",
    "f1": make_scorer(metrics.f1_score, pos_label="off"),
    "jaccard": make_scorer(metrics.jaccard_score, pos_label="off"),
    "matthews_corrcoef": "matthews_corrcoef",
    "fbeta_2": make_scorer(metrics.fbeta_score, beta=2, pos_label="off"),
}


def table(positive="off", **roles) -> Prepared:
    profile = {"task": "classification", "positive": positive}
    return Prepared(X, pd.Series(np.where(TRUTH, "off", "on")), profile, **roles)


def minus_cost(truth, answers, pos_label="off"):
    (_, fn), (fp, _) = metrics.confusion_matrix(truth, answers, labels=["off", "on"])
    assert pos_label == "off"
    return -(fp + 5 * fn) / len(truth)


#: One that looks at a class and one that looks at none; what others make of counts is told below.
SHORT = {"accuracy", "f1"}


@pytest.mark.parametrize(
    "name", [own if own in SHORT else pytest.param(own, marks=pytest.mark.soak) for own in PLAIN]
)
def test_a_threshold_is_scikit_learns(name):
    data = table()
    own = with_thresholds(clone(MODEL), [f"{name}_tuned"], data, 7).fit(X, data.y)
    plain = TunedThresholdClassifierCV(clone(MODEL), scoring=PLAIN[name], cv=FOLDS)
    plain.fit(X, data.y)
    at = chosen_threshold(own, f"{name}_tuned", [f"{name}_tuned"], data)
    # Of those that look at no class it is the last of the labels whose probability counts.
    assert at["class"] == ("off" if by_name(name, "off") != name else "on")
    assert at["at"] == own.best_threshold_ == plain.best_threshold_
    assert own.predict(X).tolist() == plain.predict(X).tolist()


def test_costs_move_the_threshold():
    data, name = table(), "neg_cost_fp1_fn5_tuned"
    own = with_thresholds(clone(MODEL), [name], data, 7).fit(X, data.y)
    plain = TunedThresholdClassifierCV(clone(MODEL), scoring=make_scorer(minus_cost), cv=FOLDS)
    assert own.best_threshold_ == plain.fit(X, data.y).best_threshold_
    assert own.best_threshold_ < 0.4


def test_several_scorers_look_at_one_estimator_each_at_its_threshold():
    """Beside one cross-validation for each, of scikit-learn's estimators."""
    data = table()
    names = ["roc_auc", "f1_tuned", "f1", "neg_brier_score", "neg_cost_fp1_fn5_tuned"]
    own = with_thresholds(clone(MODEL), names, data, 7)
    found = cross_validate(own, X, data.y, cv=2, scoring=scorers(names, data))
    for name in names:
        plain, scorer = measure(name).plain, by_name(name, "off")
        alone = clone(MODEL)
        if name != plain:
            alone = TunedThresholdClassifierCV(alone, scoring=get_scorer(scorer), cv=FOLDS)
        expected = cross_val_score(alone, X, data.y, cv=2, scoring=scorer)
        np.testing.assert_allclose(found[f"test_{name}"], expected, err_msg=name)


def test_groups_stay_together_where_a_threshold_is_tuned_and_rows_count_by_their_weights():
    groups = pd.Series(rng.integers(0, 30, 150).astype(str))
    weights = pd.Series(rng.uniform(0.2, 3, 150))
    data = table(groups=groups, weights=weights)
    with routing(data) as given:
        own = with_thresholds(weighted(clone(MODEL), data), ["f1_tuned"], data, 7)
        own.fit(X, data.y, **given)
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=7)
    with config_context(enable_metadata_routing=True):
        scorer = make_scorer(metrics.f1_score, pos_label="off")
        plain = TunedThresholdClassifierCV(
            clone(MODEL).set_fit_request(sample_weight=True),
            scoring=scorer.set_score_request(sample_weight=True),
            cv=folds,
        )
        by = np.unique(groups, return_inverse=True)[1]
        plain.fit(X, data.y, sample_weight=weights, groups=by)
    assert own.best_threshold_ == plain.best_threshold_


def test_what_says_the_same_of_all_rows_says_the_likeliest_class():
    data = table()
    own = with_thresholds(DummyClassifier(), ["f1_tuned"], data, 7).fit(X, data.y)
    assert set(own.predict(X)) == {"on"}
    with pytest.raises(ValueError, match="constant predictions"):
        TunedThresholdClassifierCV(DummyClassifier(), scoring=PLAIN["f1"]).fit(X, data.y)


@given(
    truth=st.lists(st.booleans(), min_size=2, max_size=12),
    seed=st.integers(0, 1000),
    weighted=st.booleans(),
)
@pytest.mark.filterwarnings("ignore")
def test_scores_of_counts_are_scikit_learns(truth, seed, weighted):
    draw = np.random.default_rng(seed)
    answers = draw.integers(0, 2, len(truth))
    truth = np.array(truth, int)
    weights = draw.uniform(0.5, 2, len(truth)) if weighted else None
    for name, expected in {
        "accuracy": metrics.accuracy_score,
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "f1": metrics.f1_score,
        "jaccard": metrics.jaccard_score,
        "matthews_corrcoef": metrics.matthews_corrcoef,
        "fbeta_0.5": lambda *own, **rest: metrics.fbeta_score(*own, beta=0.5, **rest),
    }.items():
        found = score(truth, answers, pos_label=1, own=measure(name), sample_weight=weights)
        assert found == pytest.approx(expected(truth, answers, sample_weight=weights), abs=1e-12)


def test_a_class_is_named_from_its_threshold_on():
    probabilities = np.array([[0.7, 0.3], [0.6, 0.4], [0.4, 0.6]])
    assert named_at(0.4, probabilities, ["a", "b"], "b").tolist() == ["a", "b", "b"]
    assert named_at(0.65, probabilities, ["a", "b"], "a").tolist() == ["a", "b", "b"]
    assert named_at([0.2, 0.5, 0.7], probabilities, [3, 7], 7).tolist() == [7, 3, 3]


def few(**roles) -> Prepared:
    y = pd.Series(np.resize(["on", "on", "off"], 24))
    classes = [{"label": "on", "rows": 16}, {"label": "off", "rows": 8}]
    profile = {"task": "classification", "positive": "off", "classes": classes}
    profile |= {role: {"column": role} for role in roles}
    return Prepared(X.iloc[:24], y, profile, **roles)


def test_folds_that_leave_too_few_rows_to_tune_on_are_refused():
    check_thresholds(few(), 3, 7, ["f1_tuned"], "grid_search.cv")
    check_thresholds(few(), 2, 7, ["f1"], "grid_search.cv")
    says = (
        "grid_search.cv: leaves 4 rows of class 'off' to train on, 5 parts of which the threshold "
        "of 'f1_tuned' is tuned on; must leave 5 at least"
    )
    with pytest.raises(InputError, match=says):
        check_thresholds(few(), 2, 7, ["roc_auc", "f1_tuned"], "grid_search.cv")
    groups = pd.Series([f"g{n % 8}" for n in range(24)])
    with pytest.raises(
        InputError, match="fold 0 leaves too little .* must be at most 4, the groups of"
    ):
        check_thresholds(few(groups=groups), 2, 7, ["f1_tuned"], "grid_search.cv")


class Counting(LogisticRegression):
    """Counts how often one is fitted."""

    fits = 0

    def fit(self, X, y, sample_weight=None):
        Counting.fits += 1
        return super().fit(X, y, sample_weight)


def test_a_model_is_fitted_once_a_part_whatever_it_is_tuned_for():
    data, tuned = table(), ["f1_tuned", "neg_cost_fp1_fn5_tuned", "accuracy_tuned"]
    own = with_thresholds(Counting(), tuned, data, 7)
    Counting.fits = 0
    own.fit(X, data.y)
    assert Counting.fits == 6
    alone = [with_thresholds(clone(MODEL), [name], data, 7).fit(X, data.y) for name in tuned]
    found = [own, *own.others_.values()]
    assert [one.best_threshold_ for one in found] == [one.best_threshold_ for one in alone]
    assert [one.predict(X).tolist() for one in found] == [one.predict(X).tolist() for one in alone]
    assert len({one.best_threshold_ for one in found}) > 1


def test_an_error_of_the_model_is_no_constant_answer():
    data = table()
    with pytest.raises(ValueError, match="Only binary"):
        with_thresholds(clone(MODEL), ["f1_tuned"], data, 7).fit(X, np.arange(150) % 3)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        with_thresholds(clone(MODEL), ["f1_tuned"], data, 7).fit(X * np.nan, data.y)
