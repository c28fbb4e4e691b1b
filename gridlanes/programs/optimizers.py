"""Which optimizers ride, with which settings: by name the rule, its numbers and its slots.

Constants such as ``1 - beta_1`` are formed in Python's double precision where Keras does the same,
since ``1 - float32(0.999)`` is off by 5e-5; others are rounded to single precision even for
float64, as ``keras.ops.cast`` rounds Python's floats.

A new optimizer is an update in :mod:`gridlanes.programs.optimizer_updates` or
:mod:`gridlanes.programs.tensor_updates`, and an entry in :data:`RULES`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gridlanes.programs.optimizer_updates import (
    Pace,
    Update,
    adadelta,
    adagrad,
    adam,
    adam_pace,
    adamax,
    adamax_pace,
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
from gridlanes.programs.tensor_updates import (
    adafactor,
    adafactor_pace,
    lamb,
    lamb_pace,
    muon,
    muon_pace,
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
        Takes the flags; see :data:`gridlanes.programs.optimizer_updates.Update`.
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

    update: Callable[[Sequence[str]], Update]
    settings: tuple[str, ...]
    complements: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    slots: Callable[[tuple[str, ...]], tuple[str, ...]] = lambda _: ()
    pace: Pace = lambda _constants, _steps: {}


def _sgd(flags: Sequence[str]) -> Update:
    if "momentum" not in flags:
        return sgd
    return sgd_nesterov if "nesterov" in flags else sgd_momentum


def _rmsprop(flags: Sequence[str]) -> Update:
    if "momentum" in flags:
        return rmsprop_momentum
    return rmsprop_centered if "centered" in flags else rmsprop


def _rmsprop_slots(flags: tuple[str, ...]) -> tuple[str, ...]:
    return ("",) * (1 + ("centered" in flags) + ("momentum" in flags))


_BETAS = ("beta_1", "beta_2")
_ADAM = Rule(
    lambda _: adam,
    (*_BETAS, "epsilon"),
    complements=_BETAS,
    cast=_BETAS,
    flags=("amsgrad",),
    slots=lambda flags: ("",) * (2 + ("amsgrad" in flags)),
    pace=adam_pace,
)
_MUON = ("adam_beta_1", "adam_beta_2")
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
        _sgd,
        ("momentum",),
        cast=("momentum",),
        flags=("momentum", "nesterov"),
        slots=lambda flags: ("",) * ("momentum" in flags),
    ),
    "adam": _ADAM,
    "adamw": _ADAM,
    "nadam": Rule(
        lambda _: nadam,
        (*_BETAS, "epsilon"),
        complements=("beta_1",),
        cast=_BETAS,
        slots=lambda _: ("", "", "one"),
        pace=nadam_pace,
    ),
    "adamax": Rule(
        lambda _: adamax,
        (*_BETAS, "epsilon"),
        complements=("beta_1",),
        cast=("beta_1",),
        slots=lambda _: ("", ""),
        pace=adamax_pace,
    ),
    "rmsprop": Rule(
        _rmsprop,
        ("rho", "momentum", "epsilon"),
        complements=("rho",),
        flags=("centered", "momentum"),
        slots=_rmsprop_slots,
    ),
    "adagrad": Rule(
        lambda _: adagrad,
        (_ACCUMULATED, "epsilon"),
        cast=(_ACCUMULATED,),
        slots=lambda _: (_ACCUMULATED,),
    ),
    "adadelta": Rule(
        lambda _: adadelta, ("rho", "epsilon"), complements=("rho",), slots=lambda _: ("", "")
    ),
    "ftrl": Rule(lambda _: ftrl, _FTRL, cast=(_ACCUMULATED,), slots=lambda _: (_ACCUMULATED, "")),
    "lion": Rule(lambda _: lion, _BETAS, cast=_BETAS, slots=lambda _: ("",)),
    "lamb": Rule(
        lambda _: lamb,
        (*_BETAS, "epsilon"),
        complements=_BETAS,
        cast=_BETAS,
        slots=lambda _: ("", ""),
        pace=lamb_pace,
    ),
    "adafactor": Rule(
        lambda _: adafactor,
        ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold"),
        cast=("epsilon_2",),
        slots=lambda _: ("", ""),
        pace=adafactor_pace,
    ),
    "muon": Rule(
        muon,
        (*_MUON, "epsilon", "muon_a", "muon_b", "muon_c", "adam_lr_ratio", "momentum"),
        complements=(*_MUON, "momentum"),
        cast=_MUON,
        flags=("nesterov",),
        slots=lambda _: ("", ""),
        pace=muon_pace,
    ),
}

#: Settings that bound gradients, of which an optimizer has one at most.
CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
#: Keras averages gradients over so many steps before it takes one of the rule.
ACCUMULATING = "gradient_accumulation_steps"
#: Whether Keras keeps an average of the weights, its momentum, and after how many steps it takes
#: the place of the weights.
AVERAGED, AVERAGING, OVERWRITTEN = "use_ema", "ema_momentum", "ema_overwrite_frequency"
#: Weights decay: all alike, or those of each variable by a number of their own.
DECAY, DECAYS = "weight_decay", "weight_decays"


def kind_of(name: str, settings: Mapping[str, Any], others: Sequence[str] = ()) -> Kind:
    """Return the kind of an optimizer from its class in lower case and its settings.

    ``others`` are flags that settings alone do not tell.
    """
    flags = [flag for flag in RULES[name].flags if settings.get(flag)]
    if name == "sgd" and "nesterov" in flags and "momentum" not in flags:
        flags.remove("nesterov")
    flags += others
    # Keras takes a bound of 0 for none.
    flags += [flag for flag in CLIPPING if (settings.get(flag) or 0) > 0]
    flags += [flag for flag in (ACCUMULATING, AVERAGED) if settings.get(flag)]
    if AVERAGED in flags and settings.get(OVERWRITTEN):
        flags.append(OVERWRITTEN)
    return Kind("adam" if name == "adamw" else name, tuple(flags))


def constants_of(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that an optimizer's formula needs, besides its learning rate.

    They are numbers, or a tuple of one for each variable.
    """
    rule = RULES[name]
    numbers: dict[str, Any] = {setting: float(settings[setting]) for setting in rule.settings}
    numbers |= {setting: float(np.float32(numbers[setting])) for setting in rule.cast}
    numbers |= {f"1-{setting}": 1 - float(settings[setting]) for setting in rule.complements}
    if settings.get("rms_rate") is not None:
        numbers["rms_rate"] = float(settings["rms_rate"])
    others = (*CLIPPING, ACCUMULATING, AVERAGING, OVERWRITTEN)
    numbers |= {own: float(settings[own]) for own in others if settings.get(own) is not None}
    return {"one": 1.0, **numbers}


def constant_names(kind: Kind) -> list[str]:
    """Return the names of the constants that lanes of a kind bring."""
    rule = RULES[kind.name]
    optional = (*CLIPPING, ACCUMULATING, OVERWRITTEN, DECAY, DECAYS, "rms_rate")
    names = [flag for flag in optional if flag in kind.flags]
    names += [AVERAGING] * (AVERAGED in kind.flags)
    return ["one", *rule.settings, *(f"1-{name}" for name in rule.complements), *names]


def slots_of(kind: Kind) -> tuple[str, ...]:
    """Return what each slot starts from, see :attr:`Rule.slots`.

    Behind those of the rule stand accumulated gradients and the average of the weights.
    """
    others = ("",) * ((ACCUMULATING in kind.flags) + (AVERAGED in kind.flags))
    return (*RULES[kind.name].slots(kind.flags), *others)
