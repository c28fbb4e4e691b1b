"""What preparing and planning cost, counted: a search may have a million fits."""

import inspect
import tracemalloc

import keras
import lane_cases as cases
import numpy as np
import pytest
from sklearn.ensemble import BaggingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gridlanes import GridSearchCV, KerasClassifier
from gridlanes.errors import ModelError
from gridlanes.model_selection.engine import Engine
from gridlanes.model_selection.search_session import Session
from gridlanes.planning import fit_survey
from gridlanes.planning.fit_survey import Survey

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = np.arange(60) % 2
GRID = {"batch_size": list(range(1, 41)), "epochs": list(range(1, 11))}
CANDIDATES = 400
FITS = 3 * CANDIDATES


def planned(engine):
    search = GridSearchCV(KerasClassifier(cases.network, random_state=0), GRID, cv=3)
    session = Session(engine, search.estimator, X, Y, {}, engine.refit)
    fits, _ = search.prepare(session)
    return fits, engine.plan(fits)


@pytest.mark.parametrize(
    ("estimator", "grid", "lanes"),
    [
        (KerasClassifier(cases.network), {"class_weight": [None, "balanced", {0: 2, 1: 1}]}, 9),
        (
            make_pipeline(StandardScaler(), KerasClassifier(cases.network)),
            {"standardscaler__with_mean": [True, False]},
            6,
        ),
        (BaggingClassifier(KerasClassifier(cases.network), 2), {"max_samples": [0.5, 1.0]}, 12),
    ],
    ids=["weights", "transformers", "inside another"],
)
def test_folds_are_those_of_the_search_whatever_is_made_of_their_rows(estimator, grid, lanes):
    said = str(GridSearchCV(estimator, grid, cv=3).plan(X, Y))
    assert f"{lanes} lanes for" in said
    assert said.count(" folds") == said.count(", 3 folds") == 1


@pytest.fixture
def engine():
    """Return an engine that has built its networks."""
    engine = Engine()
    planned(engine)
    return engine


def counted(monkeypatch, module, name):
    calls, original = [], getattr(module, name)

    def count(*args, **kwargs):
        calls.append(name)
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, count)
    return calls


def test_signatures_are_not_read_for_each_candidate(monkeypatch, engine):
    signatures = counted(monkeypatch, inspect, "signature")
    planned(engine)
    assert len(signatures) < CANDIDATES / 10


def test_folds_share_the_fingerprint_of_their_candidate(monkeypatch, engine):
    fingerprints = counted(monkeypatch, fit_survey, "fingerprint")
    planned(engine)
    assert CANDIDATES <= len(fingerprints) < 1.1 * CANDIDATES


def test_a_fit_takes_little_memory(engine):
    tracemalloc.start()
    try:
        kept = planned(engine)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(kept[0]) == FITS
    assert held / FITS < 1500
    assert peak / FITS < 2000


def test_folds_share_all_that_does_not_depend_on_rows(engine):
    fits, _ = planned(engine)
    one, other = (fit.request.lane for fit in fits[:2])
    assert one.X is not other.X
    assert one.build.arguments is other.build.arguments
    assert one.build.meta is not other.build.meta


def test_folds_do_not_share_what_the_build_function_is_told_of_them(engine):
    def build(meta):
        return cases.network(units=2 + meta["n_features_in_"])

    search = GridSearchCV(KerasClassifier(build, random_state=0), {}, cv=3)
    session = Session(engine, search.estimator, X, Y, {}, engine.refit)
    one, other = (fit.request.lane.build for fit in search.prepare(session)[0][:2])
    assert one.arguments["meta"] == one.meta
    assert one.arguments["meta"] is not other.arguments["meta"]
    assert one.identity != other.identity


def test_a_network_that_suits_the_rows_of_one_fold_is_looked_at_for_each():
    def without_input():
        return keras.Sequential(
            [keras.layers.Dense(2), keras.layers.Dense(3, activation="softmax")]
        )

    network = KerasClassifier(without_input, random_state=0)
    lanes = [
        network.lane(network.prepare(X[:, :columns], np.arange(60) % classes))
        for columns, classes in ((4, 2), (4, 3), (3, 3))
    ]
    survey = Survey()
    with pytest.raises(ModelError, match="a binary target needs"):
        survey.look(lanes[0])
    assert [survey.look(lane).start.trainable.size for lane in lanes[1:]] == [19, 17]
    lanes[1] = network.lane(network.prepare(X[:, :2], np.arange(60) % 3), lanes[1])
    assert survey.look(lanes[1]).start.trainable.size == 15
