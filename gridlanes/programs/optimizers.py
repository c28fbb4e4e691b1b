"""Which optimizers ride, with which settings: by name the rule, its numbers and its slots.

Constants such as ``1 - beta_1`` are formed in Python's double precision where Keras does the same,
since ``1 - float32(0.999)`` is off by 5e-5; others are rounded to single precision even for
float64, as ``keras.ops.cast`` rounds Python's floats.

A new optimizer is an update in :mod:`gridlanes.programs.optimizer_updates` and an entry in
:data:`RULES`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gridlanes.compat.keras import making
from gridlanes.programs.optimizer_updates import (
    Constants,
    Gradient,
    Pace,
    Slots,
    Tensor,
    Update,
    adadelta,
    adagrad,
    adam,
    adam_pace,
    adamax,
    adamax_pace,
    clipped_by_global_norm,
    clipped_by_norm,
    ftrl,
    lion,
    nadam,
    nadam_pace,
    rmsprop,
    rmsprop_centered,
    rmsprop_momentum,
    sgd,
    sgd_momentum,
    sgd_nesterov,
)


class Kind(NamedTuple):
    """Lanes of one kind are updated by the same operations; only constants differ.

    Attributes
    ----------
    name : str
        The optimizer's class, in lower case.
    flags : tuple of str
        Settings that add operations, such as ``nesterov``.
    """

    name: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """How one class of optimizer updates weights.

    Attributes
    ----------
    update : callable
        See :data:`gridlanes.programs.optimizer_updates.Update`.
    settings : tuple of str
        Numbers in the optimizer's configuration that the formula uses.
    complements : tuple of str
        Settings whose complement, ``1 - setting``, Keras forms in double precision.
    cast : tuple of str
        Settings that Keras passes through ``ops.cast``.
    flags : tuple of str
        Settings which, if true or not 0, add operations.
    slots : callable
        Takes the flags; returns the name of the constant each slot starts from, "" for 0.
    pace : callable
        See :data:`gridlanes.programs.optimizer_updates.Pace`.
    """

    update: Update
    settings: tuple[str, ...]
    complements: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    slots: Callable[[tuple[str, ...]], tuple[str, ...]] = lambda _: ()
    pace: Pace = lambda _constants, _steps: {}


def _rmsprop_slots(flags: tuple[str, ...]) -> tuple[str, ...]:
    return ("",) * (1 + ("centered" in flags) + ("momentum" in flags))


_BETAS = ("beta_1", "beta_2")
_ADAM = Rule(
    adam,
    (*_BETAS, "epsilon"),
    complements=_BETAS,
    cast=_BETAS,
    flags=("amsgrad",),
    slots=lambda flags: ("",) * (2 + ("amsgrad" in flags)),
    pace=adam_pace,
)
_ACCUMULATED = "initial_accumulator_value"
_FTRL = (
    "learning_rate_power",
    _ACCUMULATED,
    "l1_regularization_strength",
    "l2_regularization_strength",
    "l2_shrinkage_regularization_strength",
    "beta",
)

RULES: dict[str, Rule] = {
    "sgd": Rule(
        sgd,
        ("momentum",),
        cast=("momentum",),
        flags=("momentum", "nesterov"),
        slots=lambda flags: ("",) * ("momentum" in flags),
    ),
    "adam": _ADAM,
    "adamw": _ADAM,
    "nadam": Rule(
        nadam,
        (*_BETAS, "epsilon"),
        complements=("beta_1",),
        cast=_BETAS,
        slots=lambda _: ("", "", "one"),
        pace=nadam_pace,
    ),
    "adamax": Rule(
        adamax,
        (*_BETAS, "epsilon"),
        complements=("beta_1",),
        cast=("beta_1",),
        slots=lambda _: ("", ""),
        pace=adamax_pace,
    ),
    "rmsprop": Rule(
        rmsprop,
        ("rho", "momentum", "epsilon"),
        complements=("rho",),
        flags=("centered", "momentum"),
        slots=_rmsprop_slots,
    ),
    "adagrad": Rule(
        adagrad,
        (_ACCUMULATED, "epsilon"),
        cast=(_ACCUMULATED,),
        slots=lambda _: (_ACCUMULATED,),
    ),
    "adadelta": Rule(adadelta, ("rho", "epsilon"), complements=("rho",), slots=lambda _: ("", "")),
    "ftrl": Rule(ftrl, _FTRL, cast=(_ACCUMULATED,), slots=lambda _: (_ACCUMULATED, "")),
    "lion": Rule(lion, _BETAS, cast=_BETAS, slots=lambda _: ("",)),
}

#: Settings that bound gradients, of which an optimizer has one at most.
CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
#: Numbers that add operations unless they are None.
OPTIONAL = ("weight_decay", *CLIPPING)

#: Settings that look at several steps or at another copy of the weights.
UNSUPPORTED = (
    "use_ema",
    "loss_scale_factor",
    "gradient_accumulation_steps",
)


def kind_of(name: str, config: Mapping[str, Any]) -> Kind:
    """Return the kind of an optimizer from its class in lower case and its configuration."""
    flags = [flag for flag in RULES[name].flags if config.get(flag)]
    if "nesterov" in flags and "momentum" not in flags:
        flags.remove("nesterov")
    flags += [flag for flag in OPTIONAL if config.get(flag) is not None]
    return Kind("adam" if name == "adamw" else name, tuple(flags))


def constants_of(name: str, config: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers that an optimizer's formula needs, besides its learning rate."""
    rule = RULES[name]
    numbers = {setting: float(config[setting]) for setting in rule.settings}
    numbers |= {setting: float(np.float32(numbers[setting])) for setting in rule.cast}
    numbers |= {f"1-{setting}": 1 - float(config[setting]) for setting in rule.complements}
    if config.get("weight_decay") is not None:
        numbers["weight_decay"] = float(np.float32(config["weight_decay"]))
    clipping = [name for name in CLIPPING if config.get(name) is not None]
    numbers |= {name: float(config[name]) for name in clipping}
    return {"one": 1.0, **numbers}


