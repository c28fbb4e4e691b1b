"""Layers that go through sequences: with cells that remember, or with a layer that does not."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from gridlanes.compat.keras_layers import layers_of, takes
from gridlanes.errors import CannotRideError
from gridlanes.programs.lane_arithmetic import kept_where, reshaped
from gridlanes.programs.lane_cells import FORMULAS
from gridlanes.programs.traced_lanes import TracedLanes

Tensor = Any


def recurrent(layer: Any, _number: int, lanes: TracedLanes) -> Callable[..., Any]:
    """Return the call of a recurrent layer, with one cell or several that hand on their states."""
    cells = getattr(layer.cell, "cells", [layer.cell])

    def call(
        sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        shapes = lanes.shapes
        begins = [] if initial_state is None else keras.tree.flatten(initial_state)
        first, last = [shapes.apart(own) for own in begins], []
        real = None if mask is None else _by_step(layer, lanes, mask)
        x = shapes.apart(tf.reverse(sequences, [1]) if layer.go_backwards else sequences)
        for cell in cells:
            count = FORMULAS[type(cell).__name__][1]
            own, first = tuple(first[:count]), first[count:]
            outputs, states = cell.call(x, own, real, training=bool(training))
            last += states
            if real is not None:
                outputs = _shown(layer, real, outputs, begun=bool(begins))
            x = tf.transpose(outputs, [1, 2, 0, 3])
        found = shapes.together(x if layer.return_sequences else outputs[-1])
        if not layer.return_state:
            return found
        last = [shapes.together(own) for own in last]
        return found, *keras.tree.pack_sequence_as(layer.state_size, last)

    return call


def _by_step(layer: Any, lanes: TracedLanes, mask: Any) -> Tensor:
    """Return a mask of sequences, or the first of several: shape (steps, lanes, rows, 1)."""
    own = tf.cast(keras.tree.flatten(mask)[0], "bool")
    own = tf.reverse(own, [1]) if layer.go_backwards else own
    apart = tf.reshape(own, lanes.shapes.packed(lanes.shapes.lanes, lanes.shapes.rows, -1))
    return tf.transpose(apart, [2, 0, 1])[..., None]


def _shown(layer: Any, real: Tensor, outputs: Tensor, *, begun: bool) -> Tensor:
    """Return outputs (steps, lanes, rows, units), 0 where Keras puts out nothing.

    Which is before the first step that is taken, whatever the states are that were given, and at
    each that is not if the layer says so.
    """
    if layer.zero_output_for_mask:
        return kept_where(outputs, real, 0.0)
    if begun:
        return kept_where(outputs, tf.cumsum(tf.cast(real, "int32")) > 0, 0.0)
    return outputs


def time_distributed(layer: Any, number: int, lanes: TracedLanes) -> Callable[..., Tensor]:
    """Return the call of a layer that applies another to each step, of which none knows others."""
    held = layer.layer
    heeds = any(takes(own, "mask") for own in layers_of(layer))

    def call(inputs: Tensor, training: bool = False, mask: Any = None) -> Tensor:
        if mask is not None and heeds:
            raise CannotRideError(f"layer {layer.name!r} hands a mask on")
        steps = lanes.shapes.places[number][0]
        before = tf.shape(inputs)
        each = reshaped(inputs, tf.concat([[-1], before[2:]], axis=0), before)
        each.set_shape([None, *inputs.shape[2:]])
        with lanes.in_steps(number, steps):
            outputs = held.call(each, **({"training": training} if takes(held, "training") else {}))
        after = tf.shape(outputs)
        return reshaped(outputs, tf.concat([[-1, steps], after[1:]], axis=0), after)

    return call
