"""Names of Keras that are not public: what an optimizer knows of the variables it trains.

Checked with Keras 3.15.1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import keras

#: Where an optimizer notes the names of variables that do not decay.
UNDECAYED = "_exclude_from_weight_decay_pattern"


def leaves_weights_undecayed(optimizer: keras.optimizers.Optimizer) -> bool:
    """Return whether ``exclude_from_weight_decay`` was called."""
    names = ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern")
    return any(getattr(optimizer, name, None) for name in names)


class VariableName(NamedTuple):
    """What an optimizer knows of a variable.

    Attributes
    ----------
    name, path : str
        TensorFlow's and Keras' own.
    shape : tuple of None
        As long as its shape.
    listed : bool
        Whether the optimizer that its model was compiled with does not let it decay.
    """

    name: str
    path: str
    shape: tuple[None, ...]
    listed: bool


def variable_names(model: keras.Model) -> tuple[VariableName, ...]:
    """Return what an optimizer knows of the variables that it trains."""
    listed = getattr(getattr(model, "optimizer", None), "_exclude_from_weight_decay", ())
    return tuple(
        VariableName(
            own.value.name,
            own.path,
            (None,) * len(own.shape),
            own.value._unique_id in listed,  # noqa: SLF001
        )
        for own in model.trainable_variables
    )


def decays(optimizer: keras.optimizers.Optimizer, variable: VariableName) -> bool:
    """Return whether an optimizer lets a variable decay, as ``_use_weight_decay``."""
    pattern = getattr(optimizer, UNDECAYED, None)
    # Muon looks at the last part of a path.
    name = variable.path.rpartition("/")[2] if type(optimizer).__name__ == "Muon" else variable.name
    return not (variable.listed or (pattern is not None and pattern.search(name)))


def left_to_adam(
    optimizer: keras.optimizers.Optimizer, variables: Sequence[VariableName]
) -> list[int]:
    """Return the numbers of the variables that Muon leaves to Adam; none of other optimizers."""
    if type(optimizer).__name__ != "Muon":
        return []
    return [n for n, own in enumerate(variables) if optimizer._should_use_adamw(own)]  # noqa: SLF001


def keep_undecayed(
    optimizer: keras.optimizers.Optimizer, given: keras.optimizers.Optimizer
) -> None:
    """Let an optimizer leave out of its decay what a given one leaves out by its name."""
    if getattr(given, UNDECAYED, None) is not None:
        optimizer.exclude_from_weight_decay(var_names=[getattr(given, UNDECAYED).pattern])
