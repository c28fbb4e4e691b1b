"""An optimizer as it decides what can ride in a lane, and which lanes can share operations."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from gridlanes.compat.keras_optimizers import VariableName, decays, left_to_adam
from gridlanes.errors import CannotRideError
from gridlanes.programs import optimizers
from gridlanes.programs.optimizers import DECAY, DECAYS, Kind
from gridlanes.programs.schedules import describe_schedule

#: What Keras has and lanes do not, and why.
UNSOUND = {
    "LossScaleOptimizer": "it is for float16",
    "MultiOptimizer": "its learning rates are several",
    "ScheduleFreeAdamW": "Keras gives other numbers with a graph and without",
}


def describe_optimizer(
    optimizer: keras.optimizers.Optimizer,
    variables: Sequence[VariableName],
    *,
    begun: bool = False,
) -> tuple[Kind, dict[str, Any], Any]:
    """Return an optimizer as kind, constants and learning rate.

    The learning rate is a float or a :class:`gridlanes.programs.schedules.Schedule`. The optimizer
    may have taken steps only if it is one that has ``begun``.

    Raises
    ------
    CannotRideError
        Saying which setting cannot ride.
    Exception
        Whatever a schedule raises.
    """
    name = type(optimizer).__name__
    if not type(optimizer).__module__.startswith("keras."):
        raise CannotRideError(f"optimizer {name} is not one of Keras' own")
    if name.lower() not in optimizers.RULES:
        why = f": {UNSOUND[name]}" if name in UNSOUND else ""
        raise CannotRideError(f"optimizer {name} cannot ride{why}")
    # What get_config() would return, but for a learning rate that Keras cannot describe.
    settings = vars(optimizer)
    if settings["loss_scale_factor"]:
        raise CannotRideError(f"loss_scale_factor of optimizer {name} cannot ride")
    if int(optimizer._iterations) > 0 and not begun:  # noqa: SLF001
        raise CannotRideError(f"optimizer {name} has taken steps before")
    others = _others(optimizer, variables) if name == "Muon" else []
    constants = optimizers.constants_of(name.lower(), settings)
    decay = _decay(optimizer, variables)
    if any(decay):
        key, value = (DECAYS, decay) if len(set(decay)) > 1 else (DECAY, decay[0])
        constants[key] = value
        others.append(key)
    kind = optimizers.kind_of(name.lower(), settings, others)
    return kind, constants, _rate(optimizer)


def _rate(optimizer: keras.optimizers.Optimizer) -> Any:
    rate = optimizer._learning_rate  # noqa: SLF001
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return describe_schedule(rate)
    if callable(rate):
        # Keras calls it when it traces, and never again.
        name = type(optimizer).__name__
        raise CannotRideError(f"the learning rate of optimizer {name} is a function")
    return float(keras.ops.convert_to_numpy(rate))


def _decay(
    optimizer: keras.optimizers.Optimizer, variables: Sequence[VariableName]
) -> tuple[float, ...]:
    """Return by how much each variable decays."""
    by_adam = left_to_adam(optimizer, variables)
    own = [
        optimizer.adam_weight_decay if number in by_adam else optimizer.weight_decay
        for number in range(len(variables))
    ]
    return tuple(
        float(np.float32(value or 0.0)) if decays(optimizer, variable) else 0.0
        for value, variable in zip(own, variables, strict=True)
    )


def _others(optimizer: keras.optimizers.Optimizer, variables: Sequence[VariableName]) -> list[str]:
    """Return what Muon's settings add to its operations."""
    flags = [f"ns_steps {optimizer.ns_steps}"]
    flags += [f"adamw {number}" for number in left_to_adam(optimizer, variables)]
    return flags + ["rms_rate"] * (optimizer.rms_rate is not None)
