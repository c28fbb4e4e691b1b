"""Searches over networks that begin with text: the layers before the weights once for each fold."""

import pickle

import keras
import numpy as np
import pytest
from keras import Input, layers
from sklearn import model_selection
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from small_search import without_graph
from words import COMMON, ROWS, TABLE, Y, build, small, vectorized

from gridlanes import CannotRideError, GridSearchCV, KerasClassifier, cross_val_score
from gridlanes.networks.lane import Request
from gridlanes.networks.reference import predict
from gridlanes.networks.seeding import seeded
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.fronts import Fronts

pytestmark = [pytest.mark.usefixtures("traced"), pytest.mark.xdist_group("search")]

WORDS = KerasClassifier(small, **COMMON)
SCORING = "neg_log_loss"
#: The first of its splits.
HALF = [next(model_selection.StratifiedKFold(2).split(TABLE, Y))]


def search(grid, estimator=WORDS, **options):
    return GridSearchCV(
        estimator, grid, **{"cv": 2, "scoring": SCORING, "engine": "lanes", **options}
    )


@pytest.fixture(scope="module")
def adapted():
    """The numbers of rows that lookups have been adapted to."""
    rows, kind = [], keras.layers.StringLookup
    with pytest.MonkeyPatch.context() as patch:
        adapt = kind.adapt

        def count(layer, data):
            rows.append(len(data))
            adapt(layer, data)

        patch.setattr(kind, "adapt", count)
        yield rows


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def searched(adapted, memory):
    own = search({"units": [2, 3]}, memory=memory).fit(TABLE, Y)
    # Once for each fold, for the refit, and for its model.
    assert adapted == [ROWS // 2, ROWS // 2, ROWS, ROWS]
    return own


def test_lanes_are_model_fit(searched):
    with without_graph():
        plain = clone(searched.best_estimator_).fit(TABLE, Y)
        (score,) = cross_val_score(plain, TABLE, Y, cv=HALF, scoring=SCORING, engine="keras")
    expected = plain.predict_proba(TABLE)
    np.testing.assert_allclose(searched.predict_proba(TABLE), expected, rtol=1e-5, atol=1e-5)
    number = [2, 3].index(searched.best_params_["units"])
    np.testing.assert_allclose(searched.cv_results_["split0_test_score"][number], score, rtol=1e-5)


@pytest.mark.soak
@pytest.mark.parametrize("float_type", ["float64", "float32"], indirect=True)
def test_every_layer_rides(float_type):
    own = search({"units": [2, 3]}, KerasClassifier(build, **COMMON))
    assert all(one.agrees for one in own.audit(TABLE, Y, fits=4))


def test_candidates_share_a_program_and_their_folds(searched):
    said = str(search({"units": [2, 3]}).plan(TABLE, Y))
    assert said.startswith("1 program, 2 runs, 4 lanes")
    assert "2 folds" in said
    # What layers make of them is told by the layers.
    plan = search({"tokens": [3, 6]}).plan(TABLE, Y)
    rows = {id(own.lane.X) for group in plan.groups for own in group.planned_lanes}
    assert len(rows) == 4
    assert "2 folds" in str(plan)


def test_neighbours_change_no_bit(searched):
    alone = search({"units": [3]}, cv=HALF, refit=False).fit(TABLE, Y)
    assert alone.cv_results_["mean_test_score"][0] == searched.cv_results_["split0_test_score"][1]


def test_a_dict_is_searched_as_a_table(searched, memory):
    given = {name: TABLE[name] for name in reversed(TABLE.columns)}
    again = search({"units": [2, 3]}, memory=memory).fit(given, Y)
    assert again.fit_report_.found == 4
    assert again.fit_report_.refit == "found"
    for column in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(again.cv_results_[column], searched.cv_results_[column])
    np.testing.assert_array_equal(again.predict_proba(given), searched.predict_proba(TABLE))


def test_fits_on_other_words_are_others(searched, memory):
    """A word in the rows of one fold, which is tested on in the other."""
    other = TABLE.assign(city=np.where(np.arange(ROWS) == 0, "Riga", TABLE["city"]))
    again = search({"units": [2]}, memory=memory, refit=False)
    assert again.fit(other, Y).fit_report_.found == 0


def test_the_best_model_is_a_whole_one(searched):
    model = searched.best_estimator_.model_
    assert [own.name for own in model.inputs] == ["age", "city", "text"]
    alone = keras.layers.StringLookup()
    alone.adapt(TABLE[["city"]].to_numpy())
    assert model.get_layer("cities").get_vocabulary() == alone.get_vocabulary()
    packed = pickle.loads(pickle.dumps(searched.best_estimator_))
    np.testing.assert_array_equal(packed.predict_proba(TABLE), searched.predict_proba(TABLE))


def test_a_fold_without_words_fails_alone():
    halves = np.split(np.arange(ROWS), 2)
    table = TABLE.assign(text=np.where(np.arange(ROWS) < ROWS // 2, TABLE["text"], "?!"))
    options = {"cv": [halves, halves[::-1]], "refit": False, "error_score": 9}
    own = search({"units": [2, 3]}, engine="auto", **options)
    with without_graph(), pytest.warns(FitFailedWarning, match="finds no vocabulary in the rows"):
        own.fit(table, Y)
    assert (own.cv_results_["split0_test_score"] < 0).all()
    assert own.cv_results_["split1_test_score"].tolist() == [9, 9]


class Own(keras.callbacks.Callback):
    """Looks at the whole model."""


@pytest.mark.parametrize(
    ("estimator", "says"),
    [
        (KerasClassifier(vectorized, callbacks=[Own()], **COMMON), "a callback of your own sees"),
        (KerasClassifier(vectorized, ragged=True, **COMMON), "puts out no plain tensor"),
    ],
)
def test_what_stays_whole_says_why(estimator, says):
    with pytest.raises(CannotRideError, match=says):
        search({}, estimator).plan(TABLE["text"], Y)


def test_numbers_go_to_the_inputs_of_their_names():
    """And those of a dict."""

    def named():
        sides = {name: Input((1,), name=name) for name in ("pay", "age")}
        x = layers.Concatenate()([sides["pay"], sides["age"]])
        return keras.Model(sides, layers.Dense(1, "sigmoid")(x))

    numbers = TABLE[["age", "shop", "pay"]]
    estimator = KerasClassifier(named, **COMMON)
    request = Request(estimator.lane(estimator.prepare(numbers, Y)))
    rest = Fronts(Survey()).taken_off(request).lane
    np.testing.assert_array_equal(rest.X, numbers[["pay", "age"]].to_numpy("float32"))
    models = [seeded(own.build, 0) for own in (rest, request.lane)]
    np.testing.assert_array_equal(
        predict(models[0], rest.X), predict(models[1], request.lane.X, request.lane.columns)
    )
