"""Operations of a network that say which places of its rows count: what Keras makes of masks.

They have no gradient and round nothing, and to most of them a row is a row, whatever its size and
in whichever lane it is.
"""

from typing import Any

import keras

from gridlanes.compat.keras_layers import arguments_of

#: Operations that put out what is true of each place, if along no axis or one behind the first.
MARKING = frozenset(
    [
        "All",
        "Any",
        "Concatenate",
        "Equal",
        "ExpandDims",
        "Greater",
        "GreaterEqual",
        "Less",
        "LessEqual",
        "LogicalAnd",
        "LogicalNot",
        "LogicalOr",
        "NotEqual",
        "OnesLike",
        "ZerosLike",
    ]
)


def marks_places(operation: keras.Operation) -> bool:
    """Return whether an operation treats a row as a row and puts out only what is true of it."""
    outputs = keras.tree.flatten(operation.output)
    if type(operation).__name__ not in MARKING or any(own.dtype != "bool" for own in outputs):
        return False
    axes = keras.tree.flatten(getattr(operation, "axis", -1))
    given = [own for own in arguments_of(operation) if not isinstance(own, keras.KerasTensor)]
    return all(map(_is_behind_rows, axes)) and all(isinstance(own, (int, float)) for own in given)


def _is_behind_rows(axis: Any) -> bool:
    return axis == -1 or (isinstance(axis, int) and axis > 0)
