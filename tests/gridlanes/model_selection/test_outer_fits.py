"""Networks inside other estimators: as fitted one by one, and yet trained side by side."""

import pickle
from contextlib import suppress

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn import model_selection
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    RandomForestClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.exceptions import FitFailedWarning
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import (
    FixedThresholdClassifier,
    KFold,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from small_search import (
    CLASSIFIER,
    GRID,
    LABELS,
    REGRESSOR,
    TARGETS,
    WEIGHTS,
    X,
    assert_equal_results,
    eagerly,
    scikit_learns,
    without_graph,
    y,
)

import gridlanes
from gridlanes import CannotRideError, GridSearchCV, KerasClassifier
from gridlanes.estimators.pending_fit import Arrays
from gridlanes.model_selection.outer_pass import Given, Pass

pytestmark = [
    pytest.mark.usefixtures("traced"),
    pytest.mark.xdist_group("search"),
]

TWO = np.c_[y, X[:, 1] > 0].astype(int)
ONE_TARGET = TARGETS[:, 0]
PART_OF_LABELS = np.where(np.arange(len(y)) % 3 == 0, -1, y)
QUICK = clone(CLASSIFIER).set_params(optimizer="adam", optimizer__learning_rate=0.1, epochs=5)
SCALED = make_pipeline(StandardScaler(), CLASSIFIER)
STACK = StackingClassifier(
    [("own", CLASSIFIER), ("other", LogisticRegression())], clone(CLASSIFIER), cv=2
)


def importance(network):
    return np.abs(network.model_.get_weights()[0]).sum(axis=1)


#: estimator, targets, how many networks a fit of it trains
INSIDE = {
    "AdaBoostClassifier": (AdaBoostClassifier(QUICK, n_estimators=2, random_state=0), y, 2),
    "AdaBoostRegressor": (
        AdaBoostRegressor(REGRESSOR, n_estimators=2, random_state=0),
        ONE_TARGET,
        2,
    ),
    "BaggingClassifier": (BaggingClassifier(SCALED, n_estimators=3, random_state=1), y, 3),
    "BaggingRegressor": (
        BaggingRegressor(REGRESSOR, n_estimators=3, max_features=0.7, random_state=1, n_jobs=2),
        ONE_TARGET,
        3,
    ),
    "CalibratedClassifierCV": (CalibratedClassifierCV(SCALED, cv=2, n_jobs=2), y, 2),
    "calibrated without ensemble": (CalibratedClassifierCV(CLASSIFIER, cv=2, ensemble=False), y, 3),
    "calibrated in a stack": (
        StackingClassifier([("own", CalibratedClassifierCV(CLASSIFIER, cv=2))], cv=2),
        y,
        6,
    ),
    "ClassifierChain": (ClassifierChain(CLASSIFIER, cv=2), TWO, 4),
    "FixedThresholdClassifier": (FixedThresholdClassifier(CLASSIFIER, threshold=0.4), y, 1),
    "a search of scikit-learn's": (model_selection.GridSearchCV(CLASSIFIER, GRID, cv=2), y, 5),
    "a search": (make_pipeline(StandardScaler(), GridSearchCV(CLASSIFIER, GRID, cv=2)), y, 5),
    "MultiOutputClassifier": (MultiOutputClassifier(CLASSIFIER), TWO, 2),
    "MultiOutputRegressor": (MultiOutputRegressor(REGRESSOR, n_jobs=2), TARGETS, 2),
    "OneVsOneClassifier": (OneVsOneClassifier(CLASSIFIER), LABELS, 3),
    "OneVsRestClassifier": (OneVsRestClassifier(CLASSIFIER), LABELS, 3),
    "OutputCodeClassifier": (OutputCodeClassifier(CLASSIFIER, random_state=0), LABELS, 2),
    "RegressorChain": (RegressorChain(REGRESSOR), TARGETS, 2),
    "SelectFromModel": (
        make_pipeline(
            SelectFromModel(CLASSIFIER, importance_getter=importance, max_features=2), CLASSIFIER
        ),
        y,
        2,
    ),
    "SelfTrainingClassifier": (
        SelfTrainingClassifier(CLASSIFIER, threshold=0.55, max_iter=2),
        PART_OF_LABELS,
        None,
    ),
    "StackingClassifier": (STACK, y, 4),
    "StackingRegressor": (StackingRegressor([("own", REGRESSOR)], cv=2), ONE_TARGET, 3),
    "TransformedTargetRegressor": (
        TransformedTargetRegressor(REGRESSOR, transformer=StandardScaler()),
        TARGETS,
        1,
    ),
    "a function of the target": (
        make_pipeline(
            StandardScaler(),
            TransformedTargetRegressor(REGRESSOR, func=np.log1p, inverse_func=np.expm1),
        ),
        np.abs(ONE_TARGET),
        1,
    ),
    "TunedThresholdClassifierCV": (TunedThresholdClassifierCV(CLASSIFIER, cv=2), y, 3),
    "VotingClassifier": (
        VotingClassifier(
            [
                ("own", CLASSIFIER),
                ("wide", clone(CLASSIFIER).set_params(units=5)),
                ("forest", RandomForestClassifier(5, random_state=0, n_jobs=2)),
            ],
            voting="soft",
        ),
        y,
        2,
    ),
    "VotingRegressor": (
        VotingRegressor([("own", REGRESSOR), ("b", LinearRegression())]),
        ONE_TARGET,
        1,
    ),
}


def alone(estimator):
    """Return an estimator that starts no processes, which take seconds to load Keras."""
    names = [name for name in estimator.get_params() if name.split("__")[-1] == "n_jobs"]
    return clone(estimator).set_params(**dict.fromkeys(names))


def responses(estimator):
    names = ("predict", "predict_proba", "decision_function")
    with joblib.parallel_config("sequential"):
        found = [getattr(estimator, name)(X) for name in names if hasattr(estimator, name)]
    return [np.asarray(own) for own in found if np.asarray(own).dtype.kind == "f"]


@pytest.mark.parametrize(
    ("name", "float_type", "tolerance"),
    [
        ("StackingClassifier", "float32", 1e-5),
        # What is fitted to predictions can be ill-conditioned: a calibration makes 1e-4 of 1e-7.
        *(pytest.param(name, "float64", 1e-9, marks=pytest.mark.soak) for name in INSIDE),
    ],
    indirect=["float_type"],
)
def test_networks_inside(name, float_type, tolerance):
    estimator, targets, networks = INSIDE[name]
    options = {"cv": KFold(2), "return_train_score": True, "return_estimator": True}
    ours = gridlanes.cross_validate(
        estimator, X, targets, engine="lanes", return_fit_report=True, **options
    )
    report = ours.pop("fit_report")
    theirs = eagerly(
        lambda: model_selection.cross_validate(alone(estimator), X, targets, **options)
    )
    for one, other in zip(ours.pop("estimator"), theirs.pop("estimator"), strict=True):
        for own, plain in zip(responses(one), responses(other), strict=True):
            np.testing.assert_allclose(own, plain, rtol=tolerance, atol=tolerance / 10)
    assert_equal_results(ours, theirs)
    assert report.failed == report.by_reference == report.one_by_one == 0
    assert networks is None or report.asked == report.trained == 2 * networks


def test_a_stack_that_knows_only_when_it_is_fitted_what_it_can_be_asked():
    stack = StackingClassifier([("own", CLASSIFIER)], cv=2)
    options = {"cv": 2, "scoring": "neg_log_loss", "refit": False}
    search = GridSearchCV(stack, {"own__units": [1, 3]}, **options)
    lanes = clone(search).set_params(engine="lanes").fit(X, y)
    other = scikit_learns(search)
    eagerly(lambda: other.fit(X, y))
    assert_equal_results(lanes.cv_results_, other.cv_results_)


def test_a_search_with_weights():
    estimator, targets, _ = INSIDE["a function of the target"]
    prefix = "transformedtargetregressor__"
    search = GridSearchCV(
        estimator, {f"{prefix}regressor__units": [1, 3]}, cv=2, return_train_score=True
    )
    params = {f"{prefix}sample_weight": WEIGHTS}
    lanes = clone(search).set_params(engine="lanes").fit(X, targets, **params)
    other = scikit_learns(search)
    eagerly(lambda: other.fit(X, targets, **params))
    assert_equal_results(lanes.cv_results_, other.cv_results_)
    assert vars(lanes).keys() - vars(other).keys() >= {"fit_report_", "timings_"}
    assert not hasattr(lanes, "histories_")
    np.testing.assert_allclose(lanes.predict(X), other.predict(X), rtol=1e-5, atol=1e-6)
    network = lanes.best_estimator_[-1].regressor_
    assert vars(network).keys() == vars(other.best_estimator_[-1].regressor_).keys()
    again = pickle.loads(pickle.dumps(lanes.best_estimator_))
    np.testing.assert_array_equal(again.predict(X), lanes.predict(X))
    unweighted = clone(search).set_params(engine="lanes").fit(X, targets)
    assert (unweighted.cv_results_["mean_test_score"] != other.cv_results_["mean_test_score"]).all()


def test_weights_that_are_routed():
    with sklearn.config_context(enable_metadata_routing=True):
        network = clone(CLASSIFIER).set_fit_request(sample_weight=True)
        search = GridSearchCV(FixedThresholdClassifier(network, threshold=0.4), {}, cv=2)
        scorer = sklearn.metrics.get_scorer("neg_log_loss").set_score_request(sample_weight=True)
        search.set_params(engine="lanes", scoring=scorer).fit(X, y, sample_weight=WEIGHTS)
        other = scikit_learns(search)
        eagerly(lambda: other.fit(X, y, sample_weight=WEIGHTS))
        ours = search.cv_results_
        assert ours.pop("n_weights").shape == ours.pop("n_steps").shape == (1,)
        assert_equal_results(ours, other.cv_results_)
        search.set_params(estimator__estimator=CLASSIFIER)
        with pytest.raises(CannotRideError, match="not explicitly set as requested"):
            search.fit(X, y, sample_weight=WEIGHTS)


def test_pipelines_in_a_pipeline():
    estimator = make_pipeline(StandardScaler(), make_pipeline(PolynomialFeatures(), CLASSIFIER))
    param_grid = {
        "pipeline__kerasclassifier__units": [3],
        "pipeline__polynomialfeatures__degree": [1, 2],
    }
    search = GridSearchCV(estimator, param_grid, cv=2, scoring="neg_log_loss", engine="lanes")
    search.fit(X, y)
    other = scikit_learns(search)
    eagerly(lambda: other.fit(X, y))
    ours = dict(search.cv_results_)
    # The network is the search's own, as that of a pipeline is.
    assert ours.pop("n_weights").shape == ours.pop("n_steps").shape == (2,)
    assert_equal_results(ours, other.cv_results_)
    np.testing.assert_allclose(search.predict_proba(X), other.predict_proba(X), atol=1e-6)
    assert repr(search.best_estimator_) == repr(other.best_estimator_)
    assert len(search.histories_) == 2


def test_programs_and_fits_are_in_the_plan(tmp_path):
    search = GridSearchCV(
        STACK, {"own__units": [1]}, cv=2, refit=False, engine="lanes", memory=tmp_path
    )
    plan = search.plan(X, y)
    # For each fold one on all rows, and two for predictions.
    assert [len(group.planned_lanes) for group in plan.groups] == [6]
    assert (
        "2 fits may ask for more when these are trained: StackingClassifier asks networks before "
        "it is fitted"
    ) in str(plan)
    assert str(search.fit(X, y).fit_report_).startswith("8 fits: 0 found, 8 trained")
    again = clone(search).fit(X, y)
    assert str(again.fit_report_).startswith("8 fits: 8 found, 0 trained")
    np.testing.assert_array_equal(
        again.cv_results_["mean_test_score"], search.cv_results_["mean_test_score"]
    )


@pytest.mark.parametrize(
    ("estimator", "name", "values", "message"),
    [
        (
            StackingRegressor([("own", REGRESSOR)], cv=2),
            "own__units",
            [0, 3],
            "0 units are too few",
        ),
        (
            TransformedTargetRegressor(clone(REGRESSOR).set_params(epochs=3)),
            "regressor__optimizer__learning_rate",
            [1e30, 0.01],
            "the loss became nan",
        ),
    ],
    ids=["asks", "asks nothing"],
)
def test_an_error_inside_one_candidate_is_its_own(estimator, name, values, message):
    search = GridSearchCV(estimator, {name: values}, cv=2)
    with (
        pytest.warns(FitFailedWarning, match=f"(?s)2 fits failed out of a total of 4.*{message}"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search.fit(X, ONE_TARGET)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [True, False]


def test_rows_that_will_be_asked_about_come_with_the_training():
    rows = X[:5]
    # One that stops, and one that is run to its end.
    for estimator, wanted in ((STACK, rows), (BaggingClassifier(SCALED, 2), None)):
        own = Pass({}, Arrays(), None)
        own.run(clone(estimator), Given(X, y, {}, {"test": rows}))
        for pending in own.new:
            *_, last = pending.wanted.values()
            assert last.shape == rows.shape
            assert wanted is None or np.allclose(last, wanted)


class Twice(ClassifierMixin, BaseEstimator):
    """Fits a network, and another one to what the first one says."""

    def __init__(self, network=None, seed=None, catching=None):
        self.network, self.seed, self.catching = network, seed, catching

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        order = np.random.default_rng(self.seed).permutation(len(X))
        self.first_ = clone(self.network).fit(X[order], y[order])
        said = np.zeros(len(X))
        with suppress(self.catching or ()):
            said = self.first_.predict_proba(X)[:, 1]
        self.second_ = clone(self.network).fit(np.c_[X, said], y)
        return self

    def predict_proba(self, X):
        return self.second_.predict_proba(np.c_[X, self.first_.predict_proba(X)[:, 1]])


def by_names():
    """A network whose inputs tell apart which columns they are given."""
    inputs = {name: keras.Input((1,), name=name) for name in "ab"}
    units = [
        keras.layers.Dense(1, kernel_initializer=keras.initializers.Constant(weight))(inputs[name])
        for name, weight in (("a", 1.0), ("b", 5.0))
    ]
    return keras.Model(inputs, keras.layers.Activation("sigmoid")(keras.layers.add(units)))


class Renamed(ClassifierMixin, BaseEstimator):
    """Fits a network to a table, and one to the same numbers under each other's names."""

    def __init__(self, network):
        self.network = network

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.networks_ = [clone(self.network).fit(table, y) for table in self._tables(X)]
        return self

    def predict_proba(self, X):
        pairs = zip(self.networks_, self._tables(X), strict=True)
        first, second = (network.predict_proba(table) for network, table in pairs)
        return 0.8 * first + 0.2 * second

    @staticmethod
    def _tables(X):
        return X, X.set_axis(X.columns[::-1], axis=1)


def test_columns_go_to_the_inputs_of_their_names():
    table = pd.DataFrame(X[:, :2], columns=["b", "a"])
    network = KerasClassifier(by_names, batch_size=30, optimizer="sgd", random_state=3)
    for ours in (CalibratedClassifierCV(network, cv=2), Renamed(network)):
        with without_graph():
            theirs = clone(ours).fit(table, y).predict_proba(table)
        search = GridSearchCV(ours, {}, cv=2, scoring="neg_log_loss").fit(table, y)
        np.testing.assert_allclose(search.predict_proba(table), theirs, rtol=0, atol=1e-5)


def test_an_estimator_that_catches_everything_gets_what_its_network_says():
    scores = [
        gridlanes.cross_val_score(
            Twice(CLASSIFIER, 0, catching), X, y, cv=2, scoring="neg_log_loss"
        )
        for catching in (None, BaseException)
    ]
    np.testing.assert_array_equal(*scores)


def test_an_estimator_that_does_not_repeat_itself():
    options = {"cv": 2, "scoring": "neg_log_loss", "return_fit_report": True}
    results = gridlanes.cross_validate(Twice(CLASSIFIER), X, y, error_score="raise", **options)
    report = results["fit_report"]
    # The first ones of each fold are in vain.
    assert str(report).endswith("4 one by one")
    assert report.asked == report.trained == 6
    # Nor does it loop for ever where its networks fail, or hide what ends the search.
    unlike = clone(CLASSIFIER).set_params(units=0)
    with pytest.raises(ValueError, match="All the 2 fits failed"):
        gridlanes.cross_validate(Twice(unlike), X, y, **options)
    unlike.set_params(units=3, optimizer__loss_scale_factor=2.0)
    with pytest.raises(CannotRideError, match="loss_scale_factor"):
        gridlanes.cross_validate(Twice(unlike), X, y, engine="lanes", **options)


def test_what_is_drawn_without_a_seed_is_drawn_once():
    fresh = clone(CLASSIFIER).set_params(random_state=None)
    estimator = CalibratedClassifierCV(fresh, cv=KFold(2, shuffle=True))
    report = gridlanes.cross_validate(estimator, X, y, cv=2, return_fit_report=True)["fit_report"]
    # Other folds or seeds would be other fits in each pass.
    assert report.asked == report.trained == 4
    assert report.one_by_one == 0


def test_a_search_of_searches_and_its_nested_cross_validation():
    inner = GridSearchCV(CLASSIFIER, GRID, cv=2, scoring="neg_log_loss")
    search = GridSearchCV(inner, {"estimator__epochs": [1]}, cv=2, scoring="neg_log_loss")
    results = gridlanes.cross_validate(
        search, X, y, cv=2, return_estimator=True, return_fit_report=True
    )
    assert results["fit_report"].asked == 2 * 2 * 5 + 2 * 5
    best = results["estimator"][0].best_estimator_
    assert "by scikit-learn: its networks are trained together" in str(best.fit_report_)
    # What is handed out is an ordinary network.
    assert {"model_", "history_"} <= vars(best.best_estimator_).keys()
    assert "_pending" not in vars(best.best_estimator_)
