"""The shapes of rows and outputs of a model, and what they must be."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from gridlanes.compat.compiled_models import outputs_as_nested
from gridlanes.errors import ModelError
from gridlanes.networks.targets import loss_name, needs_all_units, only_one


def checked_width(name: str, model: keras.Model, meta: Mapping[str, Any]) -> int:
    """Return the number of units in the last layer, which must suit the target."""
    if "encoded_columns_" in meta:
        return _width_for_columns(name, model, meta)
    shape, kind = output_shape(model, meta["X_shape_"]), meta["target_type_"]
    if isinstance(shape, (list, dict)) or any(isinstance(side, tuple) for side in shape):
        return _width_of_several(name, model, shape, meta)
    allowed: list[int] = {
        "binary": [1, 2],
        "multiclass": [meta.get("n_classes_", 0)],
        "multilabel-indicator": [meta.get("n_classes_", 0)],
    }.get(kind, [meta["n_outputs_"]])
    if len(shape) != 2 or shape[1] not in allowed:
        asked = ", which is meta['n_classes_']" if "n_classes_" in meta and kind != "binary" else ""
        raise ModelError(
            f"{name}() returned a model with outputs of shape {tuple(shape)}; a {kind} target "
            f"needs {' or '.join(str(width) for width in allowed)} unit(s) in the last layer{asked}"
        )
    return int(shape[1])


def check_units(name: str, loss: Any, width: int, meta: Mapping[str, Any]) -> None:
    """Raise if a loss needs more units than a model has.

    Raises
    ------
    ModelError
    """
    if width == 1 and "n_classes_" in meta and "encoded_columns_" not in meta:
        loss = only_one(loss)
        if needs_all_units(loss):
            raise ModelError(
                f"{name}() returned a model with 1 unit in the last layer, and loss "
                f"{loss_name(loss)!r} needs 2, one for each class; with 1, binary_crossentropy"
            )


def _width_of_several(name: str, model: keras.Model, shape: Any, meta: Mapping[str, Any]) -> int:
    """Return the units of several outputs, a unit for each column of a regression's target."""
    if "n_classes_" in meta or not getattr(model, "outputs", None):
        raise ModelError(
            f"{name}() must return a model with one output; it has several: {shape}. A subclass "
            "with a target_encoder may have them"
        )
    shapes = [tuple(own.shape) for own in model.outputs]
    width = sum(own[-1] for own in shapes)
    if any(len(own) != 2 for own in shapes) or width != meta["n_outputs_"]:
        raise ModelError(
            f"{name}() returned a model with outputs of shapes {', '.join(map(str, shapes))}; "
            f"together they need a unit for each of the {meta['n_outputs_']} columns of y"
        )
    return int(width)


def _width_for_columns(name: str, model: keras.Model, meta: Mapping[str, Any]) -> int:
    """Return the units of all outputs, which must suit the columns that a transformer has made."""
    width, columns = total_width(model, meta["X_shape_"]), meta["encoded_columns_"]
    if columns not in (width, outputs_of(model)):
        raise ModelError(
            f"{name}() returned a model with {width} unit(s) in {outputs_of(model)} output(s); "
            f"target_encoder makes {columns} column(s): one is needed for each unit, or for each "
            "output"
        )
    return width


def check_rows(name: str, inputs: Sequence[Sequence[int]], shape: Sequence[int]) -> None:
    """Raise unless a model takes the rows of a table.

    Parameters
    ----------
    name : str
        Of the build function.
    inputs : sequence of tuple of int
        The shape of a row for each of the model's inputs.
    shape : tuple of int
        Of all rows. A last dimension of 1 may be left out, as in Keras.

    Raises
    ------
    ModelError
    """
    columns = tuple(shape[1:])
    if len(inputs) == 1:
        takes, fits = _said(inputs[0]), _without_last_one(inputs[0]) == _without_last_one(columns)
    else:
        takes = " and ".join(map(_said, inputs))
        fits = all(len(own) == 1 for own in inputs) and columns == (sum(n for (n,) in inputs),)
    if not fits:
        raise ModelError(
            f"{name}() returned a model that takes {takes}; the data has {_said(columns)}"
        )


def _said(shape: Sequence[int]) -> str:
    return f"{shape[0]} columns" if len(shape) == 1 else f"rows of shape {tuple(shape)}"


def _without_last_one(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape)


def output_shape(model: keras.Model, shape: Sequence[int]) -> Any:
    """Return the shape of a model's output for rows of this shape.

    A subclass of ``keras.Model`` has to be called to find out.
    """
    if model.built and getattr(model, "outputs", None):
        return model.output_shape
    rows = np.zeros((1, *shape[1:]), dtype=keras.config.floatx())
    return keras.ops.shape(model(rows, training=False))


def outputs_of(model: keras.Model) -> int:
    """Return how many outputs a model has."""
    return len(getattr(model, "outputs", None) or [None])


def total_width(model: keras.Model, shape: Sequence[int]) -> int:
    """Return the number of units in all of a model's outputs together."""
    if getattr(model, "outputs", None):
        return sum(int(own.shape[-1]) for own in model.outputs)
    return int(output_shape(model, shape)[-1])


def as_outputs(model: keras.Model, y: Any) -> Any:
    """Return columns as a model's outputs: one array, or one for each output, nested as they are.

    A model with several outputs has the columns in the order of its ``output_names``, as many for
    each as it has units; one for each, with the number of a class, if there are no more.

    Parameters
    ----------
    model : keras.Model
    y : array of shape (rows, columns)
    """
    nested = outputs_as_nested(model)
    if not keras.tree.is_nested(nested):
        return y
    widths = [own.shape[-1] for own in model.outputs]
    if y.shape[1] == len(widths):
        widths = [1] * len(widths)
    ends = np.cumsum([0, *widths])
    parts = [y[:, start:end] for start, end in itertools.pairwise(ends)]
    return keras.tree.lists_to_tuples(keras.tree.pack_sequence_as(nested, parts))
