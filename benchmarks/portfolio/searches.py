"""The searches: each a function of the name that is asked for, which makes its table."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras.callbacks import EarlyStopping, ReduceLROnPlateau
from scipy.stats import loguniform, randint, uniform

from benchmarks.portfolio import networks, tables
from benchmarks.portfolio.search import Search

#: Widths of :func:`distinct_widths` lie between.
NARROWEST, WIDEST = 8, 256


def rate_and_momentum() -> Search:
    """Vary learning rate and momentum of SGD."""
    rates = [0.001, 0.01, 0.1, 0.2, 0.3]
    return _small({"learn_rate": rates, "momentum": [0.0, 0.2, 0.4, 0.6, 0.8, 0.9]})


def activations() -> Search:
    """Try eight activations."""
    names = "softmax softplus softsign relu tanh sigmoid hard_sigmoid linear"
    return _small({"activation": names.split()})


def dropout_and_maxnorm() -> Search:
    """Vary dropout and the constraint of weights that goes with it."""
    rates = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    return _small({"weight_constraint": [1, 2, 3, 4, 5], "dropout_rate": rates})


def _small(space: Mapping[str, Any]) -> Search:
    settings = {"epochs": 30, "batch_size": 10}
    return Search("classifier", networks.small, *tables.pima_like(), space, settings)


def hidden_layer_sizes() -> Search:
    """Vary the shape of a network that is not compiled, with its optimizer's learning rate."""
    space = {
        "optimizer__learning_rate": [0.05, 0.1],
        "hidden_layer_sizes": [(100,), (50, 50)],
        "dropout": [0, 0.5],
    }
    settings = {"loss": "binary_crossentropy", "optimizer": "adam", "epochs": 10}
    return Search("classifier", networks.from_meta, *tables.binary(), space, settings, folds=5)


def housing_random() -> Search:
    """Draw depth, width and learning rate of a regression that stops early."""
    space = {
        "n_hidden": [0, 1, 2, 3],
        "n_neurons": np.arange(1, 100),
        "learning_rate": loguniform(3e-4, 3e-2),
    }
    stopping = [EarlyStopping(patience=5)]
    settings = {"epochs": 30, "validation_split": 0.1, "callbacks": stopping}
    table = tables.housing_like()
    return Search("regressor", networks.regression, *table, space, settings, draws=10)


def units_and_layers() -> Search:
    """Draw all that a tuner's first example has."""
    space = {
        "n_layers": [1, 2, 3],
        "units": list(range(32, 513, 32)),
        "activation": ["relu", "tanh"],
        "dropout": [False, True],
        "lr": loguniform(1e-4, 1e-2),
    }
    settings = {"epochs": 10, "batch_size": 32}
    return Search("classifier", networks.digits, *tables.digits(), space, settings, draws=12)


def images() -> Search:
    """Vary the filters of a convolution."""
    X, y = tables.digits()
    space = {"filters": [8, 16], "lr": [1e-3, 3e-3]}
    settings = {"epochs": 5, "batch_size": 32}
    return Search(
        "classifier", networks.images, X.reshape(-1, 8, 8, 1), y, space, settings, folds=2
    )


def series_lstm() -> Search:
    """Vary units and optimizer of a recurrent network."""
    space = {"units": [16, 32], "optimizer": ["adam", "rmsprop"]}
    settings = {"epochs": 5, "batch_size": 32}
    return Search("regressor", networks.series, *tables.waves(), space, settings, folds=2)


def text() -> Search:
    """Draw filters and kernels over an embedding."""
    space = {
        "num_filters": [32, 64, 128],
        "kernel_size": [3, 5, 7],
        "vocab_size": [1000],
        "embedding_dim": [50],
        "maxlen": [50],
    }
    settings = {"epochs": 10, "batch_size": 10}
    table = tables.sentences()
    return Search("classifier", networks.text, *table, space, settings, draws=5, folds=4)


def fraud() -> Search:
    """Vary the weight of a rare class."""
    space = {
        "lr": [1e-3, 1e-2],
        "dropout": [0.2, 0.4],
        "class_weight": [None, "balanced", {0: 1.0, 1: 10.0}],
    }
    settings = {"epochs": 5, "batch_size": 512}
    return Search("classifier", networks.fraud, *tables.rare_frauds(), space, settings)


