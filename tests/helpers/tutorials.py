"""Ten scripts in the style of public tutorials, which are to run with either library's estimators.

``python tests/helpers/tutorials.py scikeras.wrappers`` runs them with those of SciKeras, where that
is installed, and prints what they end with; ``gridlanes`` with those of this project.
"""

import importlib
import sys
from typing import Any

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.ensemble import BaggingRegressor
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

IRIS, CANCER, WINE = (load(return_X_y=True) for load in (load_iris, load_breast_cancer, load_wine))
SUGAR = load_diabetes(return_X_y=True)
layers = keras.layers


def create_model(optimizer="adam", init="glorot_uniform", neurons=8):
    """The function of a much read tutorial, on 30 columns."""
    model = keras.Sequential([keras.Input((30,))])
    model.add(layers.Dense(neurons, kernel_initializer=init, activation="relu"))
    model.add(layers.Dense(1, kernel_initializer=init, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model


def get_clf(hidden_layer_dim, meta, compile_kwargs):
    """The function of SciKeras' documentation."""
    model = keras.Sequential([keras.Input((meta["n_features_in_"],))])
    model.add(layers.Dense(hidden_layer_dim, activation="relu"))
    model.add(layers.Dense(meta["n_classes_"], activation="softmax"))
    model.compile(**compile_kwargs)
    return model


def get_reg(meta, hidden_layer_sizes=(10,), dropout=0.1):
    """A regression of several layers."""
    model = keras.Sequential([keras.Input((meta["n_features_in_"],))])
    for units in hidden_layer_sizes:
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dropout(dropout))
    model.add(layers.Dense(1))
    return model


def batch_size_and_epochs(own: Any, seed: int) -> Any:
    model = own.KerasClassifier(model=create_model, verbose=0, random_state=seed)
    grid = {"batch_size": [20, 40], "epochs": [2, 3]}
    return GridSearchCV(make_pipeline(StandardScaler(), model), _prefixed(grid, own), cv=3)


def optimizers(own: Any, seed: int) -> Any:
    model = own.KerasClassifier(
        model=create_model, epochs=2, batch_size=40, verbose=0, random_state=seed
    )
    grid = {"model__optimizer": ["sgd", "adam"], "model__init": ["he_normal", "glorot_uniform"]}
    return GridSearchCV(make_pipeline(StandardScaler(), model), _prefixed(grid, own), cv=3)


def documented(own: Any, seed: int) -> Any:
    clf = own.KerasClassifier(
        get_clf, loss="sparse_categorical_crossentropy", optimizer="adam", epochs=3, verbose=0,
        optimizer__learning_rate=0.01, hidden_layer_dim=10, random_state=seed,
    )  # fmt: skip
    pipe = Pipeline([("scale", StandardScaler()), ("clf", clf)])
    grid = {"clf__hidden_layer_dim": [5, 10], "clf__optimizer__learning_rate": [0.1, 0.01]}
    return GridSearchCV(pipe, grid, cv=3, scoring="accuracy")


def early_stopping(own: Any, seed: int) -> Any:
    return own.KerasClassifier(
        get_clf, loss="sparse_categorical_crossentropy", hidden_layer_dim=5, epochs=9, verbose=0,
        callbacks=keras.callbacks.EarlyStopping, callbacks__monitor="val_loss",
        callbacks__patience=2, validation_split=0.2, random_state=seed,
    )  # fmt: skip


def regression(own: Any, seed: int) -> Any:
    reg = own.KerasRegressor(
        get_reg, loss="mse", metrics=["mae"], epochs=3, verbose=0, random_state=seed,
        model__hidden_layer_sizes=(8,), model__dropout=0.1,
    )  # fmt: skip
    space = {"model__hidden_layer_sizes": [(8,), (8, 8)], "optimizer__learning_rate": [0.1, 0.01]}
    return RandomizedSearchCV(reg, {**space, "optimizer": ["adam"]}, n_iter=3, cv=2, random_state=0)


class MLPClassifier:
    """A subclass with parameters of its own, made for the library at hand."""

    def __new__(cls, own: Any, **parameters: Any) -> Any:
        class Perceptron(own.KerasClassifier):
            def __init__(self, width=4, optimizer="adam", epochs=2, verbose=0, **kwargs):
                super().__init__(**kwargs)
                self.width, self.optimizer = width, optimizer
                self.epochs, self.verbose = epochs, verbose

            def _keras_build_fn(self, compile_kwargs):
                return get_clf(self.width, {
                    "n_features_in_": self.n_features_in_, "n_classes_": self.n_classes_
                }, {**compile_kwargs, "loss": "sparse_categorical_crossentropy"})  # fmt: skip

        return Perceptron(**parameters)


def subclass(own: Any, seed: int) -> Any:
    return MLPClassifier(own, width=6, random_state=seed)


def metrics_with_parameters(own: Any, seed: int) -> Any:
    return own.KerasClassifier(
        get_clf, loss=keras.losses.SparseCategoricalCrossentropy, loss__from_logits=False,
        metrics=[keras.metrics.SparseTopKCategoricalAccuracy], metrics__0__k=2, verbose=0,
        hidden_layer_dim=5, epochs=2, random_state=seed,
    )  # fmt: skip


def pipeline(own: Any, seed: int) -> Any:
    clf = own.KerasClassifier(
        get_clf, loss="sparse_categorical_crossentropy", hidden_layer_dim=8, fit__epochs=3,
        fit__batch_size=16, predict__batch_size=50, verbose=0, random_state=seed,
    )  # fmt: skip
    return make_pipeline(MinMaxScaler(), clf)


def bagging(own: Any, seed: int) -> Any:
    reg = own.KerasRegressor(get_reg, loss="mse", epochs=2, verbose=0, random_state=seed)
    return BaggingRegressor(reg, n_estimators=3, random_state=0)


def by_parts(own: Any, seed: int) -> float:
    clf = own.KerasClassifier(
        get_clf, loss="sparse_categorical_crossentropy", hidden_layer_dim=5, optimizer="sgd",
        verbose=0, random_state=seed,
    )  # fmt: skip
    X, X_test, y, y_test = train_test_split(*IRIS, random_state=0)
    for _ in range(5):
        clf.partial_fit(X, y)
    return clf.score(X_test, y_test)


#: By name, what to run and on which table; a function without one runs by itself.
SCRIPTS = {
    "batch size and epochs": (batch_size_and_epochs, CANCER),
    "optimizers": (optimizers, CANCER),
    "documented": (documented, WINE),
    "early stopping": (early_stopping, WINE),
    "regression": (regression, SUGAR),
    "subclass": (subclass, IRIS),
    "metrics with parameters": (metrics_with_parameters, IRIS),
    "pipeline": (pipeline, WINE),
    "bagging": (bagging, SUGAR),
    "by parts": (by_parts, None),
}


def run(name: str, own: Any, seed: int = 0) -> float:
    """Return the score that a script ends with."""
    script, table = SCRIPTS[name]
    made = script(own, seed)
    if table is None:
        return float(made)
    X, y = table
    order = np.random.default_rng(0).permutation(len(X))
    if hasattr(made, "cv"):
        return float(made.fit(X[order], y[order]).best_score_)
    return float(cross_val_score(made, X[order], y[order], cv=2).mean())


def _prefixed(grid: dict[str, Any], own: Any) -> dict[str, Any]:
    return {f"{own.KerasClassifier.__name__.lower()}__{name}": one for name, one in grid.items()}


if __name__ == "__main__":
    library = importlib.import_module(sys.argv[1])
    for name in SCRIPTS:
        scores = [run(name, library, seed) for seed in range(int((sys.argv + ["1"])[2]))]
        print(f"{name:24} {np.mean(scores):.3f} {np.std(scores):.3f}", flush=True)
