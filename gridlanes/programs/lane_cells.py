"""Recurrent cells with the weights and settings of each lane, which go through whole sequences.

What does not depend on the step before, the products of the inputs, is computed for all steps at
once.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from gridlanes.programs.lane_arithmetic import dropped, plus, product
from gridlanes.programs.lane_matrices import row_of
from gridlanes.programs.lane_time import States, Step, through_time
from gridlanes.programs.settings import Places
from gridlanes.programs.sizes import Dimension
from gridlanes.programs.supported import DROPOUTS
from gridlanes.programs.traced_lanes import TracedLanes

Tensor = Any

#: (cell, gates of the inputs, states, product) -> new states, of which the first is put out. All
#: have shape (lanes, rows, ...). The product is that of a state with the recurrent kernel, for all
#: gates or those from one to another.
Formula = Callable[[Any, Tensor, States, Callable[..., Tensor]], States]

#: What drops a share of numbers of shape (lanes, rows, ...), the same at each step.
Drop = Callable[[Tensor], Tensor]


def through_sequences(
    cell: Any, number: int, lanes: TracedLanes, places: Places
) -> Callable[..., tuple[Tensor, States]]:
    """Return the call of a cell: what it puts out at each step of sequences, and its last states.

    They have shape (steps, lanes, rows, units) and (lanes, rows, units). It is called on inputs of
    shape (lanes, rows, steps, columns), on states, none if these begin as zeros, and on which steps
    of which rows are to be left out, see :func:`gridlanes.programs.lane_time.through_time`.
    """
    formula, count = FORMULAS[type(cell).__name__]

    def call(x: Tensor, first: States, real: Tensor | None, *, training: bool) -> Any:
        columns, _ = lanes.sizes[id(cell.kernel)]
        units, _ = lanes.sizes[id(cell.recurrent_kernel)]
        # Keras draws whether it trains or not.
        drops = [
            _drops(cell, number, lanes, places, *own)
            for own in zip(DROPOUTS, (columns, units), strict=True)
        ]
        of_inputs, of_states = drops if training else ([], [])
        if not first:
            shape = lanes.shapes.packed(lanes.shapes.lanes, lanes.shapes.rows, units)
            first = (tf.zeros(shape, x.dtype),) * count
        weights = [lanes.weights[id(cell.recurrent_kernel)]]
        if _has_two_biases(cell):
            weights.append(lanes.weights[id(cell.bias)][:, 1:])
        step = _step(cell, formula, of_states, units, tf.ones_like(x[:, None, :, 0, 0]))
        return through_time(step, _gates(cell, lanes, x, of_inputs), real, first, weights)

    return call


def _has_two_biases(cell: Any) -> bool:
    """Return whether a cell has one bias for the gates of its inputs and one for its states'."""
    return cell.bias is not None and len(cell.bias.shape) == 2


def _drops(
    cell: Any, number: int, lanes: TracedLanes, places: Places, name: str, columns: Dimension
) -> list[Drop]:
    """Return what drops inputs or states of a cell: nothing, one for all gates or one for each."""
    place = f"{number}.{name}"
    if place not in places.numbers:
        return []

    def drawn(seed: keras.random.SeedGenerator) -> Tensor:
        shape = lanes.shapes.packed(lanes.shapes.rows, columns)
        return keras.random.uniform(shape, dtype=keras.config.floatx(), seed=seed)

    def drop(kept: Tensor, x: Tensor) -> Tensor:
        rank = len(x.shape)
        own = kept if rank == len(kept.shape) else tf.expand_dims(kept, 2)
        return dropped(x, own, lanes.setting(f"{place}.scale", rank))

    rate = lanes.setting(place, 3)
    count = getattr(cell, "dropout_mask_count", None) or 1
    return [partial(drop, lanes.drawn(number, drawn) >= rate) for _ in range(count)]


def _gates(cell: Any, lanes: TracedLanes, x: Tensor, drops: Sequence[Drop]) -> Tensor:
    """Return what inputs add to the gates: shape (steps, lanes, rows, gates)."""
    shapes = lanes.shapes
    columns, gates = lanes.sizes[id(cell.kernel)]
    kernels = [lanes.weights[id(cell.kernel)]]
    if len(drops) > 1:
        kernels = tf.split(kernels[0], len(drops), axis=-1)
    rows = [drop(x) for drop in drops] or [x]
    together = shapes.packed(shapes.lanes, -1, columns)
    products = [
        product(tf.reshape(own, together), kernel)
        for own, kernel in zip(rows, kernels, strict=True)
    ]
    z = products[0] if len(products) == 1 else tf.concat(products, axis=-1)
    if cell.bias is not None:
        bias = row_of(lanes, cell.bias) if not _has_two_biases(cell) else None
        bias = lanes.weights[id(cell.bias)][:, :1] if bias is None else bias
        z = plus(z, bias, tf.ones_like(z[:, None, :, 0]))
    apart = tf.stack([shapes.lanes, shapes.rows, tf.shape(x)[2], gates])
    return tf.transpose(tf.reshape(z, apart), [2, 0, 1, 3])


def _step(
    cell: Any, formula: Formula, drops: Sequence[Drop], units: Dimension, ones: Tensor
) -> Step:
    """Return a step of a cell; its weights are the recurrent kernel and, if it has one, a bias."""

    def step(gates: Tensor, states: States, weights: Sequence[Tensor]) -> States:
        kernel, *bias = weights

        def of_state(state: Tensor, begin: int = 0, end: int | None = None) -> Tensor:
            some = drops[begin:end]
            own = kernel if end is None else kernel[..., begin * units : end * units]
            if some:
                parts = zip(some, tf.split(own, len(some), axis=-1), strict=True)
                z = tf.concat([product(drop(state), part) for drop, part in parts], axis=-1)
            else:
                z = product(state, own)
            return plus(z, bias[0], ones) if bias else z

        return formula(cell, gates, states, of_state)

    return step


def _simple(cell: Any, gates: Tensor, states: States, of_state: Any) -> States:
    z = gates + of_state(states[0])
    return (cell.activation(z),)


def _lstm(cell: Any, gates: Tensor, states: States, of_state: Any) -> States:
    h, c = states
    i, f, new, o = tf.split(gates + of_state(h), 4, axis=-1)
    choose, shape = cell.recurrent_activation, cell.activation
    c = choose(f) * c + choose(i) * shape(new)
    return choose(o) * shape(c), c


def _gru(cell: Any, gates: Tensor, states: States, of_state: Any) -> States:
    (h,) = states
    choose, shape = cell.recurrent_activation, cell.activation
    x_z, x_r, x_h = tf.split(gates, 3, axis=-1)
    if cell.reset_after:
        h_z, h_r, h_h = tf.split(of_state(h), 3, axis=-1)
        z, r = choose(x_z + h_z), choose(x_r + h_r)
        new = shape(x_h + r * h_h)
    else:
        h_z, h_r = tf.split(of_state(h, 0, 2), 2, axis=-1)
        z, r = choose(x_z + h_z), choose(x_r + h_r)
        new = shape(x_h + of_state(r * h, 2, 3))
    return (z * h + (1 - z) * new,)


#: By kind of cell: what it computes, and how many states it has.
FORMULAS: dict[str, tuple[Formula, int]] = {
    "GRUCell": (_gru, 1),
    "LSTMCell": (_lstm, 2),
    "SimpleRNNCell": (_simple, 1),
}