def constant_names(kind: Kind) -> list[str]:
    """Return the names of the constants that lanes of a kind bring."""
    rule = RULES[kind.name]
    optional = [flag for flag in OPTIONAL if flag in kind.flags]
    return ["one", *rule.settings, *(f"1-{name}" for name in rule.complements), *optional]


def slots_of(kind: Kind) -> tuple[str, ...]:
    """Return the constant that each slot starts from; "" stands for 0."""
    return RULES[kind.name].slots(kind.flags)


def paces(kind: Kind, c: Constants, rates: Tensor, steps: Tensor) -> dict[str, Tensor]:
    """Return what changes from step to step: arrays of shape (steps, lanes, 1).

    Parameters
    ----------
    kind : Kind
    c : dict of str to Tensor of shape (lanes, 1)
        Constants of the optimizer.
    rates, steps : Tensor of shape (steps, lanes, 1)
        Learning rates, and the optimizer's steps from 1.
    """
    return {"lr": rates, **RULES[kind.name].pace({**c, "lr": rates}, steps)}


def update(
    kind: Kind,
    w: Tensor,
    g: Gradient,
    slots: Slots,
    c: Constants,
    split: Callable[[Tensor], list[Tensor]],
) -> tuple[Tensor, Slots]:
    """Return weights and slots after one step; see :data:`Update` for the shapes.

    As in Keras, gradients are clipped first, then weights decay, then the rule is applied.
    ``split`` parts a gradient into those of the variables, of shape (lanes, weights) each.
    """
    if "clipvalue" in kind.flags:
        g = Gradient(tf.clip_by_value(g.total, -c["clipvalue"], c["clipvalue"]))
    if "clipnorm" in kind.flags:
        parts = [clipped_by_norm(part, c["clipnorm"]) for part in split(g.total)]
        g = Gradient(tf.concat(parts, axis=1))
    if "global_clipnorm" in kind.flags:
        g = Gradient(clipped_by_global_norm(g.total, split(g.total), c["global_clipnorm"]))
    if "weight_decay" in kind.flags:
        w -= w * c["weight_decay"] * c["lr"]
    rule = RULES[kind.name].update
    if kind.name == "sgd" and "momentum" in kind.flags:
        rule = sgd_nesterov if "nesterov" in kind.flags else sgd_momentum
    if kind.name == "rmsprop" and "momentum" in kind.flags:
        rule = rmsprop_momentum
    elif kind.name == "rmsprop" and "centered" in kind.flags:
        rule = rmsprop_centered
    return rule(w, g, slots, c)


def schedule_tables(configs: Sequence[Mapping[str, Any]], steps: int) -> Any:
    """Return learning rates by schedules at each step from 0: an array of shape (schedules, steps).

    One function for all, since its trace takes longer than what it computes. They are given one
    step at a time: not all of Keras' schedules take an array, and a power of one is rounded
    otherwise. TensorFlow may rearrange them, as it does under ``model.fit``.
    """
    schedules = [keras.optimizers.schedules.deserialize(config) for config in configs]
    dtype = keras.config.floatx()

    def at(step: Tensor) -> Tensor:
        return tf.stack([tf.cast(schedule(step), dtype) for schedule in schedules])

    def tables() -> Tensor:
        return tf.map_fn(at, tf.range(steps, dtype=tf.int64), fn_output_signature=dtype)

    with making:
        return tf.function(tables, autograph=False)().numpy().T
