"""From an estimator's parameters to a compiled Keras model of the right shape."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np

from gridlanes.errors import ModelError, ParameterError
from gridlanes.parameters import (
    COMPILE,
    build_arguments,
    name_of,
    optimizer_settings,
    signature_of,
)

#: Keras' own default in ``Model.compile``.
DEFAULT_OPTIMIZER = "rmsprop"


def make_optimizer(optimizer: Any, settings: Mapping[str, Any]) -> keras.optimizers.Optimizer:
    """Return a new optimizer, some of its settings replaced.

    Parameters
    ----------
    optimizer : str, dict, type or keras.optimizers.Optimizer
        An object is copied from its configuration: its slots and step count belong to the fit
        it was first used in.
    settings : dict
        Whole numbers become floats where the optimizer's own default is one, because Keras
        refuses ``learning_rate=1``.

    Raises
    ------
    ValueError
        From Keras, for a name or a setting that it does not know.
    """
    kind: Any = optimizer
    config: dict[str, Any] = {}
    if not isinstance(optimizer, type):
        instance = keras.optimizers.get(optimizer)
        kind, config = type(instance), instance.get_config()
    defaults = inspect.signature(kind).parameters
    for name, value in settings.items():
        default = defaults[name].default if name in defaults else None
        config[name] = float(value) if type(default) is float and type(value) is int else value
    return kind.from_config(config)


def bind(
    build: Any, own: Mapping[str, Any], extra: Mapping[str, Any], meta: Mapping[str, Any]
) -> Callable[[], keras.Model]:
    """Return a function of nothing that builds and compiles the model these parameters ask for.

    Parameters
    ----------
    build : callable
        The user's build function.
    own : dict
        The estimator's own parameters.
    extra : dict
        Its other parameters, checked by :func:`gridlanes.parameters.check_names`.
    meta : dict
        What SciKeras calls ``meta``: the shape of the rows and the kind of target.

    Raises
    ------
    ParameterError
        If ``build`` cannot be called. The function returned raises it too, for a parameter that
        would reach nothing, and :class:`ModelError` for a model that does not fit the task.
    """
    if not callable(build):
        raise ParameterError(f"model must be a function that returns a Keras model; got {build!r}")
    arguments = build_arguments(build, own, extra, meta)
    return partial(_build, build, arguments, own, optimizer_settings(extra), meta)


def _build(
    build: Callable,
    arguments: dict[str, Any],
    own: Mapping[str, Any],
    settings: Mapping[str, Any],
    meta: Mapping[str, Any],
) -> keras.Model:
    named, _ = signature_of(build)
    if "optimizer" in named:
        optimizer = arguments.get("optimizer", named["optimizer"])
        if settings or isinstance(optimizer, keras.optimizers.Optimizer):
            optimizer = make_optimizer(optimizer or DEFAULT_OPTIMIZER, settings)
            arguments = {**arguments, "optimizer": optimizer}
        settings = {}
    model = build(**arguments)
    if not isinstance(model, keras.Model):
        raise ModelError(f"{name_of(build)}() must return a Keras model; got {model!r}")
    width = _checked_width(name_of(build), model, meta)
    if model.compiled:
        compiling = {name: own[name] for name in COMPILE if name not in named}
        _refuse(name_of(build), compiling, settings)
        return model
    # What the function asked for compiles its model all the same, if the function did not.
    given = {name: arguments.get(name, _default(named, name) or own[name]) for name in COMPILE}
    model.compile(
        optimizer=make_optimizer(given["optimizer"] or DEFAULT_OPTIMIZER, settings),
        loss=given["loss"] or default_loss(meta, width),
        metrics=given["metrics"] or ["accuracy" if "n_classes_" in meta else "mae"],
    )
    return model


def _default(named: Mapping[str, Any], name: str) -> Any:
    """Return the default of an argument of the build function, None without one."""
    default = named.get(name)
    return None if default is inspect.Parameter.empty else default


def _refuse(name: str, compiling: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Refuse parameters that would compile a model which its build function has compiled."""
    left = [key for key, value in compiling.items() if value is not None]
    left += [f"optimizer__{key}" for key in settings]
    if left:
        raise ParameterError(
            f"parameter {left[0]!r} would reach nothing: {name}() compiles its model itself and "
            f"does not take {left[0].partition('__')[0]!r}; add that argument to {name}(), or "
            "let it return an uncompiled model."
        )


def _checked_width(name: str, model: keras.Model, meta: Mapping[str, Any]) -> int:
    """Return the number of units in the last layer, which must suit the target."""
    if not model.built:
        rows = np.zeros((1, *meta["X_shape_"][1:]), dtype=keras.config.floatx())
        shape = keras.ops.shape(model(rows, training=False))
    else:
        shape = model.output_shape
    if isinstance(shape, (list, dict)) or any(isinstance(side, tuple) for side in shape):
        raise ModelError(f"{name}() must return a model with one output; it has several: {shape}")
    kind = meta["target_type_"]
    allowed: list[int] = {
        "binary": [1, 2],
        "multiclass": [meta.get("n_classes_", 0)],
    }.get(kind, [meta["n_outputs_"]])
    if len(shape) != 2 or shape[1] not in allowed:
        raise ModelError(
            f"{name}() returned a model with outputs of shape {tuple(shape)}; a {kind} target "
            f"needs {' or '.join(str(width) for width in allowed)} unit(s) in the last layer"
        )
    return int(shape[1])


def default_loss(meta: Mapping[str, Any], width: int) -> str:
    """Return the loss for a model that comes back uncompiled when the estimator names none.

    Binary cross-entropy for one output of a classifier, sparse categorical cross-entropy for
    several (both on probabilities, so the last layer is a sigmoid or a softmax), and mean squared
    error for a regression. Keras itself has no default.
    """
    if "n_classes_" not in meta:
        return "mean_squared_error"
    return "binary_crossentropy" if width == 1 else "sparse_categorical_crossentropy"
