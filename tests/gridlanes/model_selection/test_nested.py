"""A cross-validated search gives what scikit-learn gives, though all its fits are trained at once."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context, model_selection
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.pipeline import make_pipeline
from small_search import (
    CLASSIFIER,
    GROUPS,
    OPTIONS,
    PIPELINE,
    PIPELINE_GRID,
    WEIGHTS,
    X,
    assert_equal_results,
    build,
    eagerly,
    grid,
    own_score,
    scikit_learns,
    y,
)

import gridlanes
from gridlanes import GridSearchCV, KerasClassifier, ParameterError, RandomizedSearchCV

pytestmark = [
    pytest.mark.usefixtures("traced"),
    pytest.mark.xdist_group("search"),
]


def search_score(search, X, y):
    # The user's function gets the search, whose best estimator is the real one.
    return own_score(search.best_estimator_, X, y) + search.best_index_


DRAWN = {"units": [1, 3], "epochs": [1, 2]}
CASES = {
    "one metric": (grid(), {}),
    "a pipeline": (grid(PIPELINE, PIPELINE_GRID), {"scoring": ["accuracy", "neg_log_loss"]}),
    "several metrics": (grid(scoring=["accuracy", "roc_auc"], refit="roc_auc"), {}),
    "the user's scorer": (grid(scoring=own_score), {"scoring": search_score}),
    "training scores": (grid(), {"return_train_score": True}),
    "weights": (grid(), {"params": {"sample_weight": WEIGHTS}}),
    "random": (RandomizedSearchCV(CLASSIFIER, DRAWN, n_iter=2, cv=2, random_state=4), {}),
    "callable refit": (grid(refit=lambda results: 1), {"scoring": "accuracy"}),
}


@pytest.mark.parametrize(("search", "options"), CASES.values(), ids=CASES)
def test_a_nested_cross_validation(search, options):
    options = {"cv": 2, "return_estimator": True, "error_score": "raise", **options}
    lanes = gridlanes.cross_validate(search, X, y, **options)
    other = scikit_learns(search)
    theirs = eagerly(lambda: model_selection.cross_validate(other, X, y, **options))
    for one, plain in zip(lanes.pop("estimator"), theirs.pop("estimator"), strict=True):
        assert isinstance(one, type(search))
        assert one.best_index_ == plain.best_index_
        assert type(one.best_estimator_) is type(plain.best_estimator_)
        np.testing.assert_allclose(one.predict_proba(X), plain.predict_proba(X), atol=1e-6)
        np.testing.assert_allclose(one.score(X, y), plain.score(X, y), atol=1e-6)
        # It can be used again like any other.
        assert "fit" not in vars(one)
    assert_equal_results(lanes, theirs)


@pytest.fixture
def routed():
    """A search whose splitter takes groups, and whose network and scorer take weights."""
    with config_context(enable_metadata_routing=True):
        scorer = get_scorer("neg_log_loss").set_score_request(sample_weight=True)
        estimator = clone(CLASSIFIER).set_fit_request(sample_weight=True)
        yield grid(estimator, scoring=scorer, cv=model_selection.GroupKFold(2))


def test_groups_and_weights_go_to_outer_and_inner_folds(routed):
    own = {"groups": GROUPS, "sample_weight": WEIGHTS}
    options = {"cv": model_selection.GroupKFold(2), "params": own, "error_score": "raise"}
    lanes = gridlanes.cross_validate(routed, X, y, **options)
    other = scikit_learns(routed)
    theirs = eagerly(lambda: model_selection.cross_validate(other, X, y, **options))
    assert_equal_results(lanes, theirs)
    unweighted = {**options, "params": {**own, "sample_weight": np.ones(len(y))}}
    plain = gridlanes.cross_validate(routed, X, y, **unweighted)
    assert (abs(plain["test_score"] - lanes["test_score"]) > 1e-4).all()


class Threshold(KerasClassifier):
    """Predicts by a rule of its own."""

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.6).astype(int)]


class Noting(GridSearchCV):
    """Does more when it is fitted."""

    def fit(self, X, y=None, **params):
        super().fit(X, y, **params)
        self.noted_ = len(X)
        return self


class Twice(GridSearchCV):
    """Goes through its candidates by itself."""

    def _run_search(self, evaluate_candidates):
        evaluate_candidates([{"units": 1}])
        evaluate_candidates([{"units": 3}])


def test_subclasses_do_what_is_their_own():
    own = Threshold(build, **OPTIONS)
    options = {"cv": 2, "scoring": "accuracy"}
    ours = gridlanes.cross_val_score(own, X, y, **options)
    theirs = eagerly(lambda: model_selection.cross_val_score(own, X, y, **options))
    np.testing.assert_allclose(ours, theirs)
    assert (ours != gridlanes.cross_val_score(CLASSIFIER, X, y, **options)).any()
    noting = Noting(CLASSIFIER, {"units": [1, 3]}, cv=2)
    outer = gridlanes.cross_validate(noting, X, y, cv=2, return_estimator=True)
    assert [own.noted_ for own in outer["estimator"]] == [30, 30]
    twice = Twice(CLASSIFIER, {}, cv=2, scoring="neg_log_loss").fit(X, y)
    plain = grid(param_grid={"units": [1, 3]}).fit(X, y)
    for fold in ("split0_test_score", "split1_test_score"):
        np.testing.assert_allclose(twice.cv_results_[fold], plain.cv_results_[fold], atol=1e-6)


def test_names_of_columns_are_those_of_what_went_in():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    before = PCA(3).set_output(transform="pandas")
    pipeline = make_pipeline(before, CLASSIFIER)
    search = grid(pipeline, PIPELINE_GRID)
    outer = gridlanes.cross_validate(search, frame, y, cv=2, return_estimator=True)
    for own in outer["estimator"]:
        assert own.feature_names_in_.tolist() == ["a", "b", "c"]
        assert own.best_estimator_[-1].feature_names_in_.tolist() == ["pca0", "pca1", "pca2"]


def test_inner_splits_may_be_an_iterator():
    inner = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(20))]
    options = {"cv": 3, "error_score": "raise"}
    listed = gridlanes.cross_val_score(grid(cv=inner), X, y, **options)
    iterated = gridlanes.cross_val_score(grid(cv=iter(inner)), X, y, **options)
    np.testing.assert_array_equal(listed, iterated)


def test_all_fits_are_one_plan():
    outcome = gridlanes.cross_validate(grid(), X, y, cv=3, return_fit_report=True)
    # Two candidates on two inner folds, and the refit, in each of three outer folds.
    assert outcome["fit_report"].asked == 3 * (2 * 2 + 1)
    assert outcome["fit_report"].trained == 3 * (2 * 2 + 1)


def test_a_finished_search_can_be_fitted_again():
    outcome = gridlanes.cross_validate(grid(), X, y, cv=2, return_estimator=True)
    again = outcome["estimator"][0].fit(X, y)
    np.testing.assert_array_equal(again.predict(X), grid().fit(X, y).predict(X))


def test_scores_and_predictions():
    other = scikit_learns(grid())
    for name, options in (
        ("cross_val_score", {}),
        ("cross_val_predict", {"method": "predict_proba"}),
    ):
        ours = getattr(gridlanes, name)(grid(), X, y, cv=2, **options)
        theirs = eagerly(lambda: getattr(model_selection, name)(other, X, y, cv=2, **options))  # noqa: B023
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_fold_whose_search_fails():
    # The second outer fold trains on one class only.
    splits = [(np.arange(60), np.arange(30)), (np.flatnonzero(y == 0), np.flatnonzero(y == 1))]
    with pytest.warns(FitFailedWarning, match="1 fits failed out of a total of 2"):
        ours = gridlanes.cross_validate(grid(), X, y, cv=splits)
    assert np.isnan(ours["test_score"]).tolist() == [False, True]
    with pytest.raises(ValueError, match="only when one class|only one class|fits failed"):
        gridlanes.cross_validate(grid(), X, y, cv=splits, error_score="raise")


def test_a_search_of_ours_around_another_estimator_is_left_to_scikit_learn():
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2)
    ours = gridlanes.cross_val_score(search, X, y, cv=3)
    theirs = model_selection.cross_val_score(scikit_learns(search), X, y, cv=3)
    np.testing.assert_array_equal(ours, theirs)


def test_best_scores_on_permuted_labels():
    best = gridlanes.permuted_best_scores(grid(), X, y, permutations=2, seed=5)
    generator = np.random.default_rng(5)
    plain = [
        eagerly(lambda labels=labels: scikit_learns(grid(refit=False)).fit(X, labels).best_score_)
        for labels in (y[generator.permutation(len(y))] for _ in range(2))
    ]
    np.testing.assert_allclose(best, plain, atol=1e-6)
    other = GridSearchCV(DummyClassifier(), {"constant": [None]}, cv=2)
    assert (gridlanes.permuted_best_scores(other, X, y, permutations=2) <= 1).all()


def test_groups_exchange_labels(routed):
    group = np.arange(len(y)) // 3
    labels, own = y[group], {"groups": group, "sample_weight": WEIGHTS}
    best = gridlanes.permuted_best_scores(
        routed, X, labels, permutations=2, seed=5, groups=group, params=own
    )
    generator = np.random.default_rng(5)
    of_groups = [y[generator.permutation(20)] for _ in range(2)]
    other = scikit_learns(routed).set_params(refit=False)
    plain = [
        eagerly(lambda new=new: clone(other).fit(X, new[group], **own).best_score_)
        for new in of_groups
    ]
    np.testing.assert_allclose(best, plain, atol=1e-6)


@pytest.mark.parametrize(
    ("groups", "says"),
    [(GROUPS, "found 3 with several"), (GROUPS[1:], "groups must have 60 rows, as y has; found")],
)
def test_labels_that_cannot_be_exchanged(groups, says):
    with pytest.raises(ParameterError, match=says):
        gridlanes.permuted_best_scores(grid(), X, y, groups=groups)


@pytest.mark.parametrize(
    "search",
    [CLASSIFIER, grid(scoring=["accuracy"], refit=False), scikit_learns(grid())],
    ids=["no search", "several metrics", "scikit-learn's"],
)
def test_only_a_search_with_one_score_is_permuted(search):
    with pytest.raises(ParameterError, match="one scorer, given by name; found"):
        gridlanes.permuted_best_scores(search, X, y)


@pytest.mark.parametrize("permutations", [0, -1, 2.5])
def test_permutations_are_counted(permutations):
    with pytest.raises(ParameterError, match="permutations must be a whole number of at least 1"):
        gridlanes.permuted_best_scores(grid(), X, y, permutations=permutations)


def test_memory_serves_all_outer_folds(tmp_path):
    search = grid(memory=tmp_path / "fits.sqlite")
    options = {"cv": 2, "return_fit_report": True}
    first = gridlanes.cross_validate(search, X, y, **options)
    again = gridlanes.cross_validate(search, X, y, **options)
    assert (first["fit_report"].found, again["fit_report"].trained) == (0, 0)
    np.testing.assert_array_equal(first["test_score"], again["test_score"])


def test_an_outer_fold_does_not_see_its_test_rows():
    """Changing them changes neither what is chosen nor a bit of what is trained."""
    splits = [(np.arange(40), np.arange(40, 60))]
    spoilt, labels = X.copy(), y.copy()
    spoilt[40:] = 1e6
    labels[40:] = 1 - labels[40:]
    search = grid(PIPELINE, PIPELINE_GRID)
    first, second = (
        gridlanes.cross_validate(search, *data, cv=splits, return_estimator=True)["estimator"][0]
        for data in ((X, y), (spoilt, labels))
    )
    assert first.best_score_ == second.best_score_
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


def test_seeds_are_repeated_inside():
    search = grid(KerasClassifier(build, epochs=1, optimizer="sgd", random_state=3), seeds=[1, 2])
    outcome = gridlanes.cross_validate(
        search, X, y, cv=2, return_estimator=True, return_fit_report=True
    )
    assert outcome["fit_report"].asked == 2 * (2 * 2 * 2 + 1)
    assert "split1_seed2_test_score" in outcome["estimator"][0].cv_results_
