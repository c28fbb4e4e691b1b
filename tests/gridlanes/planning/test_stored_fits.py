"""Searches with a store: what is found again, what is not, and that nobody could tell from the results."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from keras import Input, Sequential, layers
from sklearn import model_selection
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_search import without_graph

from gridlanes import (
    GridSearchCV,
    KerasClassifier,
    RandomizedSearchCV,
    Store,
    StoreError,
    StoreWarning,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from gridlanes.store.record import decode

pytestmark = [pytest.mark.usefixtures("traced"), pytest.mark.xdist_group("search")]

RNG = np.random.default_rng(5)
X = RNG.normal(size=(31, 4))
Y = (X[:, 0] + 0.5 * RNG.normal(size=31) > 0).astype(int)
GRID = {"activation": ["relu", "tanh"], "epochs": [1, 3], "optimizer": ["adam", "sgd"]}
FITS = 16
STRENGTH = 0.3


def network(*middle, activation="relu", width=3, **dense):
    return Sequential(
        [
            Input((4,)),
            layers.Dense(width, activation=activation, **dense),
            *middle,
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def build(activation="relu", width=3):
    return network(activation=activation, width=width)


def build_under_other_names(act="relu"):
    """Return the same network."""
    return build(act)  # the name of an argument plays no part


def search(memory=None, grid=None, model=build, settings=(), **options):
    # With one of the optimizers of the grid, so that programs are shared.
    settings = {"random_state": 7, "batch_size": 8, "optimizer": "sgd", **dict(settings)}
    estimator = KerasClassifier(model, **settings)
    options = {"cv": 2, "scoring": "neg_log_loss", "memory": memory, **options}
    return GridSearchCV(estimator, GRID if grid is None else grid, **options)


def results(found):
    return {
        name: [float(value).hex() for value in values]
        for name, values in found.cv_results_.items()
        if "score" in name and "time" not in name
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A store with the fits of a search, and that search."""
    path = tmp_path_factory.mktemp("finished") / "fits.sqlite"
    return path, search(path).fit(X, Y)


@pytest.fixture
def kept(finished, tmp_path):
    return shutil.copy(finished[0], tmp_path / "fits.sqlite")


def found_by(another, rows=X, targets=Y, **params):
    return another.plan(rows, targets, **params).found


def test_a_search_that_is_found_is_the_search_that_was_trained(kept, finished, tmp_path):
    _, cold = finished
    without = search().fit(X, Y)
    warm = search(kept).fit(X, Y)
    assert (cold.fit_report_.found, cold.fit_report_.trained) == (0, FITS)
    assert (warm.fit_report_.found, warm.fit_report_.trained) == (FITS, 0)
    assert str(warm.fit_report_).startswith(f"{FITS} fits: {FITS} found, 0 trained in ")
    assert (cold.fit_report_.refit, warm.fit_report_.refit) == ("trained", "found")
    assert results(warm) == results(cold) == results(without)
    assert warm.cv_results_["mean_fit_time"].min() > 0
    assert warm.best_estimator_.history_ == cold.best_estimator_.history_
    np.testing.assert_array_equal(warm.predict_proba(X), cold.predict_proba(X))
    for name, fitted in (("cold", cold), ("warm", warm)):
        fitted.best_estimator_.model_.save(tmp_path / f"{name}.keras")
    loaded = [keras.saving.load_model(tmp_path / f"{name}.keras") for name in ("cold", "warm")]
    for one, other in zip(*(model.get_weights() for model in loaded), strict=True):
        np.testing.assert_array_equal(one, other)


