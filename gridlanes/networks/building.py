"""From an estimator's parameters to a compiled Keras model of the right shape."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from gridlanes.errors import ModelError, ParameterError
from gridlanes.networks.compiling import (
    DEFAULT_OPTIMIZER,
    check_known,
    check_loss,
    check_optimizer,
    default_loss,
    default_metrics,
    make_optimizer,
    refuse_compiling,
)
from gridlanes.networks.parameters import (
    COMPILE,
    COMPILE_KWARGS,
    COMPILE_OPTIONS,
    GIVEN_BY_KERAS,
    META,
    build_arguments,
    nested,
    unshared,
)
from gridlanes.networks.routed import class_of_loss, class_of_metric, made, same_loss
from gridlanes.networks.shapes import check_units, checked_width, outputs_of
from gridlanes.networks.signatures import name_of, signature_of


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
    routed : dict of str to dict
        What goes to the ``optimizer``, the ``loss``, the ``metrics`` and to ``compile``.
    meta : dict
        What SciKeras calls ``meta``: the shape of the rows and the kind of target.
    """

    build: Callable
    own: Mapping[str, Any]
    arguments: dict[str, Any]
    routed: Mapping[str, Mapping[str, Any]]
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

    def rebound(self, meta: Mapping[str, Any], learnt: Mapping[str, Any]) -> "Blueprint":
        """Return the same for other rows; everything that does not depend on them is shared.

        ``learnt`` is what an estimator knows of them, see :class:`gridlanes.networks.lane.Rows`.
        """
        arguments = self.arguments
        if META in arguments:
            arguments = {**arguments, META: dict(meta)}
        build = self.build
        if hasattr(build, "rebound"):
            build = build.rebound({**meta, **learnt})
        return Blueprint(build, self.own, arguments, self.routed, meta)

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal while both live only if the content is the very same objects."""
        own = id(self.arguments), id(self.routed), id(self.own), id(self.build)
        return *own, self._task

    def network(self) -> keras.Model:
        """Return a new model as the build function leaves it; compiled only if it does that."""
        named, name = self._named, name_of(self.build)
        arguments, routed = self.arguments, self.routed
        if COMPILE_KWARGS in named:
            arguments = {**arguments, COMPILE_KWARGS: self._compile_kwargs()}
        for part in [part for part in COMPILE if part in named]:
            arguments, routed = {**arguments, part: self._part(part)}, {**routed, part: {}}
        # One build must not find what another has made of its arguments.
        model = self.build(**unshared(arguments))
        if not isinstance(model, keras.Model):
            raise ModelError(f"{name}() must return a Keras model; got {model!r}")
        width = self.width(model)
        if model.compiled:
            check_units(name, model.loss, width, self.meta)
        if model.compiled and COMPILE_KWARGS not in named:
            compiling = {key: self.own[key] for key in COMPILE if key not in named}
            if compiling.get("loss") is not None and same_loss(compiling["loss"], model.loss):
                compiling["loss"] = None
            refuse_compiling(self.build, compiling, routed, arguments)
        if model.compiled:
            check_optimizer(name, model.optimizer, self.routed["optimizer"], arguments)
        if model.compiled and not {"loss", COMPILE_KWARGS}.isdisjoint(named):
            asked = {**arguments.get(COMPILE_KWARGS, {}), **arguments}.get("loss")
            check_loss(name, asked if self._asks_for_loss else None, model.loss)
        if routed["compile"] and not model.compiled:
            model.compile(**self.compiling(width, outputs_of(model)))
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
        kwargs = self._compile_kwargs()
        metrics = default_metrics(self.meta)
        loss = kwargs["loss"] or default_loss(self.meta, width)
        check_units(name_of(self.build), loss, width, self.meta)
        return {
            **kwargs,
            "loss": loss,
            # Of several outputs each has a list of its own.
            "metrics": kwargs["metrics"] or (metrics if outputs == 1 else [metrics] * outputs),
        }

    def _compile_kwargs(self) -> dict[str, Any]:
        """Return the arguments of ``compile``, loss and metrics only if they were asked for."""
        optimizer, metrics = self._part("optimizer"), self._part("metrics")
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            optimizer = make_optimizer(optimizer or DEFAULT_OPTIMIZER, {})
        if metrics is not None and not isinstance(metrics, (list, tuple, Mapping)):
            metrics = [metrics]
        loss = self._part("loss")
        if loss and isinstance(loss, (list, tuple, Mapping)) and not any(keras.tree.flatten(loss)):
            raise ParameterError(f"loss: provide a loss for one of the outputs; found {loss!r}")
        for what, asked in (("loss", loss), ("metrics", metrics)):
            for one in keras.tree.flatten(asked):
                if isinstance(one, str):
                    check_known(what, one)
        return {
            "optimizer": optimizer,
            "loss": loss,
            "metrics": metrics,
            **self.routed["compile"],
        }

    def _part(self, name: str) -> Any:
        """Return the optimizer, loss or metrics that were asked for, with their settings."""
        given, settings = self._given(name), self.routed[name]
        if name != "optimizer":
            class_of = class_of_loss if name == "loss" else class_of_metric
            return made(given, settings, name, class_of)
        if settings or isinstance(given, (keras.optimizers.Optimizer, type)):
            return make_optimizer(given or DEFAULT_OPTIMIZER, settings)
        return given

    def _given(self, name: str) -> Any:
        """Return the optimizer, loss or metrics that were asked for, None for Keras' own."""
        given = self.arguments.get(name, _default(self._named, name))
        return self.own[name] if given is None else given

    @property
    def _asks_for_loss(self) -> bool:
        """Whether the estimator was given a loss, so that it is no default of the function's."""
        return any(one.get("loss") is not None for one in (self.own, self.arguments))

    @property
    def network_content(self) -> tuple:
        """All that :meth:`network` depends on."""
        named, routed = self._named, self.routed
        settings = [routed[name] for name in COMPILE if name in named]
        compiling: Any = [self.own[name] is None for name in COMPILE]
        if COMPILE_KWARGS in named or routed["compile"]:
            compiling = self.compile_content
        return self.build, self.arguments, settings, compiling, self._task

    @property
    def compile_content(self) -> tuple:
        """All that :meth:`compiling` depends on besides the number of outputs."""
        named = [self.arguments.get(name, _default(self._named, name)) for name in COMPILE]
        own = [self.own[name] for name in COMPILE]
        return named, own, self.routed, default_metrics(self.meta)

    @property
    def content(self) -> tuple:
        """All that a call depends on."""
        return *self.network_content, self.routed, [self.own[name] for name in COMPILE]

    @property
    def _task(self) -> tuple[Any, ...]:
        """What a network has to suit, and takes its shape from if it is not built before."""
        names = ("target_type_", "n_classes_", "n_outputs_", "one_hot_", "encoded_columns_")
        sizes = (_plain(self.meta.get(name)) for name in names)
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
        raise ParameterError(
            "model must be a function that returns a Keras model, or a Keras model; a subclass may "
            f"have a method _keras_build_fn instead, and a HyperModel goes into Tunable(...); got "
            f"{build!r}"
        )
    wanted = [
        name for name, own in signature_of(build)[0].items() if own is inspect.Parameter.empty
    ]
    for name in [name for name in GIVEN_BY_KERAS if name in wanted and name not in extra]:
        raise ParameterError(
            f"{name_of(build)}() asks for {name!r}, which keras.wrappers hand out; ask for meta "
            "instead: meta['X_shape_'], meta['n_outputs_'] and, of a classifier, "
            "meta['n_classes_'] and meta['target_type_'] say what the data are"
        )
    arguments = build_arguments(build, own, extra, meta)
    routed = {name: nested(extra, name) for name in ("optimizer", "loss", "metrics", "compile")}
    named = arguments.keys()
    routed["compile"] |= {
        name: extra[name] for name in COMPILE_OPTIONS if name in extra and name not in named
    }
    compiling = {name: routed["compile"].pop(name, own.get(name)) for name in COMPILE}
    return Blueprint(build, compiling, arguments, routed, meta)


def _plain(size: Any) -> Any:
    """Return a size that can be told from others; those of several outputs as a tuple."""
    return tuple(size) if isinstance(size, (list, np.ndarray)) else size


def _default(named: Mapping[str, Any], name: str) -> Any:
    """Return the default of an argument of the build function, None without one."""
    default = named.get(name)
    return None if default is inspect.Parameter.empty else default
