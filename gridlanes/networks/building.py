"""From an estimator's parameters to a compiled Keras model of the right shape."""

import functools
import inspect
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from gridlanes.compat.keras import drawing_from, fresh_names, making
from gridlanes.errors import ModelError, ParameterError
from gridlanes.networks.parameters import (
    COMPILE,
    META,
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
    if isinstance(optimizer, str):
        kind, own = _named(optimizer)
        config = dict(own)
    elif not isinstance(optimizer, type):
        with fresh_names():
            instance = keras.optimizers.get(optimizer)
        kind, config = type(instance), instance.get_config()
    defaults = inspect.signature(kind).parameters
    for name, value in settings.items():
        default = defaults[name].default if name in defaults else None
        config[name] = float(value) if type(default) is float and type(value) is int else value
    with fresh_names():
        return kind.from_config(config)


@functools.lru_cache(maxsize=64)
def _named(name: str) -> tuple[type, dict[str, Any]]:
    """Return class and default configuration of an optimizer; to make it takes a millisecond."""
    with fresh_names():
        instance = keras.optimizers.get(name)
    return type(instance), instance.get_config()


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
            model.compile(**self.compiling(self.width(model)))
        return model

    def rebound(self, meta: Mapping[str, Any]) -> "Blueprint":
        """Return the same for other rows; everything that does not depend on them is shared."""
        arguments = self.arguments
        if META in arguments:
            arguments = {**arguments, META: dict(meta)}
        return Blueprint(self.build, self.own, arguments, self.settings, meta)

    def shares_content(self, other: "Blueprint") -> bool:
        """Return whether the content is the very same objects, so that nothing has to be told."""
        return (
            self.arguments is other.arguments
            and self.settings is other.settings
            and self.own is other.own
            and self.build is other.build
        )

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
        return _checked_width(name_of(self.build), model, self.meta)

    def compiling(self, width: int) -> dict[str, Any]:
        """Return the arguments of ``compile`` for a model of that many outputs, not compiled yet.

        What the function asked for compiles its model all the same, if the function did not.
        """
        named = self._named
        given = {
            name: self.arguments.get(name, _default(named, name) or self.own[name])
            for name in COMPILE
        }
        return {
            "optimizer": make_optimizer(given["optimizer"] or DEFAULT_OPTIMIZER, self.settings),
            "loss": given["loss"] or default_loss(self.meta, width),
            "metrics": given["metrics"] or ["accuracy" if "n_classes_" in self.meta else "mae"],
        }

    @property
    def network_content(self) -> tuple:
        """All that :meth:`network` depends on."""
        settings = self.settings if "optimizer" in self._named else None
        compiling = [self.own[name] is None for name in COMPILE]
        return self.build, self.arguments, settings, compiling

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


def seeded(make: Callable[[], keras.Model], seed: int) -> keras.Model:
    """Return a new model with the weights that a seed gives, and leave global states alone."""
    with own_globals(seed):
        return make()


@contextmanager
def own_globals(seed: int) -> Iterator[None]:
    """Seed all generators, and leave the caller's random states and layer names as they were.

    ``set_random_seed`` seeds Python's and NumPy's global generators, which are the caller's. From
    Python's Keras draws the seeds of layers, as may other threads of the process at any moment:
    those of Dask do. So Keras gets a generator of its own here. Its seeds are those of plain
    Keras unless a build function draws from Python's generator between them. Searches in other
    threads wait.
    """
    with making:
        states = random.getstate(), np.random.get_state()
        try:
            with fresh_names(), drawing_from(random.Random(seed)):  # noqa: S311
                keras.utils.set_random_seed(seed)
                yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])


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
    shape = output_shape(model, meta["X_shape_"])
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


def output_shape(model: keras.Model, shape: Sequence[int]) -> Any:
    """Return the shape of a model's output for rows of this shape.

    A subclass of ``keras.Model`` has to be called to find out.
    """
    if model.built and getattr(model, "outputs", None):
        return model.output_shape
    rows = np.zeros((1, *shape[1:]), dtype=keras.config.floatx())
    return keras.ops.shape(model(rows, training=False))


def as_inputs(model: keras.Model, X: Any) -> Any:
    """Return rows as a model takes them: one array, or one for each of its inputs.

    A model with several inputs gets the columns in order, as many for each as it is wide.

    Parameters
    ----------
    model : keras.Model
    X : array or tensor of shape (rows, columns)

    Raises
    ------
    ModelError
        If the inputs do not add up to the columns.
    """
    shapes = [tuple(side.shape) for side in getattr(model, "inputs", None) or []]
    if len(shapes) < 2:
        return X
    if any(len(shape) != 2 for shape in shapes) or sum(s[1] for s in shapes) != X.shape[-1]:
        raise ModelError(
            f"the inputs of a model with several must add up to the {X.shape[-1]} columns of the "
            f"data; found shapes {', '.join(map(str, shapes))}"
        )
    ends = np.cumsum([0, *(shape[1] for shape in shapes)])
    return [X[:, start:end] for start, end in itertools.pairwise(ends)]


def default_loss(meta: Mapping[str, Any], width: int) -> str:
    """Return the loss for a model that comes back uncompiled when the estimator names none.

    Binary cross-entropy for one output of a classifier, sparse categorical cross-entropy for
    several (both on probabilities, so the last layer is a sigmoid or a softmax), and mean squared
    error for a regression. Keras itself has no default.
    """
    if "n_classes_" not in meta:
        return "mean_squared_error"
    return "binary_crossentropy" if width == 1 else "sparse_categorical_crossentropy"