def test_entries_that_are_added_are_all_that_is_trained(kept):
    grid = {**GRID, "optimizer": ["sgd", "rmsprop", "adam"]}
    without = search(None, grid).fit(X, Y)
    more = search(kept, grid).fit(X, Y)
    assert (more.fit_report_.found, more.fit_report_.trained) == (FITS, FITS // 2)
    assert results(more) == results(without)


@pytest.mark.parametrize(
    "another",
    [
        lambda path: search(path, dict(reversed(GRID.items()))),
        lambda path: search(path, {name: values[::-1] for name, values in GRID.items()}),
        lambda path: search(
            path,
            {**{k: v for k, v in GRID.items() if k != "activation"}, "act": GRID["activation"]},
            build_under_other_names,
        ),
        lambda path: search(path, n_jobs=2, verbose=0, error_score="raise", refit=False),
        lambda path: search(path, cv=list(StratifiedKFold(2).split(X, Y))),
        lambda path: search(path, scoring=["accuracy", "roc_auc"], refit=False),
        lambda path: clone(search(Store(path))),
        lambda path: search(path.parent),
    ],
    ids=["axes", "values", "other names", "options", "splits", "scoring", "clone", "folder"],
)
def test_what_plays_no_part_is_found(kept, another):
    assert found_by(another(kept)) == FITS


def test_data_frames_and_labels_are_what_the_network_sees(kept):
    labels = np.array(["no", "yes"])[Y]
    assert found_by(search(kept, scoring="accuracy"), pd.DataFrame(X), labels) == FITS


def by_names():
    """A network whose inputs tell apart which columns they are given."""
    inputs = {name: Input((1,), name=name) for name in "ab"}
    units = [
        layers.Dense(1, kernel_initializer=keras.initializers.Constant(weight))(inputs[name])
        for name, weight in (("a", 1.0), ("b", 5.0))
    ]
    return keras.Model(inputs, layers.Activation("sigmoid")(layers.add(units)))


def test_a_column_goes_to_the_input_of_its_name_also_from_a_store(tmp_path):
    """The numbers of both tables are the same, and so are all their fits but for the inputs."""
    path = tmp_path / "fits.sqlite"
    options = {"engine": "keras", "return_predictions": True, "refit": False}
    tables = [pd.DataFrame(X[:, :2], columns=names) for names in (["a", "b"], ["b", "a"])]
    with without_graph():
        for table in tables:
            found = search(path, {"epochs": [1]}, by_names, **options).fit(table, Y)
            again = search(path, {"epochs": [1]}, by_names, **options)
            assert found_by(again, table) == again.cv
        theirs = model_selection.cross_val_predict(
            found.estimator, tables[1], Y, cv=2, method="predict_proba"
        )
    order = np.concatenate([test for _, test in StratifiedKFold(2).split(X, Y)])
    said = found.predictions_.outputs[0, 0, :, -1]
    np.testing.assert_allclose(said, theirs[order, 1], atol=1e-5)


def test_names_that_decide_nothing_are_no_part_of_a_key(kept):
    assert found_by(search(kept), pd.DataFrame(X, columns=list("pqrs"))) == FITS


def regularised(x):
    return STRENGTH * keras.ops.sum(keras.ops.square(x))


def closure(strength):
    return lambda x: strength * keras.ops.tanh(x)


class Own(layers.Layer):
    """Cannot ride, since it has a weight."""

    factor = 2.0

    def build(self, _):
        self.scale = self.add_weight(initializer="ones")

    def call(self, inputs):
        return inputs * self.factor * self.scale


ONE = {"epochs": [1]}
OTHERS = {
    "batch size": lambda: {"settings": {"batch_size": 9}},
    "seed": lambda: {"settings": {"random_state": 8}},
    "width": lambda: {"settings": {"width": 4}},
    "loss": lambda: {"settings": {"loss": "mse"}},
    "loss object": lambda: {
        "settings": {"loss": keras.losses.BinaryCrossentropy(label_smoothing=0.1)}
    },
    "metrics": lambda: {"settings": {"metrics": ["mae"]}},
    "learning rate": lambda: {"settings": {"optimizer__learning_rate": 0.1}},
    "schedule": lambda: {
        "settings": {
            "optimizer": keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 9))
        }
    },
    "class weight": lambda: {"settings": {"class_weight": "balanced"}},
    "validation": lambda: {"settings": {"validation_split": 0.2}},
    "order of rows": lambda: {"settings": {"shuffle": False}},
    "rows to watch": lambda: {"settings": {"fit__validation_data": (X[:9], Y[:9])}},
    "callback": lambda: {"settings": {"callbacks": [keras.callbacks.EarlyStopping("loss")]}},
    "patience": lambda: {
        "settings": {"callbacks": [keras.callbacks.EarlyStopping("loss", patience=3)]}
    },
    "init": lambda: {"model": lambda: network(kernel_initializer="he_uniform")},
    "regularizer": lambda: {"model": lambda: network(kernel_regularizer="l2")},
    "own regularizer": lambda: {"model": lambda: network(kernel_regularizer=regularised)},
    "closure": lambda: {"model": lambda: network(activation=closure(1.0))},
    "other closure": lambda: {"model": lambda: network(activation=closure(2.0))},
    "own layer": lambda: {"model": lambda: network(Own())},
    "frozen": lambda: {"model": lambda: network(layers.Dense(3, trainable=False))},
}


