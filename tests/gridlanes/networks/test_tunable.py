"""What a build function for KerasTuner asks for is found, built and told apart."""

import pickle

import cloudpickle
import keras
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from tunable_cases import MODEL, X, Y, asked, classifier

from gridlanes import GridSearchCV, KerasClassifier, ParameterError, Tunable

pytestmark = pytest.mark.usefixtures("traced", "eager")


def conditional(hp):
    kind = hp.Choice("kind", ["small", "large"])
    units = hp.Int("units", 4, 6, parent_name="kind", parent_values=["large"])
    layers = [keras.layers.Dense(units or 2, name=kind), keras.layers.Dense(1, "sigmoid")]
    return keras.Sequential([keras.Input((3,)), *layers])


def test_what_is_not_active_makes_no_other_fit():
    model = Tunable(conditional)
    search = GridSearchCV(classifier(model), model.param_distributions, cv=2, engine="lanes")
    lanes = [lane for group in search.plan(X, Y).groups for lane in group.planned_lanes]
    # Of six candidates, the three small ones are one.
    assert len(lanes) == (1 + 3) * 2
    scores = search.fit(X, Y).cv_results_["mean_test_score"][:3]
    assert len({*scores}) == 1


def test_a_branch_that_was_not_found_is_an_error_that_says_so():
    model = Tunable(
        lambda hp: [hp.Boolean("a"), hp.Boolean("b")] == [True, True] and hp.Int("c", 1, 2)
    )
    assert list(model.param_distributions) == ["a", "b"]
    with pytest.raises(ParameterError, match=r"'c' in a branch that was not found.*'b': True"):
        model(a=True, b=True)


def test_what_is_asked_for_in_a_branch_is_found_beside_what_led_to_it():
    def ask(hp):
        if hp.Choice("kind", ["a", "b", "c"]) == "c" and hp.Int("depth", 1, 9) > 5:
            hp.Boolean("deep")
        hp.Int("units", 1, 3, parent_name="kind", parent_values=["b"])
        if hp.values.get("units") == 3:
            hp.Boolean("wide")

    assert list(asked(ask)) == ["kind", "units", "depth", "wide", "deep"]


def test_a_misspelt_name_is_an_error():
    with pytest.raises(ParameterError, match="did you mean 'units_0'"):
        classifier().set_params(unit_0=3)
    with pytest.raises(ParameterError, match="does not ask for unit_0"):
        MODEL(unit_0=3)


@pytest.mark.parametrize(
    "ask",
    [
        lambda hp: hp.Int("x", 1.5, 3),
        lambda hp: hp.Int("x", 3, 1),
        lambda hp: hp.Int("x", 1, 3, step=0),
        lambda hp: hp.Float("x", 0, 1, sampling="log"),
        lambda hp: hp.Float("x", 1, 2, step=1, sampling="reverse_log"),
        lambda hp: hp.Float("x", 1, 2, sampling="logarithmic"),
        lambda hp: hp.Choice("x", []),
        lambda hp: hp.Choice("x", [1, 2], default=3),
    ],
)
def test_a_range_that_is_none_is_an_error(ask):
    with pytest.raises(ParameterError, match="'x'"):
        Tunable(ask)


def test_a_function_that_fails_is_heard_once_it_fails_with_its_defaults():
    assert asked(lambda hp: 1 / hp.Int("x", 0, 1, default=1)) == {"x": [0, 1]}
    with pytest.raises(ZeroDivisionError):
        Tunable(lambda hp: 1 / hp.Int("x", 0, 1))


def test_a_function_that_asks_without_end_is_an_error():
    def ask(hp):
        names = map(str, range(10_000))
        while hp.Boolean(next(names)):
            pass

    with pytest.raises(ParameterError, match="more and more"):
        Tunable(ask)


def test_copies_build_the_same():
    estimator = clone(classifier(units_0=6))
    assert estimator.model is MODEL
    sent = cloudpickle.loads(cloudpickle.dumps(estimator))
    assert sent.fit(X, Y).history_ == estimator.fit(X, Y).history_


@pytest.mark.parametrize(
    ("offered", "given", "trained_with"),
    [
        ({"values": [4, 64], "default": 64}, {}, 64),
        pytest.param(*({"values": [4, 32], "default": 4}, {}, 4), marks=pytest.mark.soak),
        pytest.param(
            *({"values": [4, 32], "default": 4}, {"batch_size": 32}, 32), marks=pytest.mark.soak
        ),
        ({"values": [4, 64], "default": 64}, {"batch_size": 4}, 4),
        ({"values": [4, 64], "default": 64}, {"fit__batch_size": 4}, 4),
    ],
)
def test_a_parameter_of_the_estimator_is_one_that_is_offered(offered, given, trained_with):
    def build(hp):
        model = MODEL()
        model.asked = hp.Choice("batch_size", **offered)
        return model

    ours = KerasClassifier(Tunable(build), epochs=2, random_state=1, **given)
    ours = clone(pickle.loads(cloudpickle.dumps(ours))).fit(X, Y)
    theirs = classifier(MODEL, batch_size=trained_with).fit(X, Y)
    assert ours.history_ == theirs.history_
    if "fit__batch_size" not in given:
        assert ours.model_.asked == trained_with


def test_a_candidate_with_the_default_of_the_estimator_has_it():
    model = Tunable(lambda hp: MODEL() if hp.Choice("batch_size", [4, 32]) else None)
    ours = KerasClassifier(model, epochs=2, random_state=1)
    search = GridSearchCV(ours, {"batch_size": [4, 32]}, cv=2, engine="lanes").fit(X, Y)
    expected = [
        cross_val_score(classifier(MODEL, batch_size=size), X, Y, cv=2).mean() for size in (4, 32)
    ]
    assert search.cv_results_["mean_test_score"].tolist() == pytest.approx(expected)
    assert clone(ours).set_params(batch_size=32).fit(X, Y).history_ != ours.fit(X, Y).history_
