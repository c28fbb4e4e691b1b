"""A study that is scored in several ways: by scikit-learn's own scores of what it predicts."""

import numpy as np
import pandas as pd
import pytest
from made_up import make_up_base, report_in_words
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, f1_score, fbeta_score
from sklearn.model_selection import StratifiedKFold, TunedThresholdClassifierCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tiny import write_table

import gridlanes
from stages import (
    cross_validate,
    diagnose,
    grid_search,
    holdout,
    nested_cv,
    predict,
    preprocess,
)
from stages.study import params
from stages.study.artifacts import (
    CROSS_VALIDATE,
    GRID_SEARCH,
    NESTED_CV,
    read_csv,
    read_json,
    read_parquet,
)
from stages.study.estimator import make_estimator
from stages.study.prepared import read_prepared
from stages.study.splits import make_folds

pytestmark = pytest.mark.usefixtures("traced", "eager")

#: Enough to learn something from, in a part of the time that all of them take.
ROWS = 300

COSTS, COSTLY = {"cost": {"fp": 1, "fn": 5}}, "neg_cost_fp1_fn5"


def cost(own) -> float:
    (_, fp), (fn, _) = confusion_matrix(own.truth, own.predicted, labels=[0, 1])
    return -(fp + 5 * fn) / len(own)


def f_2(own) -> float:
    return fbeta_score(own.truth, own.predicted, beta=2, zero_division=0)


def f_1(own) -> float:
    return f1_score(own.truth, own.predicted)


def predictions(folder) -> pd.DataFrame:
    return read_parquet(folder / "predictions.parquet")


@pytest.fixture
def prepared(workspace, edit):
    write_table(workspace, ROWS)
    preprocess.main()
    edit("cross_validate.scoring", ["accuracy", {"fbeta": 2}, COSTS])
    # Names of several; the second chooses.
    edit("grid_search.scoring", ["accuracy", COSTS, {"fbeta": 2}])
    edit("grid_search.refit", COSTLY)
    edit("grid_search.param_grid", {"activation": ["tanh", "relu"], "epochs": [1, 8]})
    edit("grid_search.seeds", [0, 1])
    edit("nested_cv.permutations", 0)
    return workspace


def made_up_base(edit) -> None:
    """Write a base model that nobody trained, where only the report asks for one."""
    edit("cross_validate.scoring", ["accuracy"])
    make_up_base(np.random.default_rng(0))


# F-beta says so of a network that names no row.
@pytest.mark.filterwarnings("ignore:F-score is ill-defined")
def test_scores_are_those_of_the_predictions(prepared):
    cross_validate.main()
    scores = read_csv(CROSS_VALIDATE / "scores.csv")
    folds = predictions(CROSS_VALIDATE).groupby("fold")
    for name, score in ((COSTLY, cost), ("fbeta_2", f_2)):
        np.testing.assert_allclose(scores[name], folds.apply(score), atol=1e-9)

    grid_search.main()
    table = read_csv(GRID_SEARCH / "cv_results.csv")
    said = predictions(GRID_SEARCH)
    said["predicted"] = (said["probability_1"] > 0.5).astype(int)
    for name, score in (("mean_test_score", cost), ("mean_test_fbeta_2", f_2)):
        of_fits = said.groupby(["candidate", "seed", "fold"]).apply(score)
        means = of_fits.groupby("candidate").mean()
        np.testing.assert_allclose(table[name], means, atol=1e-9)
    assert table["mean_test_score"].max() > table["mean_test_score"].min()
    best = read_json(GRID_SEARCH / "best.json")
    assert best["scoring"] == COSTLY
    assert best["candidate"] == table["mean_test_score"].idxmax()
    assert best["others"].keys() == {"accuracy", "fbeta_2"}
    row = table.loc[best["candidate"]]
    assert best["others"]["accuracy"]["mean"] == pytest.approx(row["mean_test_accuracy"], abs=1e-6)

    nested_cv.main()
    outer = read_csv(NESTED_CV / "outer.csv")
    folds = predictions(NESTED_CV).groupby("fold")
    np.testing.assert_allclose(outer["score"], folds.apply(cost), atol=1e-9)

    diagnose.main()
    holdout.main()
    report_in_words()
    verdict = read_json(prepared / "reports/verdict.json")
    assert verdict["grid_search"]["others"] == best["others"]
    assert any("neg cost 1:5 that chose" in said for said in verdict["in_words"])
    page = (prepared / "reports/report.html").read_text()
    assert f"{row['mean_test_fbeta_2']:.4f} ({row['rank_test_fbeta_2']:.0f})" in page
    assert "mean neg cost 1:5, which chose" in page


