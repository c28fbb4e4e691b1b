"""Scorers of one class, told which: scikit-learn's own scores of labels 0 and 1."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    confusion_matrix,
    f1_score,
    fbeta_score,
    get_scorer,
    get_scorer_names,
)
from sklearn.model_selection import cross_validate
from sklearn.naive_bayes import GaussianNB

from stages.study.class_scores import OF_A_CLASS
from stages.study.measures import Measure, measure
from stages.study.prepared import Prepared
from stages.study.scorer_doubts import doubts
from stages.study.scorers import by_name, scorers
from stages.study.sections.scoring import named

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 2))
TRUTH = X[:, 0] + rng.normal(size=200) > 0.7
LABELS = {"no, yes": ("no", "yes"), "yes first": ("off", "aye"), "numbers": (7, 3)}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("name", [own for own in OF_A_CLASS if own not in ("fbeta", "cost")])
def test_a_class_is_scored_as_if_it_were_1(name, labels):
    negative, positive = LABELS[labels]
    model = LogisticRegression().fit(X, np.where(TRUTH, positive, negative))
    plain = LogisticRegression().fit(X, TRUTH.astype(int))
    found = get_scorer(by_name(name, positive))(model, X, np.where(TRUTH, positive, negative))
    assert found == pytest.approx(get_scorer(name)(plain, X, TRUTH.astype(int)))


def test_f_beta_and_costs_are_of_the_positive_class():
    """Beside scikit-learn's F-beta and confusion matrix of labels 0 and 1."""
    y, names = TRUTH.astype(int), np.where(TRUTH, "off", "on")
    answers = LogisticRegression().fit(X, y).predict(X)
    model = LogisticRegression().fit(X, names)
    (_, fp), (fn, _) = confusion_matrix(y, answers)
    assert 0 < fp != fn > 0
    for name, expected in {
        "fbeta_2": fbeta_score(y, answers, beta=2),
        "fbeta_0.5": fbeta_score(y, answers, beta=0.5),
        "neg_cost_fp1_fn5": -(fp + 5 * fn) / len(y),
        "neg_cost_fp0.25_fn0": -fp / 4 / len(y),
    }.items():
        assert get_scorer(by_name(name, "off"))(model, X, names) == pytest.approx(expected)
        # A label 1 need not be named.
        plain = LogisticRegression().fit(X, y)
        assert get_scorer(by_name(name, None))(plain, X, y) == pytest.approx(expected)


def test_costs_count_rows_by_their_weights():
    y, weights = TRUTH.astype(int), rng.uniform(size=200)
    model = LogisticRegression().fit(X, y)
    ((_, fp), (fn, _)) = confusion_matrix(y, model.predict(X), sample_weight=weights)
    found = get_scorer(by_name("neg_cost_fp1_fn5", None))(model, X, y, sample_weight=weights)
    assert found == pytest.approx(-(fp + 5 * fn) / weights.sum())


def test_costs_of_labels_of_which_none_is_1_are_refused():
    model = LogisticRegression().fit(X, np.where(TRUTH, "off", "on"))
    with pytest.raises(ValueError, match="not a valid label"):
        get_scorer(by_name("neg_cost_fp1_fn5", None))(model, X, np.where(TRUTH, "off", "on"))


@given(
    beta=st.floats(1e-9, 1e9),
    fp=st.one_of(st.integers(0, 10**18), st.floats(0, 1e300)),
    fn=st.floats(1e-9, 1e9),
    tuned=st.booleans(),
)
def test_a_name_says_all_that_its_entry_does(beta, fp, fn, tuned):
    threshold = {"threshold": "tuned"} if tuned else {}
    own = measure(named({"fbeta": {"beta": beta, **threshold}}))
    assert own == Measure("fbeta", {"beta": beta}, tuned)
    own = measure(named({"cost": {"fp": fp, "fn": fn, **threshold}}))
    assert own == Measure("cost", {"fp": float(fp), "fn": fn}, tuned)


