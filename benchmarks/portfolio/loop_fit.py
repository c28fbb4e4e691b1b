"""The inside of a user's own loop over candidates and folds, in plain Keras as the guides write it.

Models are compiled and trained with Keras' defaults; callbacks are new for each fit.
"""

import copy
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.class_weight import compute_class_weight

from benchmarks.portfolio.search import Search

#: What ``model.fit`` takes as it is.
OF_FIT = "epochs", "batch_size", "validation_split"


def fit(search: Search, candidate: Mapping[str, Any], fold: int) -> float:
    """Train and score one candidate on one fold."""
    own = {**search.settings, **candidate}
    train, test = search.splits()[fold]
    X, y = search.X[train], search.y[train]
    model = _model(search, own)
    model.fit(
        search.inputs(X),
        y,
        callbacks=copy.deepcopy(own.get("callbacks")),
        class_weight=_weights(own.get("class_weight"), y),
        verbose=0,
        **{name: own[name] for name in OF_FIT if name in own},
    )
    outputs = model.predict(search.inputs(search.X[test]), verbose=0)
    if search.kind == "regressor":
        return float(r2_score(search.y[test], outputs[:, 0]))
    several = outputs.shape[1] > 1
    labels = outputs.argmax(axis=1) if several else (outputs[:, 0] > 0.5).astype(int)
    return float(accuracy_score(search.y[test], labels))


def _model(search: Search, own: Mapping[str, Any]) -> keras.Model:
    """Return the compiled model of a fit."""
    arguments = search.for_build({**own, "meta": {"n_features_in_": search.X.shape[1]}})
    model = search.build(**arguments)
    if "loss" in own:
        optimizer = keras.optimizers.get(own["optimizer"])
        optimizer.learning_rate = own["optimizer__learning_rate"]
        model.compile(optimizer, own["loss"], metrics=["accuracy"])
    return model


def _weights(given: Any, y: NDArray) -> dict[int, float] | None:
    if given is None or isinstance(given, dict):
        return given
    labels = np.unique(y)
    weights = compute_class_weight("balanced", classes=labels, y=y)
    return dict(zip(labels.tolist(), weights.tolist(), strict=True))