def test_the_cheapest_within_one_standard_error_can_be_chosen(prepared, edit):
    edit("grid_search.refit", "one_standard_error")
    edit("grid_search.seeds", None)
    edit("nested_cv.outer", 0)
    edit("diagnose.importance", 0)
    made_up_base(edit)
    grid_search.main()
    nested_cv.main()
    table = read_csv(GRID_SEARCH / "cv_results.csv")
    best = read_json(GRID_SEARCH / "best.json")
    # The first scorer, accuracy, is the one that the rule looks at.
    folds = table[["split0_test_score", "split1_test_score"]]
    top = folds.loc[table["mean_test_score"].idxmax()]
    enough = table[table["mean_test_score"] >= top.mean() - top.std(ddof=1) / np.sqrt(2)]
    cheapest = enough[enough["n_steps"] == enough["n_steps"].min()]
    assert best["candidate"] == cheapest["mean_test_score"].idxmax()
    assert best["scoring"] == "accuracy"
    assert best["rule"]["highest"] == pytest.approx(top.mean(), abs=1e-6)
    diagnose.main()
    holdout.main()
    report_in_words()
    verdict = read_json(prepared / "reports/verdict.json")
    assert verdict["grid_search"]["rule"] == best["rule"]
    assert "bootstrap_corrected" not in verdict["grid_search"]
    page = (prepared / "reports/report.html").read_text()
    says = {
        False: "the cheapest within one standard error of the best of 4",
        True: "the best of 4 and the cheapest within one standard error of it",
    }
    assert says[best["candidate"] == top.name] in page


REFUSED = [
    (cross_validate, "cross_validate.scoring", [COSTS], "cross_validate.scoring: 'neg_cost_fp1_fn5' cannot score this regression: neg_cost_fp1_fn5 needs classes"),
    (grid_search, "grid_search.scoring", {"f1": {"threshold": "tuned"}}, "grid_search.scoring: 'f1_tuned' cannot score this regression: a tuned threshold needs classes"),
    (grid_search, "grid_search.scoring", "roc_auc", "grid_search.scoring: 'roc_auc' cannot score this regression"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "key", "value", "says"), REFUSED)
def test_what_needs_classes_is_refused(workspace, edit, complaint, stage, key, value, says):
    edit("data.task", "regression")
    edit("data.target", "Age")
    edit("preprocess.classes", ...)
    edit("cross_validate.scoring", ["r2"])
    edit("grid_search.scoring", "r2")
    preprocess.main()
    edit(key, value)
    # Whichever stage comes first says it.
    assert says in (message := complaint(preprocess))
    assert complaint(stage) == message


@pytest.fixture
def tuned(prepared, edit):
    f1 = {"f1": {"threshold": "tuned"}}
    edit("cross_validate.scoring", ["accuracy", f1])
    edit("grid_search.scoring", ["roc_auc", f1])
    edit("grid_search.refit", "f1_tuned")
    edit("grid_search.seeds", None)
    edit("grid_search.param_grid", {"activation": ["tanh"], "epochs": [1, 8]})
    return prepared


def around(estimator) -> TunedThresholdClassifierCV:
    """Return what scikit-learn does of the same."""
    folds = StratifiedKFold(5, shuffle=True, random_state=7)
    return TunedThresholdClassifierCV(estimator, scoring="f1", cv=folds)