#: What others are the nearest to, so that these have to be in the store too.
NEAR = {"by model.fit", "loss", "callback", "own regularizer", "closure", "own layer"}


@pytest.mark.filterwarnings("ignore:the rows of validation_data are watched")
@pytest.mark.parametrize(
    "trained",
    [NEAR, pytest.param({"by model.fit", *OTHERS}, marks=pytest.mark.soak)],
    ids=["near", "all"],
)
def test_what_differs_is_not_found(trained, tmp_path, monkeypatch):
    path = tmp_path / "fits.sqlite"
    plain = search(path, ONE, refit=False).fit(X, Y)
    fold = {"cv": list(StratifiedKFold(2).split(X, Y))[:1]}
    # Keys of lanes and of fits by model.fit differ in a word only, so that nothing is traced here.
    for name, options in {"by model.fit": dict, **OTHERS}.items():
        own = {**options(), **fold}
        assert found_by(search(path, ONE, **own)) == (name == "by model.fit"), name
        if name not in trained:
            continue
        with without_graph():
            other = search(path, ONE, **own, engine="keras", refit=False)
            report = other.fit(X, Y).fit_report_
        assert (report.found, report.trained, found_by(other)) == (0, 1, 1), name
    moved = X.copy()
    moved[0, 0] += 1
    # The row is trained on in one of the two folds; in the other it is only predicted.
    assert found_by(plain, moved) == 0
    assert found_by(plain, X, 1 - Y) == 0
    assert found_by(plain, X, Y, sample_weight=np.linspace(0.5, 2, len(Y))) == 0
    # What a function reaches is part of a fit.
    reaching = [
        search(path, ONE, **OTHERS[name](), **fold) for name in ("own regularizer", "own layer")
    ]
    assert [found_by(one) for one in reaching] == [1, 1]
    monkeypatch.setitem(globals(), "STRENGTH", 0.4)
    assert [found_by(one) for one in reaching] == [0, 1]
    monkeypatch.setattr(Own, "factor", 3.0)
    assert [found_by(one) for one in reaching] == [0, 0]


def test_a_longer_run_serves_shorter_ones_that_asked_for_snapshots(tmp_path):
    path = tmp_path / "fits.sqlite"
    search(path, {"epochs": [2, 4]}).fit(X, Y)
    assert found_by(search(path, {"epochs": [2]})) == 2
    assert found_by(search(path, {"epochs": [2, 3, 4]})) == 4


def test_fits_with_a_fresh_seed_each_are_neither_looked_up_nor_kept(tmp_path):
    path = tmp_path / "fits.sqlite"
    for _ in range(2):
        report = (
            search(path, ONE, settings={"random_state": None}, refit=False).fit(X, Y).fit_report_
        )
        assert (report.found, report.trained) == (0, 2)
        assert report.not_kept == {"random_state=None": 2}
        assert str(report).endswith(", 2 not kept")
    assert not path.exists() or not Store(path).holdings()


