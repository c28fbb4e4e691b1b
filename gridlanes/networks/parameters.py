"""Which parameter of an estimator reaches what.

A parameter goes to the build function if its signature names it (``activation=``, or in
SciKeras' form ``model__activation=``), to the optimizer, a loss, a metric or a callback if it is
written ``optimizer__learning_rate=``, to ``fit``, ``predict`` or ``compile`` if it is written
``fit__epochs=``, and otherwise to the estimator. One that would reach nothing is an error: a
misspelt name on a grid must not become a column of equal scores. One with two values in two
spellings is too, see :mod:`gridlanes.networks.spellings`.

Nothing here loads TensorFlow, so names can be checked before it is paid for.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gridlanes.errors import ParameterError, UnknownParameterError, did_you_mean, nearest
from gridlanes.networks.signatures import name_of, signature_of, who_of

#: Parameters of the estimators that compile a model which comes back uncompiled.
COMPILE = ("optimizer", "loss", "metrics")

#: The parameters that are estimators: of rows, and of the targets of a regression.
PREPROCESSING, TARGET_TRANSFORMER = TRANSFORMERS = ("preprocessing", "target_transformer")

#: What the build function may ask for besides parameters, as in SciKeras: what is known of the
#: data, what ``compile`` is to be called with, and all parameters of the estimator.
META, COMPILE_KWARGS, PARAMS = ASKED = ("meta", "compile_kwargs", "params")

#: What the wrappers of ``keras.wrappers`` hand to a build function, and nothing here does.
GIVEN_BY_KERAS = ("X", "y")

#: What a fit can be given besides its rows, in its call or as ``fit__name``.
FIT = (
    "batch_size",
    "callbacks",
    "class_weight",
    "epochs",
    "shuffle",
    "validation_batch_size",
    "validation_data",
    "validation_split",
    "verbose",
)

#: What predictions can be given besides their rows, in their call or as ``predict__name``.
PREDICT = ("batch_size", "verbose")

#: What ``compile`` can be given as ``compile__name`` besides :data:`COMPILE`.
COMPILE_OPTIONS = (
    "auto_scale_loss",
    "jit_compile",
    "loss_weights",
    "run_eagerly",
    "steps_per_execution",
    "weighted_metrics",
)

#: Names after a prefix; None where any name is one that an object may take.
AFTER: dict[str, tuple[str, ...] | None] = {
    "callbacks": None,
    "compile": (*COMPILE, *COMPILE_OPTIONS),
    "fit": FIT,
    "loss": None,
    "metrics": None,
    "optimizer": None,
    "predict": PREDICT,
}

#: Parameters with other names than in SciKeras' own signature, that are taken by those too.
OTHER_NAMES = ("build_fn", "run_eagerly")

#: Names of Keras and its wrappers that have no place here, and what does the same.
INSTEAD = {
    "fit_kwargs": "give each by its own name, or as fit__name",
    "model_kwargs": "give each by its own name, or as model__name",
    "initial_epoch": "partial_fit() and warm_start=True go on from where training has ended",
    "steps_per_epoch": "an epoch goes through all rows; give fewer rows, or more epochs",
    "validation_freq": "rows held out are watched in each epoch",
    "validation_steps": "all rows held out are watched; give fewer of them",
    "steps": "give the rows to predict for",
    "learn_rate": "optimizer__learning_rate sets it",
    "learning_rate": "optimizer__learning_rate sets it",
    "lr": "optimizer__learning_rate sets it",
}


def check_names(build: Any, names: Iterable[str], own: Iterable[str]) -> None:
    """Check that each extra parameter would reach something.

    Parameters
    ----------
    build : callable or anything else
        Anything else is not checked here: it is reported when the model is to be built.
    names : iterable of str
        Parameters that are not the estimator's own.
    own : iterable of str
        The estimator's own parameters, for the message.

    Raises
    ------
    ParameterError
        Naming the parameter, the nearest known one and all that are allowed.
    """
    if not callable(build):
        return
    named, takes_any = signature_of(build)
    names = list(names)
    if named.get("hp") is inspect.Parameter.empty and not {"hp", "model__hp"} & set(names):
        who = name_of(build)
        raise ParameterError(
            f"{who}() asks for 'hp', as for KerasTuner; wrap it: model=Tunable({who})"
        )
    for name in names:
        prefix, _, rest = name.partition("__")
        if set(ASKED) & {name, rest if prefix == "model" else name}:
            raise ParameterError(f"{rest or name!r} is for the build function to ask for")
        if name in named or name in OTHER_NAMES or (prefix == "model" and rest in named):
            continue
        if rest and prefix in AFTER:
            _check_after(prefix, rest)
            continue
        if (takes_any or PARAMS in named) and (not rest or prefix == "model"):
            continue
        allowed = sorted({*own, *named} - {*ASKED, *GIVEN_BY_KERAS, "model"})
        routed = [f"model__{name}" for name in named]
        routed += [f"{near}__{rest}" for near in nearest(prefix, AFTER) if rest]
        raise UnknownParameterError(
            f"parameter {name!r} would reach nothing: neither {who_of(build)} nor the "
            f"estimator takes it{_hint(name, [*allowed, *routed])} "
            f"Allowed: {', '.join(allowed)}, optimizer__*."
        )


def _check_after(prefix: str, name: str) -> None:
    """Raise unless something is reached by a name after a prefix."""
    allowed = AFTER[prefix]
    if allowed is not None and name not in allowed:
        check_call(prefix, [name], allowed, f"parameter '{prefix}__{name}'")


def check_call(
    method: str, names: Iterable[str], allowed: Sequence[str], who: str | None = None
) -> None:
    """Check that what a method is given besides rows is something that it takes.

    Raises
    ------
    ParameterError
        Naming what to do instead, or the nearest name, and all that are allowed.
    """
    for name in names:
        if name in allowed:
            continue
        raise UnknownParameterError(
            f"{who or f'argument {name!r}'} would reach nothing in {method}()"
            f"{_hint(name, allowed)} Allowed: {', '.join(allowed)}."
        )


def _hint(name: str, allowed: Sequence[str]) -> str:
    """Return what to write in place of a name that reaches nothing, as the middle of a message."""
    if name in INSTEAD:
        return f"; {INSTEAD[name]}."
    return did_you_mean(name, allowed) or ";"


def build_arguments(
    build: Callable, own: Mapping[str, Any], extra: Mapping[str, Any], meta: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the keyword arguments with which to call the build function.

    One of the estimator's own parameters is passed if the signature names it, unless it is None
    and the function has a default.
    """
    named, takes_any = signature_of(build)
    arguments = {
        name: value
        for name, value in own.items()
        if name in named and (value is not None or named[name] is inspect.Parameter.empty)
    }
    plain_names = [name for name in extra if "__" not in name and (takes_any or name in named)]
    arguments |= {name: extra[name] for name in extra if name in named or name in plain_names}
    for name, value in extra.items():
        prefix, _, rest = name.partition("__")
        if prefix == "model" and name not in named and (takes_any or rest in named):
            arguments[rest] = value
    if META in named:
        arguments[META] = dict(meta)
    if PARAMS in named:
        # Transformers are fitted before the network is built.
        known = {**own, **extra}
        arguments[PARAMS] = {name: known[name] for name in known if name not in TRANSFORMERS}
    arguments = {name: plain(value) for name, value in arguments.items()}
    active = getattr(build, "active_hyperparameters", None)
    return active(arguments) if active else arguments


def plain(value: Any) -> Any:
    """Return numbers of NumPy's, alone or in a list or tuple, as Python's: Keras wants those."""
    if isinstance(value, np.generic):
        return value.item()
    return type(value)(map(plain, value)) if type(value) in (list, tuple) else value


def unshared(value: Any) -> Any:
    """Return a copy of lists, dicts, sets and arrays, however deep; anything else as it is.

    What is handed to a build function may be changed there.
    """
    if type(value) in (list, tuple, set):
        return type(value)(map(unshared, value))
    if type(value) is dict:
        return {name: unshared(own) for name, own in value.items()}
    return value.copy() if type(value) is np.ndarray else value


def nested(parameters: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the parameters written ``name__parameter``, without their prefix."""
    prefix = f"{name}__"
    return {key.removeprefix(prefix): v for key, v in parameters.items() if key.startswith(prefix)}
