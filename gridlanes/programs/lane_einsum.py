"""Products along axes that an equation names, with a kernel for each lane.

Whatever the equation, it becomes a product of matrices: rows and the axes that only the inputs
have, times the axes that only the kernel has. An axis that both sides and the outputs have is to
the product what a lane is.
"""

import string
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from gridlanes.programs.lane_arithmetic import product
from gridlanes.programs.lane_matrices import weighted_along
from gridlanes.programs.traced_lanes import TracedLanes

Tensor = Any

#: The rows of all lanes, and lanes, in equations that have been spelt out.
ROWS, LANES = "0", "1"


class Axes(NamedTuple):
    """The axes of an equation, each a letter.

    Attributes
    ----------
    inputs, kernel, outputs, bias : str
        In the order in which tensors have them; inputs and outputs begin with the rows.
    shared : str
        Those that inputs, kernel and outputs have.
    free : str
        Those that only inputs and outputs have, the rows first.
    summed : str
        Those that only inputs and kernel have.
    new : str
        Those that only kernel and outputs have.
    """

    inputs: str
    kernel: str
    outputs: str
    bias: str
    shared: str
    free: str
    summed: str
    new: str


def axes_of(equation: str, rank: int, bias: str | None) -> Axes | None:
    """Return the axes of an equation such as ``abc,cd->abd``, None if rows do not stay apart.

    Parameters
    ----------
    equation : str
        As Keras' ``EinsumDense`` takes it.
    rank : int
        Of the inputs.
    bias : str or None
        The axes along which there is one.
    """
    sides, outputs = equation.replace(" ", "").split("->")
    inputs, kernel = sides.split(",")
    unused = [letter for letter in string.ascii_letters if letter not in equation]
    others = "".join(unused[: rank - len(inputs.replace("...", ""))])
    inputs, outputs = (side.replace("...", others) for side in (inputs, outputs))
    if inputs[0] != outputs[0] or inputs[0] in kernel:
        return None
    inputs, outputs = ROWS + inputs[1:], ROWS + outputs[1:]
    known = Axes(
        inputs,
        kernel,
        outputs,
        bias or "",
        "".join(one for one in kernel if one in inputs and one in outputs),
        "".join(one for one in inputs if one in outputs and one not in kernel),
        "".join(one for one in kernel if one in inputs and one not in outputs),
        "".join(one for one in kernel if one in outputs and one not in inputs),
    )
    whole = (
        len(set(side)) == len(side) == len(parts)
        for side, parts in (
            (inputs, known.shared + known.free + known.summed),
            (kernel, known.shared + known.summed + known.new),
            (outputs, known.shared + known.free + known.new),
        )
    )
    return known if all(whole) else None


def einsum_dense(layer: Any, _number: int, lanes: TracedLanes) -> Callable[..., Tensor]:
    """Return the call of a layer that multiplies by a kernel as its equation says."""

    def call(inputs: Tensor, training: bool = False) -> Tensor:  # noqa: ARG001
        return projected(layer, lanes, inputs)

    return call


def projected(layer: Any, lanes: TracedLanes, x: Tensor) -> Tensor:
    """Return what an ``EinsumDense`` makes of rows of shape (lanes x rows, ...)."""
    axes = axes_of(layer.equation, len(x.shape), layer.bias_axes)
    if axes is None:
        raise ValueError(f"rows do not stay apart in {layer.equation}")
    shapes, sizes = lanes.shapes, dict(zip(axes.inputs, tf.unstack(tf.shape(x)), strict=True))
    sizes |= zip(axes.kernel, lanes.sizes[id(layer.kernel)], strict=True)
    sizes |= {ROWS: shapes.rows, LANES: shapes.lanes}

    def turned(tensor: Tensor, before: str, after: str) -> Tensor:
        """Return a tensor of some axes with them in another order."""
        tensor = tf.reshape(tensor, tf.stack([sizes[one] for one in before]))
        order = [before.index(one) for one in after]
        return tensor if before == after else tf.transpose(tensor, order)

    def joined(tensor: Tensor, *groups: str) -> Tensor:
        return tf.reshape(tensor, tf.stack([_size(sizes, group) for group in groups]))

    each = LANES + axes.shared
    rows = turned(x, LANES + axes.inputs, each + axes.free + axes.summed)
    kernel = turned(
        lanes.weights[id(layer.kernel)], LANES + axes.kernel, each + axes.summed + axes.new
    )
    outputs = product(
        joined(rows, each, axes.free, axes.summed), joined(kernel, each, axes.summed, axes.new)
    )
    outputs = turned(outputs, each + axes.free + axes.new, LANES + axes.outputs)
    outputs = joined(outputs, LANES + ROWS, *axes.outputs[1:])
    if layer.bias is not None:
        along = sorted(axes.outputs.index(one) for one in axes.bias)
        outputs = weighted_along(lanes, outputs, along, None, lanes.weights[id(layer.bias)])
    return outputs if layer.activation is None else layer.activation(outputs)


def _size(sizes: dict[str, Any], axes: str) -> Any:
    size = 1
    for one in axes:
        size = size * sizes[one]
    return size
