"""Scorers over many candidates at once give what scikit-learn's give for each."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, log_loss

from gridlanes.statistics import bootstrap_corrected
from stages.reporting.evidence.scoring import _called, quick_score, row_scores, said, score_of
from stages.study.predictions import by_class

ROWS, FOLDS = 60, 3
rng = np.random.default_rng(0)


def table(classes, runs=3):
    """Return predictions of so many candidates, the last of which has failed."""
    truth = rng.permutation(np.arange(ROWS) % max(classes, 1)) if classes else rng.normal(size=ROWS)
    tables = []
    for run in range(runs):
        own = pd.DataFrame({"row": range(ROWS), "fold": np.arange(ROWS) % FOLDS, "truth": truth})
        if classes:
            logits = rng.normal(size=(ROWS, classes)) + 1.5 * np.eye(classes)[truth]
            odds = np.exp(logits).astype("float32")
            for label, column in enumerate((odds / odds.sum(axis=1, keepdims=True)).T):
                own[f"probability_{label}"] = np.where(run == runs - 1, np.nan, column)
        else:
            own["predicted"] = np.where(run == runs - 1, np.nan, truth + rng.normal(size=ROWS))
        tables.append(own)
    return pd.concat(tables)


CASES = [
    *((2, name) for name in ("accuracy", "neg_log_loss", "f1", "precision", "recall", "balanced_accuracy")),
    *((3, name) for name in ("accuracy", "neg_log_loss", "balanced_accuracy")),
    *((0, name) for name in ("r2", "neg_mean_squared_error", "neg_mean_absolute_error")),
]  # fmt: skip
SLOW = [
    (2, "neg_brier_score"),
    (2, "average_precision"),
    (2, "matthews_corrcoef"),
    (3, "f1_macro"),
    (3, "roc_auc_ovr"),
    (0, "neg_median_absolute_error"),
]


@pytest.mark.parametrize(("classes", "scoring"), [*CASES, *SLOW])
def test_a_scorer(classes, scoring):
    own = said(table(classes), 3)
    score, scorer = score_of(scoring, own), _called(scoring, own.classes)
    assert (quick_score(scoring, own) is not None) == ((classes, scoring) in CASES)
    weights = np.vstack([np.ones(ROWS), rng.multinomial(ROWS, np.full(ROWS, 1 / ROWS), size=2)])
    ours = score(weights)
    assert np.isnan(ours[:, 2]).all()
    for row, drawn in zip(ours, weights, strict=True):
        for candidate in range(2):
            plain = scorer(own.truth, own.outputs[candidate], sample_weight=drawn)
            assert row[candidate] == pytest.approx(plain, rel=1e-5)


def test_the_area_under_the_curve_is_the_mean_over_folds():
    own = said(table(2), 3)
    (ours,) = score_of("roc_auc", own)(np.ones((1, ROWS)))
    scorer = _called("roc_auc", own.classes)
    for candidate in range(2):
        folds = [
            scorer(own.truth[rows], own.outputs[candidate, rows], sample_weight=np.ones(rows.sum()))
            for rows in (own.folds == fold for fold in range(FOLDS))
        ]
        assert ours[candidate] == pytest.approx(np.mean(folds))


def test_a_called_scorer_is_scikit_learns():
    """On a real estimator whose predictions these are."""
    X = rng.normal(size=(ROWS, 2))
    y = (X[:, 0] + rng.normal(size=ROWS) > 0).astype(int)
    model = LogisticRegression().fit(X, y)
    for scoring in ("accuracy", "neg_log_loss", "roc_auc", "f1", "average_precision"):
        ours = _called(scoring, model.classes_)(
            y, model.predict_proba(X), sample_weight=np.ones(ROWS)
        )
        assert ours == pytest.approx(get_scorer(scoring)(model, X, y))


def test_a_class_that_a_draw_lacks():
    own = said(table(3), 3)
    only = (own.truth != 2).astype(float)[None]
    assert np.isfinite(score_of("balanced_accuracy", own)(only)[0, 0])
    assert np.isnan(score_of("roc_auc_ovr", own)(only)[0, 0])


@pytest.mark.parametrize("labels", [[0, 10, 9], ["b_c", "A", "z"]])
@pytest.mark.parametrize("lacking", range(3))
def test_a_class_that_no_fold_tests(labels, lacking):
    """As in the order of time: networks know it from rows that are older than all tests."""
    X, y = rng.normal(size=(ROWS, 2)), rng.permutation(np.resize(np.array(labels), ROWS))
    model = LogisticRegression().fit(X, y)
    X, y = X[y != labels[lacking]], y[y != labels[lacking]]
    columns = by_class(model.predict_proba(X), model.classes_)
    own = said(pd.DataFrame({"row": range(len(y)), "fold": 0, "truth": y, **columns}), 1)
    assert own.predicted[0].tolist() == model.predict(X).tolist()
    assert own.truth.dtype == own.classes.dtype
    once = np.ones((1, len(y)))
    for name in ("accuracy", "f1_macro"):
        np.testing.assert_allclose(score_of(name, own)(once), get_scorer(name)(model, X, y))
    loss = log_loss(y, model.predict_proba(X), labels=model.classes_)
    np.testing.assert_allclose(score_of("neg_log_loss", own)(once), -loss)


def test_predictions_that_a_scorer_does_not_take():
    """The logarithm of a negative number, of two candidates of which one predicts such."""
    good = np.linspace(0, 5, ROWS)
    values = np.concatenate([good, good - 3])
    one = {"row": range(ROWS), "fold": 0, "truth": good}
    predicted = pd.concat([pd.DataFrame(one)] * 2).assign(predicted=values)
    scores = score_of("neg_mean_squared_log_error", said(predicted, 2))(np.ones((1, ROWS)))
    assert np.isnan(scores).tolist() == [[False, True]]


def test_a_slow_scorer_is_corrected_too():
    own = said(table(3), 3)
    found = bootstrap_corrected(score_of("f1_macro", own), ROWS, draws=10)
    assert found.low < found.estimate < found.high
    assert found.chosen[2] == 0


def test_scores_of_rows():
    own = said(table(2), 3)
    rows = row_scores("accuracy", own)
    assert set(np.unique(rows[:2])) == {0, 1}
    assert np.isnan(rows[2]).all()
    assert row_scores("roc_auc", own) is None
