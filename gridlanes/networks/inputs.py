"""The columns of a table as the inputs of a model take them."""

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from numpy.typing import NDArray

from gridlanes.errors import ModelError
from gridlanes.networks.listed import widths_in


class Input(NamedTuple):
    """What an input of a model takes: its name, the shape of a row, and the type of its numbers."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str

    @property
    def width(self) -> int:
        """How many columns make a row; -1 if that is open."""
        known = [size for size in self.shape if size is not None]
        return math.prod(known) if len(known) == len(self.shape) else -1


def inputs_of(model: keras.Model) -> tuple[Input, ...]:
    """Return the inputs of a model; none of one that has to be called to find out."""
    tensors = getattr(model, "inputs", None) or []
    return tuple(Input(own.name, tuple(own.shape[1:]), own.dtype) for own in tensors)


def takes_dict(model: keras.Model) -> bool:
    """Return whether a model takes its inputs as a dict."""
    sequential = isinstance(model, keras.Sequential)
    return not sequential and isinstance(getattr(model, "input", None), dict)


def as_inputs(model: keras.Model, X: NDArray, columns: Sequence[str] = ()) -> Any:
    """Return rows as a model takes them: one array or tensor, or its structure of several.

    Parameters
    ----------
    model : keras.Model
    X : ndarray of shape (rows, ...)
    columns : sequence of str
        The names of the columns of ``X``, see :func:`shares`.

    Raises
    ------
    ModelError
        If the inputs do not add up to the columns, or take something else than is in them.
    """
    inputs = inputs_of(model)
    arrays = arrays_for(inputs, X, columns)
    if len(inputs) > 1 or takes_dict(model):
        return keras.tree.pack_sequence_as(model.input, arrays)
    return arrays[0]


def arrays_for(inputs: Sequence[Input], X: NDArray, columns: Sequence[str] = ()) -> tuple[Any, ...]:
    """Return an array or tensor for each input; all rows for a model that does not say its own.

    Raises
    ------
    ModelError
        See :func:`as_inputs`.
    """
    if not inputs or (len(inputs) == 1 and X.ndim != 2):
        return (X,)
    found = []
    for own, share in zip(inputs, shares(inputs, X.shape, columns), strict=True):
        part = X if share == list(range(X.shape[1])) else X[:, share]
        if own.width == len(share):
            part = part.reshape(len(X), *own.shape)
        found.append(_typed(part, own))
    return tuple(found)


def shares(
    inputs: Sequence[Input], shape: Sequence[int], columns: Sequence[str] = ()
) -> list[list[int]]:
    """Return which columns of a table each input gets.

    An input gets those that have its name, or ``name[0]``, ``name[1]``..., if there are as many as
    it is wide; the others get what is left, in order. Columns are left over only if all inputs have
    the name of some.

    Raises
    ------
    ModelError
        If the inputs do not add up to the columns.
    """
    everything = list(range(shape[-1]))
    named = [_named(own, columns) for own in inputs]
    if len(inputs) == 1:
        return [named[0] or everything]
    widths = [own.width for own in inputs]
    if (given := widths_in(columns)) and given != widths:
        raise ModelError(
            f"the inputs of a model take arrays of {', '.join(map(str, widths))} columns, in the "
            f"order {', '.join(repr(own.name) for own in inputs)}; found a list of arrays of "
            f"{', '.join(map(str, given))}"
        )
    taken = set(itertools.chain.from_iterable(named))
    left = iter([n for n in everything if n not in taken])
    found = [
        own or list(itertools.islice(left, max(width, 0)))
        for own, width in zip(named, widths, strict=True)
    ]
    short = len(shape) != 2 or [len(own) for own in found] != widths
    if short or (next(left, None) is not None and not all(named)):
        shapes = ", ".join(f"{own.name!r} {(None, *own.shape)}" for own in inputs)
        raise ModelError(
            f"the inputs of a model with several must add up to the {shape[-1]} columns of the "
            f"data, or have their names; found {shapes}"
        )
    return found


def _named(own: Input, columns: Sequence[str]) -> list[int]:
    """Return the columns that have the name of an input, if there are as many as it is wide."""
    wanted = {own.name, *(f"{own.name}[{place}]" for place in range(own.width))}
    found = [n for n, name in enumerate(columns) if name in wanted]
    return found if len(found) == own.width else []


def _typed(part: NDArray, own: Input) -> Any:
    """Return columns of numbers as they are, others as a tensor of what an input takes."""
    is_text = own.dtype == "string"
    if not is_text and not part.dtype.hasobject:
        return part
    wrong = [one for one in part.flat if not isinstance(one, (str, bytes))] if is_text else []
    try:
        if not wrong:
            given = part if is_text else part.astype(own.dtype)
            return keras.ops.convert_to_tensor(given, dtype=own.dtype)
    except (TypeError, ValueError, OverflowError):
        wrong = [one for one in part.flat if not _is_number(one)]
    raise ModelError(
        f"input {own.name!r} takes {'text' if is_text else own.dtype}; the data has "
        f"{', '.join(repr(one) for one in wrong[:1])}"
    )


def _is_number(one: Any) -> bool:
    try:
        return math.isfinite(float(one))
    except (TypeError, ValueError):
        return False
