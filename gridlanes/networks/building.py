"""From an estimator's parameters to a compiled Keras model of the right shape."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from gridlanes.compat.keras import fresh_names
from gridlanes.compat.keras_optimizers import keep_undecayed
from gridlanes.errors import ModelError, ParameterError
from gridlanes.networks.parameters import (
    COMPILE,
    META,
    build_arguments,
    name_of,
    optimizer_settings,
    signature_of,
)
from gridlanes.networks.shapes import checked_width, outputs_of

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
    instance = None
    if isinstance(optimizer, str):
        kind = _named(optimizer)
    elif not isinstance(optimizer, type):
        with fresh_names():
            instance = keras.optimizers.get(optimizer)
        kind, config = type(instance), instance.get_config()
    defaults = inspect.signature(kind).parameters
    for name, value in settings.items():
        default = defaults[name].default if name in defaults else None
        config[name] = float(value) if type(default) is float and type(value) is int else value
    with fresh_names():
        made = kind.from_config(config)
    keep_undecayed(made, instance)
    return made


@functools.lru_cache(maxsize=64)
def _named(name: str) -> type:
    """Return the class of an optimizer; Keras makes one to tell, which takes a millisecond.

    The configuration of that one would not do: its numbers are rounded to the float type of then.
    """
    with fresh_names():
        return type(keras.optimizers.get(name))


@dataclass(frozen=True, eq=False, slots=True)
class Blueprint:
    """A function of nothing that builds and compiles the model some parameters ask for.

    Attributes
    ----------
    build : callable
        The user's build function.
    own : dict
        Those of the estimator's own parameters that compile a model.
    arguments : dict
        With which to call ``build``.
    settings : dict
        Of the optimizer.
    meta : dict
        What SciKeras calls ``meta``: the shape of the rows and the kind of target.
    """

    build: Callable
    own: Mapping[str, Any]
    arguments: dict[str, Any]
    settings: Mapping[str, Any]
    meta: Mapping[str, Any]

    def __call__(self) -> keras.Model:
        """Return a new, compiled model.

        Raises
        ------
        ParameterError
            For a parameter that would reach nothing.
        ModelError
            For a model that does not fit the task.
        """
        model = self.network()
        if not model.compiled:
            model.compile(**self.compiling(self.width(model), outputs_of(model)))
        return model

    def rebound(self, meta: Mapping[str, Any]) -> "Blueprint":
        """Return the same for other rows; everything that does not depend on them is shared."""
        arguments = self.arguments
        if META in arguments:
            arguments = {**arguments, META: dict(meta)}
        return Blueprint(self.build, self.own, arguments, self.settings, meta)

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal while both live only if the content is the very same objects."""
        own = id(self.arguments), id(self.settings), id(self.own), id(self.build)
        return *own, self._task

    def network(self) -> keras.Model:
        """Return a new model as the build function leaves it; compiled only if it does that."""
        named, name = self._named, name_of(self.build)
        arguments, settings = self.arguments, self.settings
        if "optimizer" in named:
            optimizer = arguments.get("optimizer", named["optimizer"])
            if settings or isinstance(optimizer, keras.optimizers.Optimizer):
                optimizer = make_optimizer(optimizer or DEFAULT_OPTIMIZER, settings)
                arguments = {**arguments, "optimizer": optimizer}
            settings = {}
        model = self.build(**arguments)
        if not isinstance(model, keras.Model):
            raise ModelError(f"{name}() must return a Keras model; got {model!r}")
        self.width(model)
        if model.compiled:
            compiling = {key: self.own[key] for key in COMPILE if key not in named}
            _refuse(name, compiling, settings)
        return model

    def width(self, model: keras.Model) -> int:
        """Return the number of units in a model's last layer, which must suit the target.

        Raises
        ------
        ModelError
        """
        return checked_width(name_of(self.build), model, self.meta)

    def compiling(self, width: int, outputs: int = 1) -> dict[str, Any]:
        """Return the arguments of ``compile`` for a model of that many units in as many outputs.

        What the function asked for compiles its model all the same, if the function did not.
        """
        named = self._named
        given = {
            name: self.arguments.get(name, _default(named, name) or self.own[name])
            for name in COMPILE
        }
        metrics = ["accuracy" if "n_classes_" in self.meta else "mae"]
        return {
            "optimizer": make_optimizer(given["optimizer"] or DEFAULT_OPTIMIZER, self.settings),
            "loss": given["loss"] or default_loss(self.meta, width),
            # Of several outputs each has a list of its own.
            "metrics": given["metrics"] or (metrics if outputs == 1 else [metrics] * outputs),
        }

    @property
    def network_content(self) -> tuple:
        """All that :meth:`network` depends on."""
        settings = self.settings if "optimizer" in self._named else None
        compiling = [self.own[name] is None for name in COMPILE]
        return self.build, self.arguments, settings, compiling, self._task

    @property
    def compile_content(self) -> tuple:
        """All that :meth:`compiling` depends on besides the number of outputs."""
        named = [self.arguments.get(name, _default(self._named, name)) for name in COMPILE]
        own = [self.own[name] for name in COMPILE]
        return named, own, self.settings, "n_classes_" in self.meta

    @property
    def content(self) -> tuple:
        """All that a call depends on."""
        return *self.network_content, self.settings, [self.own[name] for name in COMPILE]

    @property
    def _task(self) -> tuple[Any, ...]:
        """What a network has to suit, and takes its shape from if it is not built before."""
        sizes = (self.meta.get(name) for name in ("target_type_", "n_classes_", "n_outputs_"))
        return *sizes, tuple(self.meta["X_shape_"][1:])

    @property
    def _named(self) -> dict[str, Any]:
        return signature_of(self.build)[0]


def bind(
    build: Any, own: Mapping[str, Any], extra: Mapping[str, Any], meta: Mapping[str, Any]
) -> Blueprint:
    """Return how to build the model that an estimator's parameters ask for.

    Parameters
    ----------
    build : callable
        The user's build function.
    own : dict
        The estimator's own parameters.
    extra : dict
        Its other parameters, checked by :func:`gridlanes.networks.parameters.check_names`.
    meta : dict
        See :class:`Blueprint`.

    Raises
    ------
    ParameterError
        If ``build`` cannot be called.
    """
    if not callable(build):
        raise ParameterError(f"model must be a function that returns a Keras model; got {build!r}")
    arguments = build_arguments(build, own, extra, meta)
    compiling = {name: own[name] for name in COMPILE if name in own}
    return Blueprint(build, compiling, arguments, optimizer_settings(extra), meta)


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


def default_loss(meta: Mapping[str, Any], width: int) -> str:
    """Return the loss for a model that comes back uncompiled when the estimator names none.

    Binary cross-entropy for one output of a classifier, sparse categorical cross-entropy for
    several (both on probabilities, so the last layer is a sigmoid or a softmax), and mean squared
    error for a regression. Keras itself has no default.
    """
    if "n_classes_" not in meta:
        return "mean_squared_error"
    return "binary_crossentropy" if width == 1 else "sparse_categorical_crossentropy"