def test_a_callback_that_may_do_more_than_train_is_called_every_time(tmp_path):
    path, log = tmp_path / "fits.sqlite", tmp_path / "log.csv"
    for _ in range(2):
        log.unlink(missing_ok=True)
        settings = {"callbacks": [keras.callbacks.CSVLogger(str(log))]}
        with without_graph():
            report = search(path, ONE, settings=settings, refit=False).fit(X, Y).fit_report_
        assert (report.found, report.trained) == (0, 2)
        assert list(report.not_kept) == ["callback CSVLogger may do more than train"]
        assert log.exists()


def test_a_fit_that_diverged_is_found_as_one(tmp_path):
    def linear():
        return Sequential([Input((4,)), layers.Dense(1)])

    path, grid = tmp_path / "fits.sqlite", {"optimizer__learning_rate": [0.01, 1e30]}
    settings, scores = {"optimizer": "sgd", "loss": "mse", "epochs": 3}, []
    for found in (0, 4):
        with (
            pytest.warns(FitFailedWarning, match="2 fits failed"),
            pytest.warns(UserWarning, match="non-finite"),
        ):
            done = search(path, grid, linear, settings, scoring="accuracy").fit(X, Y)
        assert (done.fit_report_.found, done.fit_report_.failed) == (found, 2)
        scores.append(results(done))
    assert scores[0] == scores[1]
    assert str(done.fit_report_).endswith("2 failed")


def test_fits_by_model_fit_are_found_with_the_state_of_their_optimizer(tmp_path):
    def own():
        return network(Own())

    path = tmp_path / "fits.sqlite"
    with without_graph():
        cold, warm = (
            search(path, {"epochs": [1, 2]}, own, {"optimizer": "adam"}).fit(X, Y) for _ in range(2)
        )
    assert (cold.fit_report_.by_reference, warm.fit_report_.found) == (4, 4)
    assert results(cold) == results(warm)
    models = [done.best_estimator_.model_ for done in (cold, warm)]
    for one, other in zip(*(model.optimizer.variables for model in models), strict=True):
        np.testing.assert_array_equal(one, other)


def test_early_stopping_ends_where_it_ended(tmp_path):
    path = tmp_path / "fits.sqlite"
    stop = keras.callbacks.EarlyStopping("val_loss", min_delta=1.0, restore_best_weights=True)
    settings = {"callbacks": [stop], "validation_split": 0.3, "epochs": 6}
    grid = {"activation": ["relu", "tanh"]}
    cold, warm = (search(path, grid, settings=settings).fit(X, Y) for _ in range(2))
    assert warm.fit_report_.found == 4
    assert results(cold) == results(warm)
    assert cold.best_estimator_.history_ == warm.best_estimator_.history_
    assert len(warm.best_estimator_.history_["loss"]) < 6


def test_rows_to_predict_that_are_new_do_not_push_out_known_ones(kept):
    """Scores of training ask for more outputs of the same fits."""
    more = search(kept, return_train_score=True)
    assert found_by(more) == 0
    done = more.fit(X, Y)
    assert results(done) == results(search(return_train_score=True).fit(X, Y))
    assert found_by(more) == FITS
    assert found_by(search(kept)) == FITS


def test_a_random_search_and_a_pipeline_share_fits(tmp_path):
    path = tmp_path / "fits.sqlite"
    scaled = make_pipeline(
        StandardScaler(), KerasClassifier(build, optimizer="sgd", random_state=7)
    )
    grid = {"kerasclassifier__activation": ["relu", "tanh"], "standardscaler__with_mean": [True]}
    GridSearchCV(scaled, grid, cv=2, memory=path).fit(X, Y)
    drawn = RandomizedSearchCV(scaled, grid, n_iter=2, random_state=0, cv=2, memory=path)
    assert drawn.fit(X, Y).fit_report_.found == 4
    by_fold = {
        scores["fit_report"].found
        for scores in [
            cross_validate(
                scaled.set_params(kerasclassifier__activation="tanh"),
                X,
                Y,
                cv=2,
                memory=path,
                return_fit_report=True,
            )
        ]
    }
    assert by_fold == {2}


