"""Targets in the form that a network's last layer and loss expect.

Keras wants binary targets as 0/1 in one column, several classes as integers or one-hot rows
depending on the loss, and gives back logits or probabilities. Scikit-learn wants class labels
in and a column of probabilities for each class out. The two meet here; NumPy only.
"""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Losses that take classes as numbers, by how their names begin.
SPARSE = "sparsecategorical"
BY_NUMBER = ("categoricalgeneralizedcrossentropy", "circle", SPARSE)


def loss_name(loss: Any) -> str:
    """Return the name of a Keras loss given as a name, a function, a class or an object."""
    if isinstance(loss, str):
        return loss
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", type(loss).__name__))


def only_one(loss: Any) -> Any:
    """Return the loss of a network with one output, also if it was given in a list or dict."""
    entries = list(loss.values()) if isinstance(loss, Mapping) else loss
    return entries[0] if isinstance(entries, (list, tuple)) and len(entries) == 1 else loss


def has_logits(loss: Any) -> bool:
    """Return whether a loss takes logits for probabilities."""
    return bool(getattr(only_one(loss), "from_logits", False))


def is_sparse(loss: Any) -> bool:
    """Return whether a loss takes classes as numbers.

    Keras' own take what Keras says. One of the user's gets numbers, as in SciKeras, unless it is
    called categorical, and not sparse, or inherits from a loss of Keras that takes a column for
    each class.
    """
    loss = _unwrapped(only_one(loss))
    plain = _plain_names(loss)
    if any(name.startswith(BY_NUMBER) for name in plain):
        return True
    by_column = any("categorical" in name and "sparse" not in name for name in plain)
    return _is_own(loss) and not by_column


def needs_all_units(loss: Any) -> bool:
    """Return whether a loss is one of Keras' that needs a unit for each class, of two as well."""
    loss = _unwrapped(only_one(loss))
    return not _is_own(loss) and any(name.startswith(SPARSE) for name in _plain_names(loss))


def _plain_names(loss: Any) -> list[str]:
    """Return the names of a loss and its classes: an object may have been given another name."""
    names = [loss_name(loss), *(own.__name__ for own in _classes(loss))]
    return [name.lower().replace("_", "") for name in names]


def _unwrapped(loss: Any) -> Any:
    """Return the function in a partial one, any other loss as it is."""
    return _unwrapped(loss.func) if isinstance(loss, functools.partial) else loss


def _classes(loss: Any) -> tuple[type, ...]:
    return (loss if isinstance(loss, type) else type(loss)).__mro__


def _is_own(loss: Any) -> bool:
    """Return whether a loss is the user's and does not inherit from one that Keras has."""
    if loss is None or isinstance(loss, (str, Mapping, list, tuple)):
        return False
    if hasattr(loss, "__code__"):
        return not _is_keras(loss)
    bases = ("KerasSaveable", "Loss", "LossFunctionWrapper")
    return not any(_is_keras(own) and own.__name__ not in bases for own in _classes(loss))


def _is_keras(own: Any) -> bool:
    return str(own.__module__).startswith("keras.")


def for_network(y: NDArray, *, n_classes: int | None, width: int, loss: Any, dtype: str) -> NDArray:
    """Return targets as a network of ``width`` outputs trained with ``loss`` expects them.

    Parameters
    ----------
    y : ndarray of shape (rows,) or (rows, outputs)
        Class numbers from 0, or the targets of a regression.
    n_classes : int or None
        None for a regression.
    width : int
        Units of the last layer.
    loss : str, callable or keras.losses.Loss
    dtype : str
        Float type of the network.

    Returns
    -------
    ndarray of shape (rows, width), or (rows, 1) for one output or a sparse loss.
    """
    if n_classes is None:
        return y.reshape(len(y), -1).astype(dtype)
    if width == 1:
        return y.reshape(-1, 1).astype(dtype)
    if is_sparse(loss):
        return y.reshape(-1, 1).astype("int32")
    one_hot: NDArray = np.eye(n_classes, dtype=dtype)[y]
    return one_hot


def probabilities(outputs: NDArray, *, loss: Any) -> NDArray:
    """Return class probabilities, shape (rows, classes), from a network's outputs.

    One output is the probability of the second class. Where the loss object says
    ``from_logits=True`` the outputs are passed through a sigmoid or softmax first, which
    ``keras.Model.predict`` leaves to its caller.
    """
    logits = has_logits(loss)
    if outputs.shape[1] == 1:
        second = _sigmoid(outputs) if logits else outputs
        return np.hstack([1 - second, second])
    return _softmax(outputs) if logits else outputs


def column_probabilities(outputs: NDArray, *, loss: Any, one_of: bool) -> NDArray:
    """Return the probability of each label, shape (rows, labels), from a network's outputs.

    Parameters
    ----------
    outputs : ndarray of shape (rows, labels)
    loss : str, callable or keras.losses.Loss
        As for :func:`probabilities`.
    one_of : bool
        Whether each row has exactly one of the labels.
    """
    if not has_logits(loss):
        return outputs
    return _softmax(outputs) if one_of else _sigmoid(outputs)


def _sigmoid(outputs: NDArray) -> NDArray:
    # exp(-|z|) never overflows, whatever the sign of the logit.
    tail = np.exp(-np.abs(outputs))
    found: NDArray = np.where(outputs >= 0, 1 / (1 + tail), tail / (1 + tail))
    return found


def _softmax(outputs: NDArray) -> NDArray:
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    found: NDArray = powers / powers.sum(axis=1, keepdims=True)
    return found
