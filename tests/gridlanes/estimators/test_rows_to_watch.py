"""Rows that a fit watches, given as Keras takes them: ``validation_data``."""

import keras
import numpy as np
import pytest
from sklearn import model_selection
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from small_fits import X, Y, classifier, network

import gridlanes
from gridlanes import GridSearchCV, KerasRegressor, ParameterError

pytestmark = [
    pytest.mark.usefixtures("eager", "traced"),
    # One worker traces the programs that these tests share.
    pytest.mark.xdist_group("habits"),
]


def test_rows_to_watch_go_through_the_transformer_and_have_labels():
    names = np.array(["no", "yes"])[Y]
    scaled = make_pipeline(OneHotEncoder())
    groups = np.char.add("g", (np.arange(60) % 4).astype(str))[:, None]
    ours = classifier(preprocessing=OneHotEncoder(sparse_output=False))
    ours.fit(groups, names, validation_data=(groups[:9], names[:9]))
    dense = scaled.fit_transform(groups).toarray()
    same = classifier().fit(dense, Y, validation_data=(dense[:9], Y[:9]))
    assert ours.history_ == same.history_
    with pytest.raises(
        ValueError, match="Found unknown categories in y, as 'maybe'; the classes are 'no', 'yes'"
    ):
        ours.fit(groups, names, validation_data=(groups[:1], ["maybe"]))
    with pytest.raises(ParameterError, match="validation_data must be"):
        ours.fit(groups, names, validation_data=groups)


def test_rows_to_watch_in_a_search_are_said_to_be_the_same_in_every_fold():
    search = GridSearchCV(classifier(), {"hidden": [3]}, cv=2, refit=False, engine="lanes")
    with pytest.warns(UserWarning, match="watched by every fit of the search") as said:
        search.fit(X, Y, epochs=1, validation_data=(X[:9], Y[:9]))
    assert sum("watched by every fit" in str(one.message) for one in said) == 1
    assert all("val_loss" in kept for kept in search.histories_[0])


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((X[:9], Y[:8]), "^validation_data: 9 rows and 8 targets$"),
        (
            (X[:9, :2], Y[:9]),
            "^validation_data: X has 2 features, but KerasClassifier is expecting",
        ),
        ((X[:9], Y[:9] + 5), "^validation_data: Found unknown categories in y, as"),
        ((X[:9], Y[:9], np.ones(8)), r"^validation_data: sample_weight must have shape \(9,\)"),
        (X[:9], "^validation_data must be "),
    ],
)
@pytest.mark.filterwarnings("ignore:the rows of validation_data are watched")
def test_rows_that_no_fit_of_a_search_can_watch(rows, says):
    def never():
        raise AssertionError("a network is built")

    ours = classifier(never)
    search = GridSearchCV(ours, {"epochs": [1, 2]}, cv=2)
    in_pipeline = make_pipeline(StandardScaler(), ours)
    for use in (
        lambda: ours.fit(X, Y, validation_data=rows),
        lambda: search.fit(X, Y, validation_data=rows),
        lambda: gridlanes.cross_val_score(
            in_pipeline, X, Y, cv=2, params={"kerasclassifier__validation_data": rows}
        ),
    ):
        with pytest.raises(ParameterError, match=says) as caught:
            use()
        assert "\n" not in str(caught.value)


def test_one_column_of_targets_to_watch_is_one_target():
    numbers = X[:, 0]
    settings = {"loss": "mse", "random_state": 0}
    one, other = (KerasRegressor(lambda: network(last=None), **settings) for _ in range(2))
    one.fit(X, numbers, validation_data=(X[:9], numbers[:9, None]))
    other.fit(X, numbers[:, None], validation_data=(X[:9], numbers[:9]))
    assert one.history_ == other.history_
    with pytest.raises(ValueError, match=r"y has rows of shape \(2,\), but KerasRegressor was"):
        one.fit(X, numbers, validation_data=(X[:9], X[:9, :2]))


def test_rows_to_watch_may_be_on_the_grid():
    stop = keras.callbacks.EarlyStopping(patience=0, restore_best_weights=True)
    grid = {"fit__validation_data": [(X, Y), (X, 1 - Y)]}
    ours = classifier(callbacks=[stop], epochs=2)
    halves = np.array_split(np.arange(60), 2)
    settings = {"cv": [halves], "scoring": "neg_log_loss", "refit": False}
    with pytest.warns(UserWarning, match="watched by every fit of the search") as said:
        search = GridSearchCV(ours, grid, engine="keras", **settings).fit(X, Y)
    assert sum("watched by every fit" in str(one.message) for one in said) == 1
    theirs = model_selection.GridSearchCV(ours, grid, **settings).fit(X, Y)
    scores = theirs.cv_results_["mean_test_score"]
    assert scores[0] > scores[1]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], scores, atol=1e-5)


@pytest.mark.filterwarnings("ignore:the rows of validation_data are watched")
def test_weights_of_rows_to_watch_count_in_a_short_last_batch():
    weights = np.linspace(1, 5, 9)
    ours = classifier(fit__validation_data=(X[:9], Y[:9], weights))
    search = GridSearchCV(ours, {"batch_size": [8]}, cv=2, engine="lanes").fit(X, Y)
    best = search.best_estimator_
    said = best.model_.evaluate(X[:9], Y[:9], 8, verbose=0, sample_weight=weights, return_dict=True)
    assert best.history_["val_loss"][-1] == pytest.approx(said["loss"], rel=1e-5)