def test_cross_validation_is_found(tmp_path):
    path = tmp_path / "fits.sqlite"
    estimator = KerasClassifier(build, optimizer="sgd", random_state=7)
    cold = cross_val_predict(estimator, X, Y, cv=2, method="predict_proba", memory=path)
    (first,) = {holding.fits for holding in Store(path).holdings()}
    np.testing.assert_array_equal(
        cross_val_predict(estimator, X, Y, cv=2, method="predict_proba", memory=path), cold
    )
    np.testing.assert_array_equal(
        cross_val_score(estimator, X, Y, cv=2, memory=path), cross_val_score(estimator, X, Y, cv=2)
    )
    report = cross_validate(estimator, X, Y, cv=2, memory=path, return_fit_report=True)[
        "fit_report"
    ]
    assert (first, report.found) == (2, 2)


def test_a_store_that_cannot_be_used_is_one_line_and_the_search_goes_on(tmp_path, finished):
    text = tmp_path / "text"
    text.write_text("hello " * 99)
    with pytest.warns(StoreWarning) as said:
        done = search(text).fit(X, Y)
    assert [str(one.message) for one in said if one.category is StoreWarning] == [
        f"store {text}: cannot read it: file is not a database; going on without it"
    ]
    assert results(done) == results(finished[1])
    with pytest.raises(StoreError, match="not a database"):
        search(text, memory_errors="raise").fit(X, Y)


def shorter(record):
    return replace(record, state=(record.state[0][:-1], *record.state[1:]))


def without_rows(record):
    return replace(record, outputs={row: own[:-1] for row, own in record.outputs.items()})


def of_other_rank(record):
    return replace(record, outputs={row: own[0] for row, own in record.outputs.items()})


def longer(record):
    return replace(record, history={"loss": [0.5] * 9})


def without_history(record):
    return replace(record, history={"loss": []})


@pytest.mark.parametrize("forge", [shorter, without_rows, of_other_rank, longer, without_history])
def test_records_that_are_not_of_the_fit_are_trained_again(kept, finished, forge):
    """Under right checksums, as only whoever makes them on purpose can write them."""
    with closing(sqlite3.connect(kept)) as database, database:
        rows = database.execute("SELECT key, epochs, architecture, data FROM fits").fetchall()
        keys = [row[:2] for row in rows]
        records = [forge(decode(row[3], row[2])) for row in rows]
    database.close()
    with Store(kept) as store:
        store.keep(dict(zip(keys, records, strict=True)))
    again = search(kept).fit(X, Y)
    assert again.fit_report_.found == 0
    assert results(again) == results(finished[1])


def test_a_store_that_breaks_during_a_search_costs_no_fit(kept, finished):
    class Broken(Store):
        def _write(self, rows, size):
            with self._using("write"):
                raise sqlite3.OperationalError("disk I/O error")

    grid = {**GRID, "optimizer": ["adam", "rmsprop"]}
    with pytest.warns(StoreWarning, match="cannot write it: disk I/O error; going on without it"):
        done = search(Broken(kept), grid).fit(X, Y)
    assert done.fit_report_.found == FITS // 2
    assert results(done) == results(search(None, grid).fit(X, Y))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"memory": 3}, "memory must be a path, a gridlanes.Store or None; found 3"),
        ({"memory_errors": "skip"}, "memory_errors must be one of 'warn', 'raise'; found 'skip'"),
    ],
)
def test_a_parameter_that_cannot_work(options, said):
    with pytest.raises(ValueError, match=said):
        search(**options).fit(X, Y)