def two_inputs() -> Search:
    """Vary what a network with two inputs has."""
    rates = loguniform(1e-4, 1e-2).rvs(5, random_state=0).tolist()
    space = {"dropout": [0.1, 0.3, 0.5], "lr": rates}
    settings = {"epochs": 20, "batch_size": 32}
    table = tables.cancer()
    return Search("classifier", networks.two_inputs, *table, space, settings, columns=(20, 10))


def schedule() -> Search:
    """Vary a schedule of the learning rate."""
    space = {"rate0": [1e-3, 3e-3, 1e-2, 3e-2], "decay": [0.8, 0.9, 0.95, 0.99]}
    settings = {"epochs": 30, "batch_size": 16}
    return Search("classifier", networks.wine_schedule, *tables.wine(), space, settings)


def plateau() -> Search:
    """Let learning rates fall where the loss does no more, until the fit stops."""
    callbacks = [
        ReduceLROnPlateau(monitor="val_loss", patience=3, factor=0.5),
        EarlyStopping(monitor="val_loss", patience=8),
    ]
    settings = {"epochs": 30, "batch_size": 16, "validation_split": 0.2, "callbacks": callbacks}
    space = {"lr": [1e-3, 3e-3, 1e-2]}
    return Search("classifier", networks.wine, *tables.shuffled_wine(), space, settings)


def early_stopping() -> Search:
    """Let fits stop early and keep their best weights."""
    stopping = [EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)]
    settings = {"epochs": 60, "batch_size": 16, "validation_split": 0.2, "callbacks": stopping}
    space = {"lr": loguniform(1e-4, 1e-1), "dropout": uniform(0.05, 0.5)}
    return Search("classifier", networks.wine, *tables.shuffled_wine(), space, settings, draws=20)


def batch_sizes() -> Search:
    """Draw batch sizes and learning rates."""
    return _cancer({"batch_size": randint(8, 128), "lr": loguniform(1e-4, 1e-2)}, draws=30)


def widths() -> Search:
    """Try thirty widths, no two of them alike."""
    drawn = np.random.default_rng(0).choice(np.arange(8, 129), 30, replace=False)
    return _cancer({"units": drawn.tolist()})


def depths() -> Search:
    """Try one to four layers."""
    return distinct_depths(4)


def depth_and_width() -> Search:
    """Draw layers, width, learning rate, dropout and batch size."""
    space = {
        "n_layers": [1, 2, 3, 4],
        "units": [16, 32, 64, 128],
        "lr": loguniform(1e-4, 1e-2),
        "dropout": uniform(0.05, 0.5),
        "batch_size": [16, 32, 64],
    }
    return _cancer(space, draws=30)


def log_rate_and_dropout() -> Search:
    """Draw learning rate and dropout."""
    return _cancer({"lr": loguniform(1e-4, 1e-1), "dropout": uniform(0.05, 0.6)}, draws=40)


def distinct_widths(count: int) -> Search:
    """Try so many widths, evenly spread, so that their mean is the same for every count."""
    middles = (np.arange(count) + 0.5) / count
    return _cancer({"units": (NARROWEST + (WIDEST - NARROWEST) * middles).astype(int).tolist()})


def distinct_depths(count: int) -> Search:
    """Try so many depths, from one layer on."""
    space = {"n_layers": list(range(1, count + 1)), "units": [32], "lr": [1e-3, 3e-3, 1e-2]}
    return _cancer({**space, "dropout": [0.2, 0.4]})


def _cancer(space: Mapping[str, Any], draws: int | None = None) -> Search:
    settings = {"epochs": 20, "batch_size": 32}
    return Search("classifier", networks.cancer, *tables.cancer(), space, settings, draws=draws)


def big_table() -> Search:
    """Vary a wide network on many rows."""
    space = {"lr": [1e-4, 1e-3, 1e-2], "dropout": [0.2, 0.5]}
    settings = {"epochs": 3, "batch_size": 64}
    return Search("classifier", networks.big_table, *tables.many_rows(), space, settings)