@pytest.mark.costs(6)
@pytest.mark.usefixtures("tuned")
def test_the_base_model_and_baselines_have_thresholds_that_scikit_learn_tunes():
    cross_validate.main()
    scores = read_csv(CROSS_VALIDATE / "scores.csv")
    settings, data = params.load(), read_prepared()
    folds = make_folds(data, 2, 7)
    own = make_estimator(settings.model, data, 7)
    # Its networks ride too, as others see to it that they are those of plain Keras.
    how = {"cv": folds, "scoring": "f1"}
    expected = gridlanes.cross_val_score(around(own), data.X, data.y, **how)
    np.testing.assert_allclose(scores["f1_tuned"], expected, atol=1e-6)
    expected = gridlanes.cross_val_score(own, data.X, data.y, cv=folds, scoring="accuracy")
    np.testing.assert_allclose(scores["accuracy"], expected, atol=1e-6)
    rival = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression())
    expected = cross_val_score(around(rival), data.X, data.y, **how)
    table = read_csv(CROSS_VALIDATE / "baselines.csv")
    found = table.loc[table["model"] == "logistic_regression", "f1_tuned"]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_winner_has_its_tuned_threshold_from_folds_to_new_rows(tuned, edit, tmp_path, capsys):
    grid_search.main()
    # All networks ride together, five on parts of a fold too: 2 candidates, 2 folds.
    assert "24 fits: 0 found, 24 trained" in capsys.readouterr().out
    settings, data = params.load(), read_prepared()
    table, said = read_csv(GRID_SEARCH / "cv_results.csv"), predictions(GRID_SEARCH)
    of_fits = said.groupby(["candidate", "fold"]).apply(f_1)
    means = of_fits.groupby("candidate").mean()
    np.testing.assert_allclose(table["mean_test_score"], means, atol=1e-9)
    likelier = (said["probability_1"] > 0.5).astype(int)
    assert (said["predicted"] != likelier).any()
    best = read_json(GRID_SEARCH / "best.json")
    assert table["n_weights"].notna().all()
    assert len(read_parquet(GRID_SEARCH / "curves.parquet")) == (1 + 8) * 2

    winner = make_estimator(settings.model, data, 7)
    winner.set_params(**settings.grid_search.network, **best["params"])
    rows = np.arange(len(data.y))
    once = {"cv": [(rows, rows)], "return_estimator": True}
    (winner,) = gridlanes.cross_validate(around(winner), data.X, data.y, **once)["estimator"]
    assert best["threshold"] == {"class": 1, "at": pytest.approx(winner.best_threshold_, abs=1e-5)}
    out = tmp_path / "out.csv"
    predict.predict(tuned / "models/best", tuned / settings.data.path, out)
    new = pd.read_csv(out)
    enough = new["probability_1"] >= best["threshold"]["at"]
    assert (new["predicted"] == enough.astype(int)).all()
    assert (new["predicted"] == winner.predict(data.X)).mean() > 0.99
    card = (tuned / "models/best/README.md").read_text()
    assert f"at least {best['threshold']['at']:.6g}" in card

    edit("nested_cv.outer", 0)
    nested_cv.main()
    made_up_base(edit)
    diagnose.main()
    holdout.main()
    report_in_words()
    page = (tuned / "reports/report.html").read_text()
    assert f"where its probability is at least {best['threshold']['at']:.3f}" in page
    verdict = read_json(tuned / "reports/verdict.json")
    corrected = verdict["grid_search"]["bootstrap_corrected"]["estimate"]
    assert corrected == pytest.approx(best["mean"], abs=0.1)


@pytest.mark.soak
@pytest.mark.usefixtures("tuned")
def test_outer_scores_are_those_of_tuned_thresholds():
    nested_cv.main()
    outer = read_csv(NESTED_CV / "outer.csv")
    found = predictions(NESTED_CV).groupby("fold").apply(f_1)
    np.testing.assert_allclose(outer["score"], found, atol=1e-9)