def test_names_are_short():
    assert named("f1") == "f1"
    assert named({"fbeta": 2}) == "fbeta_2"
    assert named({"cost": {"fp": 1, "fn": 2.5}}) == "neg_cost_fp1_fn2.5"
    assert named({"f1": {"threshold": "tuned"}}) == "f1_tuned"


# Some say that they mean little for two classes.
@pytest.mark.filterwarnings("ignore")
def test_all_others_need_not_be_told():
    """Of two classes named by texts, by either of which scikit-learn gives the same."""
    names = np.array(["a", "b"])
    for name in set(get_scorer_names()) - set(OF_A_CLASS):
        scores = []
        for order in (1, -1):
            y = names[::order][TRUTH.astype(int)]
            try:
                scores.append(get_scorer(name)(LogisticRegression().fit(X, y), X, y))
            except ValueError:
                scores.append(None)
        assert scores[0] == pytest.approx(scores[1], nan_ok=True), name


def test_several_scorers_keep_their_names():
    y = pd.Series(np.where(TRUTH, "yes", "no"))
    table = pd.DataFrame(X)
    assert scorers(["accuracy", "f1"], Prepared(table, y, {})) == ["accuracy", "f1"]
    of_names = scorers(["accuracy", "f1"], Prepared(table, y, {"positive": "no"}))
    found = cross_validate(LogisticRegression(), X, y, cv=3, scoring=of_names)
    plain = cross_validate(LogisticRegression(), X, ~TRUTH, cv=3, scoring=["accuracy", "f1"])
    for name in ("test_accuracy", "test_f1"):
        np.testing.assert_allclose(found[name], plain[name])


@pytest.mark.parametrize("labels", [("No", "Yes", "No"), (1, 2, None)])
def test_several_scorers_do_not_change_each_other(labels):
    """Scikit-learn's own scorers would, of which some mean the first class and some the last."""
    first, last, positive = labels
    y = pd.Series(np.where(TRUTH, last, first))
    data = Prepared(pd.DataFrame(X), y, {"positive": positive})
    names = ["roc_auc", "average_precision", "neg_log_loss", "neg_brier_score"]
    options = {"X": X, "y": y, "cv": 3}
    for own in (names, names[::-1]):
        found = cross_validate(GaussianNB(), scoring=scorers(own, data), **options)
        for name in own:
            alone = cross_validate(GaussianNB(), scoring=by_name(name, positive), **options)
            np.testing.assert_array_equal(found[f"test_{name}"], alone["test_score"])


def test_accuracy_says_little_of_a_target_that_is_nearly_always_the_same():
    classes = [
        {"label": "no", "share": 0.94, "rows": 94},
        {"label": "yes", "share": 0.06, "rows": 6},
    ]
    (said,) = doubts({"classes": classes}, ["roc_auc", "accuracy"])
    assert "94.0% of the rows are of class 'no'" in said
    assert not doubts({"classes": classes}, ["roc_auc"])
    assert not doubts({"classes": [{**classes[0], "share": 0.6}]}, ["accuracy"])
    assert not doubts({}, ["accuracy"])


def test_of_labels_1_and_2_it_is_said_which_is_scored():
    classes = [{"label": 1, "share": 0.5, "rows": 5}, {"label": 2, "share": 0.5, "rows": 5}]
    (said,) = doubts({"classes": classes}, ["f1", "roc_auc"])
    assert said == "f1 is of class 1, not of 2; data.positive names it"
    y = np.where(TRUTH, 2, 1)
    model = LogisticRegression().fit(X, y)
    assert get_scorer("f1")(model, X, y) == f1_score(y == 1, model.predict(X) == 1)
    assert not doubts({"classes": classes, "positive": 2}, ["f1"])
    assert not doubts({"classes": [{**classes[0], "label": 0}, classes[0]]}, ["f1"])
