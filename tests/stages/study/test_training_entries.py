"""Entries of params.yaml that say how a network is trained, beside Keras' own objects."""

import json
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from keras.optimizers import schedules
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit, StratifiedShuffleSplit

from gridlanes import GridSearchCV
from gridlanes.errors import in_a_line
from stages.architecture import create_model
from stages.study.errors import InputError
from stages.study.estimator import make_estimator, set_network
from stages.study.monitor_checks import check_monitors
from stages.study.prepared import Prepared
from stages.study.routing import routing, weighted
from stages.study.search import cells
from stages.study.sections.model import Model
from stages.study.splits import make_folds
from stages.study.watched_rows import check_held_out, known_of, rows_to_watch, shares

pytestmark = [pytest.mark.usefixtures("traced"), pytest.mark.xdist_group("entries")]

ROWS, SEED, BATCH = 90, 7, 32
rng = np.random.default_rng(1)
X = pd.DataFrame(rng.normal(size=(ROWS, 2)), columns=["a", "b"])
Y = pd.Series((X["a"] + rng.normal(size=ROWS) > 0.3).astype(int), name="y")
GROUPS = pd.Series([f"g{n % 9}" for n in range(ROWS)])
DAYS = pd.Series(np.arange(ROWS)[::-1] // 5)
NETWORK = {
    "hidden": [3],
    "activation": "tanh",
    "optimizer": "adam",
    "epochs": 6,
    "batch_size": BATCH,
}
TRAIN, TEST = np.arange(70), np.arange(70, ROWS)
STEPS = -(-len(TRAIN) // BATCH)


def prepared(task: str = "classification", **roles: Any) -> Prepared:
    y = Y if task == "classification" else X["a"].rename("y")
    return Prepared(X, y, {"task": task}, **roles)


def estimator_of(data: Prepared, **entries: Any) -> Any:
    model = {"imputer": "none", "scaler": "none", "network": {**NETWORK, **entries}}
    return make_estimator(Model.model_validate(model), data, SEED)


def by_keras(training, held_out, optimizer, callbacks=(), weights=None, epochs=6):
    """Return outputs for the test rows and the history, by one ``model.fit`` of plain Keras."""
    rows, y = X.to_numpy(), Y.to_numpy()
    weights = np.ones(ROWS) if weights is None else weights

    def batches():
        for epoch in range(epochs):
            order = training[np.random.default_rng([SEED, epoch]).permutation(len(training))]
            for start in range(0, len(order), BATCH):
                own = order[start : start + BATCH]
                yield rows[own], y[own, None], weights[own]

    keras.utils.set_random_seed(SEED)
    meta = {"n_features_in_": 2, "target_type_": "binary", "n_outputs_": 1}
    model = create_model(meta, hidden=[3], activation="tanh")
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"], run_eagerly=True)
    history = model.fit(
        batches(),
        steps_per_epoch=-(-len(training) // BATCH),
        epochs=epochs,
        validation_data=(rows[held_out], y[held_out, None]) if len(held_out) else None,
        callbacks=list(callbacks),
        shuffle=False,
        verbose=0,
    ).history
    return model.predict(rows[TEST], verbose=0)[:, 0], history


def stratified(share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of TRAIN that are trained on and those that are watched."""
    one = StratifiedShuffleSplit(1, test_size=share, random_state=SEED)
    return tuple(np.sort(TRAIN[own]) for own in next(one.split(TRAIN, Y[TRAIN])))


ALL = TRAIN, TRAIN[:0]
HALF = len(TRAIN) - 14, -(-(len(TRAIN) - 14) // BATCH)

#: By entries, what plain Keras is given: rows, optimizer, callbacks and weights. They are made where
#: they are used, in the float type of the test.
SAME: list[tuple[dict[str, Any], Callable[[], tuple]]] = [
    (
        {"early_stopping": {"patience": 1, "validation": 0.2}, "learning_rate": 0.3},
        lambda: (*stratified(0.2), keras.optimizers.Adam(0.3), [keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)]),
    ),
    (
        {"early_stopping": {"monitor": "loss", "patience": 0, "min_delta": 0.02, "restore_best": False}},
        lambda: (*ALL, "adam", [keras.callbacks.EarlyStopping("loss", patience=0, min_delta=0.02)]),
    ),
    (
        {"reduce_on_plateau": {"monitor": "val_accuracy", "patience": 1, "factor": 0.5, "cooldown": 1, "min_lr": 0.01}, "optimizer__learning_rate": 0.3},
        lambda: (*stratified(0.1), keras.optimizers.Adam(0.3), [keras.callbacks.ReduceLROnPlateau("val_accuracy", patience=1, factor=0.5, cooldown=1, min_lr=0.01)]),
    ),
    (
        {"learning_rate": {"schedule": "cosine", "initial": 0.1, "alpha": 0.1}, "class_weight": {"1": 3}},
        lambda: (*ALL, keras.optimizers.Adam(schedules.CosineDecay(0.1, 6 * STEPS, 0.1)), [], np.where(Y == 1, 3.0, 1.0)),
    ),
    (
        {"learning_rate": {"schedule": "exponential", "initial": 0.1, "rate": 0.5, "epochs": 2}},
        lambda: (*ALL, keras.optimizers.Adam(schedules.ExponentialDecay(0.1, 2 * STEPS, 0.5))),
    ),
    (
        {"learning_rate": {"schedule": "inverse_time", "initial": 0.1, "rate": 2, "staircase": True}},
        lambda: (*ALL, keras.optimizers.Adam(schedules.InverseTimeDecay(0.1, STEPS, 2.0, staircase=True))),
    ),
    (
        {"learning_rate": {"schedule": "piecewise", "epochs": [2, 4], "values": [0.1, 0.01, 0.001]}},
        lambda: (*ALL, keras.optimizers.Adam(schedules.PiecewiseConstantDecay([2 * STEPS - 1, 4 * STEPS - 1], [0.1, 0.01, 0.001]))),
    ),
    (
        {"learning_rate": {"schedule": "polynomial", "initial": 0.1, "epochs": 3, "final": 0.01, "power": 2}, "early_stopping": {"patience": 2, "validation": 0.2}},
        lambda: (*stratified(0.2), keras.optimizers.Adam(schedules.PolynomialDecay(0.1, 3 * HALF[1], 0.01, 2)), [keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)]),
    ),
]  # fmt: skip


#: Those without a schedule, and two that count other steps; the kinds of schedules are compared
#: with Keras' own without training, and `make soak` trains with all.
SHORT = [SAME[number] for number in (0, 1, 2, 3, 7)]


@pytest.mark.parametrize(
    "same", [SHORT, pytest.param(SAME, marks=pytest.mark.soak)], ids=["short", "all"]
)
def test_each_is_what_keras_makes_of_its_own_objects(float_type, same):
    """All of them on one grid, in lanes."""
    grid = [{name: [own] for name, own in entries.items()} for entries, _ in same]
    search = GridSearchCV(
        estimator_of(prepared()),
        grid,
        cv=[(TRAIN, TEST)],
        scoring="neg_log_loss",
        refit=False,
        engine="lanes",
    ).fit(X, Y)
    for number, (entries, given) in enumerate(same):
        # Keras computes schedules in float32 always, which a graph rounds in another order.
        scheduled = isinstance(entries.get("learning_rate"), dict)
        tolerance = 1e-7 if scheduled else 1e-9
        outputs, history = by_keras(*given())
        score = search.cv_results_["mean_test_score"][number]
        assert -score == pytest.approx(log_loss(Y[TEST], outputs), rel=tolerance)
        (ours,) = search.histories_[number]
        assert ours.keys() == history.keys()
        for name, values in history.items():
            np.testing.assert_allclose(ours[name], values, tolerance, err_msg=f"{number} {name}")
    assert len(search.histories_[0][0]["loss"]) < 6
    assert len(set(search.histories_[2][0]["learning_rate"])) > 1


@pytest.mark.parametrize("number", range(3, 8))
def test_a_schedule_is_keras_own(number):
    entries, given = SAME[number]
    own = estimator_of(prepared(), **entries)
    optimizer = own.lane(own.prepare(X.iloc[TRAIN], Y.iloc[TRAIN])).build().optimizer
    of_keras = given()[2]
    found, expected = (one._learning_rate for one in (optimizer, of_keras))
    assert type(found) is type(expected)
    assert found.get_config() == expected.get_config() | {"name": found.name}


HOLDING: list[tuple[dict[str, Any], str, Any]] = [
    ({"groups": GROUPS}, "classification", GroupShuffleSplit),
    ({"groups": GROUPS}, "regression", GroupShuffleSplit),
    ({}, "classification", StratifiedShuffleSplit),
    ({}, "regression", ShuffleSplit),
]


@pytest.mark.parametrize(("roles", "task", "kind"), HOLDING)
def test_rows_are_held_out_as_the_table_says(roles, task, kind):
    data = prepared(task, **roles)
    with routing(data) as given:
        own = weighted(estimator_of(data, early_stopping={"patience": 1, "validation": 0.3}), data)
        rows = own.prepare(data.X, data.y, **given)
    by = GROUPS if roles else None
    held_out = np.sort(next(kind(1, test_size=0.3, random_state=SEED).split(X, data.y, by))[1])
    np.testing.assert_allclose(rows.validation[0], X.to_numpy("float32")[held_out])
    told = rows_to_watch(data, known_of(data, SEED), 0.3)
    assert told == len(held_out) != rows_to_watch(data, known_of(data, SEED), 0.1)


def test_the_latest_times_are_held_out():
    data = prepared(time=DAYS)
    with routing(data) as given:
        own = weighted(estimator_of(data, early_stopping={"patience": 1}), data)
        rows = own.prepare(data.X, data.y, **given)
    # Two of 18 days of 5 rows each.
    np.testing.assert_allclose(rows.validation[0], X.to_numpy("float32")[:10])


def test_folds_keep_groups_together_in_a_search():
    """Also if only some candidates watch anything."""
    data = prepared(groups=GROUPS)
    entries = {"early_stopping": [None, {"patience": 1, "validation": 0.3}]}
    with routing(data) as given:
        own = weighted(estimator_of(data, epochs=2), data)
        search = GridSearchCV(
            own, entries, cv=make_folds(data, 2, SEED), engine="lanes", refit=False
        )
        search.fit(data.X, data.y, **given)
    kept = [sorted(of_candidate[0]) for of_candidate in search.histories_]
    assert kept == [["accuracy", "loss"], ["accuracy", "loss", "val_accuracy", "val_loss"]]


def test_one_key_of_an_entry_may_be_set():
    own = estimator_of(
        prepared(),
        early_stopping={"patience": 1},
        learning_rate={"schedule": "cosine", "initial": 0.1},
    )
    own.set_params(early_stopping__patience=np.int64(5), learning_rate__initial=0.2)
    assert own.early_stopping == {"patience": 5}
    assert own.learning_rate == {"schedule": "cosine", "initial": 0.2}
    own.set_params(optimizer__learning_rate=0.5)
    assert own.learning_rate is None
    own.set_params(learning_rate=0.25)
    assert "optimizer__learning_rate" not in own.get_params()


def test_a_schedule_counts_the_steps_of_its_fold():
    own = estimator_of(prepared(), learning_rate={"schedule": "cosine", "initial": 0.1})
    first = own.lane(own.prepare(X, Y))
    lanes = [first, *(own.lane(own.prepare(X[:n], Y[:n]), first) for n in (40, 80))]
    spans = [lane.build().optimizer._learning_rate.decay_steps for lane in lanes]
    assert spans == [6 * 3, 6 * 2, 6 * 3]
    # What does not depend on rows is made once.
    assert lanes[2].build.routed is first.build.routed


def test_a_learning_rate_that_the_function_asks_for_goes_there(monkeypatch):
    from stages import architecture

    def create(meta, learning_rate):
        assert learning_rate == 0.25
        return create_model(meta)

    monkeypatch.setattr(architecture, "create_model", create)
    model = {"imputer": "none", "scaler": "none", "network": {"learning_rate": 0.25}}
    own = make_estimator(Model.model_validate(model), prepared(), SEED)
    model = own.lane(own.prepare(X, Y)).build()
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)


def test_a_table_of_results_has_what_params_yaml_has():
    said = {"early_stopping": {"patience": 3}, "class_weight": {"1": 3}}
    assert {name: json.loads(own) for name, own in cells(said).items()} == said


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"early_stopping": 3}, "early_stopping: must be a mapping of monitor, patience, validation, restore_best, min_delta, or null; found 3"),
    ({"early_stopping": {}}, "early_stopping.patience: missing; it has no default"),
    ({"early_stopping": {"patince": 3, "patience": 1}}, "early_stopping.patince: unknown key; did you mean 'patience'? Allowed: monitor, patience, validation, restore_best, min_delta"),
    ({"early_stopping": {"patience": -1}}, "early_stopping.patience: must be greater than or equal to 0; found -1"),
    ({"early_stopping": {"patience": 1, "validation": 1}}, "early_stopping.validation: must be less than 1; found 1"),
    ({"early_stopping": {"patience": 1, "validation": 0}}, "early_stopping: val_loss is of rows held out, and validation: 0 holds out none; monitor: loss watches those that are trained on; found {'patience': 1, 'validation': 0}"),
    ({"early_stopping__patience": 3}, "early_stopping__patience: would reach nothing, since early_stopping is null"),
    ({"early_stopping": {"patience": 1}, "early_stopping__patience": "x"}, "early_stopping__patience: must be a whole number; found 'x'"),
    ({"early_stoping": {"patience": 1}}, "parameter 'early_stoping' would reach nothing: neither create_model() nor the estimator takes it; did you mean 'early_stopping'?"),
    ({"reduce_on_plateau": {"patience": 1, "factor": 1}}, "reduce_on_plateau.factor: must be less than 1; found 1"),
    ({"learning_rate": "fast"}, "learning_rate: must be a number above 0, or a mapping whose schedule is cosine, exponential, inverse_time, piecewise or polynomial; found 'fast'"),
    ({"learning_rate": {"schedule": "cosin", "initial": 0.1}}, "learning_rate.schedule: must be 'cosine', 'exponential', 'inverse_time', 'piecewise' or 'polynomial'; found 'cosin'; did you mean 'cosine'?"),
    ({"learning_rate": {"schedule": "piecewise", "epochs": [2, 1], "values": [1, 2, 3]}}, "learning_rate.epochs: must rise, since they are counted from the first epoch; found [2, 1]"),
    ({"learning_rate": {"schedule": "piecewise", "epochs": [2], "values": [1]}}, "learning_rate: needs 2 values, one more than epochs"),
    ({"learning_rate": 0.1, "optimizer__learning_rate": 0.2}, "'learning_rate' and 'optimizer__learning_rate' are the same parameter; give one of them"),
    ({"class_weight": {"2": 1}}, "class_weight.2: no class of the target. They are '0', '1'"),
    ({"class_weight": {"1": -1}}, "class_weight.1: must be a number of at least 0; found -1"),
    ({"class_weight": "balance"}, "class_weight: must be balanced, null, or a mapping of classes to weights; found 'balance'; did you mean 'balanced'?"),
    ({"early_stopping": {"patience": 1, "validation": 0.1}, "reduce_on_plateau": {"patience": 1, "validation": 0.2}}, "early_stopping and reduce_on_plateau watch the same rows; their validation must be one share; found 0.1 and 0.2"),
    ({"early_stopping": {"patience": 1}, "validation_split": 0.2}, "validation_split holds out the last rows; beside early_stopping and reduce_on_plateau it must be 0"),
    ({"reduce_on_plateau": {"patience": 1}, "learning_rate": {"schedule": "cosine", "initial": 0.1}}, "reduce_on_plateau cannot set the learning_rate of a schedule; leave out one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "says"), WRONG)
def test_what_cannot_be_is_one_line_at_its_key(entries, says):
    with pytest.raises(InputError) as error:
        estimator_of(prepared(), **entries)
    assert len(str(error.value).splitlines()) == 1
    assert str(error.value).startswith("params.yaml: model.network")
    assert says in str(error.value)


def test_a_regression_has_no_classes_to_weigh():
    with pytest.raises(InputError, match=r"class_weight: a regression has no classes to weigh"):
        estimator_of(prepared("regression"), class_weight="balanced")
    # No value of it is right, so none is to blame.
    own, place = estimator_of(prepared("regression")), "grid_search.param_grid.class_weight[0]"
    with pytest.raises(InputError, match=r"param_grid\.class_weight: a regression has no classes"):
        set_network(own, {"class_weight": None}, place)


def test_a_value_on_a_grid_is_told_by_its_place():
    own = estimator_of(prepared())
    place = "grid_search.param_grid.early_stopping[1]"
    with pytest.raises(InputError, match=r"param_grid\.early_stopping\[1\]\.patience: missing"):
        set_network(own, {"early_stopping": {"monitor": "loss"}}, place)


def test_what_is_watched_has_to_be_logged():
    own = estimator_of(
        prepared(), early_stopping={"patience": 1, "monitor": "val_f1"}, metrics=["AUC"]
    )
    lane = own.lane(own.prepare(X, Y))
    logs = r"\.early_stopping\.monitor: the network logs no 'val_f1'; .* It logs AUC, loss, and"
    with pytest.raises(InputError, match=logs):
        check_monitors(lane, "model.network")
    own.set_params(early_stopping__monitor="val_AUC")
    check_monitors(own.lane(own.prepare(X, Y)), "model.network")


def test_folds_that_can_spare_no_rows_are_told_before_training():
    few = prepared().rows(
        np.flatnonzero(Y == 1)[:3].tolist() + np.flatnonzero(Y == 0)[:40].tolist()
    )
    said = shares({"early_stopping": [None, {"patience": 1, "validation": 0.02}]}, "grid")
    assert said == {"grid.early_stopping[1]": 0.02}
    with pytest.raises(InputError) as error:
        check_held_out(few, SEED, said, [make_folds(few, 3, SEED)])
    message = in_a_line(error.value)
    assert message == (
        "params.yaml: grid.early_stopping[1]: fold 0: no rows can be held out to watch: a share of "
        "0.02 of 28 rows is 1, which leaves 27; each part must have a row of all 2 classes"
    )
    one = prepared(groups=pd.Series(["a"] * 45 + ["b"] * 45))
    why = r"no rows can be held out to watch: a share of 0\.1 of 1 group is 1, which leaves 0$"
    with pytest.raises(InputError, match=why):
        check_held_out(one, SEED, {"network": 0.1}, [make_folds(one, 2, SEED)])
    check_held_out(prepared(), SEED, {"network": 0.1}, [make_folds(prepared(), 3, SEED)] * 2)


def test_shares_are_found_by_their_places():
    grid = {"reduce_on_plateau": [{"patience": 1}], "early_stopping__validation": [0.2, 0]}
    found = {"g.reduce_on_plateau[0]": 0.1, "g.early_stopping__validation[0]": 0.2}
    assert shares(grid, "g") == found
    assert shares({"early_stopping": {"patience": 1, "monitor": "loss"}}, "model.network") == {}
    assert shares({"early_stopping": {"patience": 1}}, "n") == {"n.early_stopping": 0.1}


def test_labels_are_those_of_the_table_by_their_text():
    y = pd.Series([True, False] * 45, name="y")
    known = known_of(Prepared(X, y, {"task": "classification"}), SEED)
    assert known.labels == {"true": True, "false": False}
