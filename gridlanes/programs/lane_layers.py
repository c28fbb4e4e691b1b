"""Layers that compute for all lanes at once, with the weights and settings of each lane.

The layers of a template are opened: what they would read of themselves they read of the lanes
that are traced. Layers with weights are written for all lanes here, or left to
``tf.vectorized_map``, which takes long to trace; where a layer looks across the rows of a
mini-batch, it leaves out those that only fill up a short one. All others compute row by row, and
see the rows of all lanes as rows.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from gridlanes.compat.keras_layers import functions_of_calls, own_weights
from gridlanes.programs.lane_arithmetic import (
    chosen_where,
    kept_where,
    plus,
    product,
    repeated,
)
from gridlanes.programs.lane_attention import attention, attention_of_heads
from gridlanes.programs.lane_cells import through_sequences
from gridlanes.programs.lane_convolution import in_groups, windows_of
from gridlanes.programs.lane_einsum import einsum_dense
from gridlanes.programs.lane_matrices import matrices_of, ones_of, row_of, weighted_along
from gridlanes.programs.lane_noise import NOISES, noisy
from gridlanes.programs.lane_normalization import (
    batch_normalization,
    group_normalization,
    layer_normalization,
    rms_normalization,
)
from gridlanes.programs.lane_recurrence import recurrent, time_distributed
from gridlanes.programs.layer_functions import is_sizeless
from gridlanes.programs.penalties import watched
from gridlanes.programs.settings import Places
from gridlanes.programs.supported import (
    ATTENTION,
    CELLS,
    CONVOLUTIONS,
    HEADS,
    NOISE,
    RECURRENT,
)
from gridlanes.programs.traced_lanes import Lookup, TracedLanes

Tensor = Any

#: Takes a layer, its number and the lanes; returns the call.
Opened = Callable[[Any, int, TracedLanes], Callable[..., Tensor]]


def open_layer(layer: keras.layers.Layer, number: int, lanes: TracedLanes, places: Places) -> None:
    """Make a layer of a template compute for all lanes.

    Parameters
    ----------
    layer : keras.layers.Layer
    number : int
        Of the layer, with which its places begin.
    lanes : TracedLanes
    places : Places
    """
    kind = type(layer).__name__
    # What the template has in an open place is that of whichever network was seen first.
    for name in ("activation", "recurrent_activation"):
        if f"{number}.{name}" in places.choices:
            chosen = _chosen_activation(lanes, f"{number}.{name}", places, apart=kind in CELLS)
            setattr(layer, name, chosen)
    if kind in _OPENED:
        layer.call = _OPENED[kind](layer, number, lanes)
    elif kind in CELLS:
        layer.call = through_sequences(layer, number, lanes, places)
    elif kind in NOISES:
        # Where no lane has a rate, the layer does nothing.
        opened = f"{number}.{NOISE[kind]}" in places.numbers
        layer.call = noisy(layer, number, lanes) if opened else _unchanged
    elif own_weights(layer) and kind != "Normalization":
        layer.call = mapped(layer, lanes)
    elif not is_sizeless(layer):
        layer.call = _with_sizes(layer, lanes)
    place = f"{number}.activity_regularizer"
    if place in places.numbers:
        layer.call = watched(layer.call, lanes, place)
    # Keras would add up what the outputs of all lanes cost.
    layer.activity_regularizer = None


def _unchanged(inputs: Tensor, training: bool = False) -> Tensor:  # noqa: ARG001
    return inputs


def _with_sizes(layer: keras.layers.Layer, lanes: TracedLanes) -> Callable[..., Tensor]:
    """Return the call of a layer that may look at the sizes of what it is given."""
    own, (first, *others) = layer.call, [inputs for _, inputs in functions_of_calls(layer)]

    def call(*args: Any, **kwargs: Any) -> Tensor:
        given = [one for one in keras.tree.flatten((args, kwargs)) if tf.is_tensor(one)]
        if lanes.shapes.sized and not others and len(given) == len(first):
            for tensor, like in zip(given, first, strict=True):
                tensor.set_shape([None, *like.shape[1:]])
        return own(*args, **kwargs)

    return call


def _chosen_activation(
    lanes: TracedLanes, place: str, places: Places, *, apart: bool
) -> Callable[[Tensor], Tensor]:
    """Return what each lane has chosen, for rows of all lanes together or apart."""
    known: list[Callable[[Tensor], Tensor]] = [
        keras.activations.get(name) for name in places.choices[place]
    ]

    def choose(rows: Tensor) -> Tensor:
        result = None
        for number, function in enumerate(known):
            chosen = tf.equal(lanes.setting(place, len(rows.shape)), number)
            own = function(kept_where(rows, chosen, 0.0))
            result = own if result is None else chosen_where(chosen, own, result)
        return result

    def activation(x: Tensor) -> Tensor:
        return lanes.shapes.together(choose(lanes.shapes.apart(x)))

    return known[0] if len(known) == 1 else choose if apart else activation


def mapped(operation: keras.Operation, lanes: TracedLanes) -> Callable[..., Tensor]:
    """Return the call of an operation that TensorFlow converts to one for all lanes."""
    own = operation.call
    variables = list(getattr(operation, "variables", ()))

    def call(*args: Any, **kwargs: Any) -> Tensor:
        given = keras.tree.flatten((args, kwargs))
        tensors = [number for number, one in enumerate(given) if tf.is_tensor(one)]

        def lane(one: tuple) -> Tensor:
            values, weights = one
            inputs = list(given)
            for number, value in zip(tensors, values, strict=True):
                inputs[number] = value
            own_args, own_kwargs = keras.tree.pack_sequence_as((args, kwargs), inputs)
            with keras.StatelessScope(zip(variables, weights, strict=True)):
                return own(*own_args, **own_kwargs)

        weights = tuple(lanes.weights[id(variable)] for variable in variables)
        rows = tuple(lanes.shapes.apart(given[number]) for number in tensors)
        outputs = tf.vectorized_map(lane, (rows, weights))
        return keras.tree.map_structure(lanes.shapes.together, outputs)

    return call


def _dense(layer: keras.layers.Dense, _number: int, lanes: TracedLanes) -> Callable:
    def call(inputs: Tensor, training: bool = False) -> Tensor:  # noqa: ARG001
        ins, outs = lanes.sizes[id(layer.kernel)]
        matrices = matrices_of(lanes, inputs, ins)
        outputs = product(matrices, lanes.weights[id(layer.kernel)])
        if layer.bias is not None:
            outputs = plus(outputs, row_of(lanes, layer.bias), ones_of(lanes, inputs, matrices))
        outputs = lanes.shapes.like(outputs, inputs, outs)
        return outputs if layer.activation is None else layer.activation(outputs)

    return call


def _convolution(layer: Any, number: int, lanes: TracedLanes) -> Callable:
    kind, rank = type(layer).__name__, len(layer.strides)
    separable, turned = "Separable" in kind, "Transpose" in kind
    first = layer.depthwise_kernel if separable else layer.kernel

    def call(inputs: Tensor) -> Tensor:
        shapes, sizes = lanes.shapes, lanes.sizes[id(first)]
        windows, lengths = shapes.once(
            ("windows", number), lambda: windows_of(layer, shapes.places[number], sizes[:rank])
        )
        before = tf.shape(inputs)
        x = tf.reshape(inputs, tf.stack([shapes.lanes, shapes.rows, -1, before[rank + 1]]))
        kernel = tf.reshape(
            lanes.weights[id(first)], shapes.packed(shapes.lanes, -1, *sizes[rank:])
        )
        if separable or "Depthwise" in kind:
            filters = shapes.once(("filters", number), lambda: sizes[-2] * sizes[-1])
            kernel = tf.reshape(kernel, shapes.packed(shapes.lanes, -1, 1, filters))
            x = in_groups(x, kernel, windows, sizes[-2])
        elif turned:
            x, filters = in_groups(x, tf.transpose(kernel, [0, 1, 3, 2]), windows, 1), sizes[-2]
        else:
            x, filters = in_groups(x, kernel, windows, layer.groups), sizes[-1]
        matrices = tf.reshape(x, tf.stack([shapes.lanes, -1, filters]))
        if separable:
            pointwise = layer.pointwise_kernel
            ins, filters = lanes.sizes[id(pointwise)][-2:]
            own = shapes.packed(shapes.lanes, ins, filters)
            matrices = product(matrices, tf.reshape(lanes.weights[id(pointwise)], own))
        if layer.bias is not None:
            ones = tf.ones_like(matrices[:, None, :, 0])
            matrices = plus(matrices, row_of(lanes, layer.bias), ones)
        outputs = tf.reshape(matrices, shapes.packed(-1, *lengths, filters))
        return outputs if layer.activation is None else layer.activation(outputs)

    return call


def _embedding(layer: keras.layers.Embedding, _number: int, lanes: TracedLanes) -> Callable:
    def call(inputs: Tensor) -> Tensor:
        table = lanes.weights[id(layer.embeddings)]
        words, columns = lanes.sizes[id(layer.embeddings)]
        positions = tf.cast(inputs, "int32") if inputs.dtype.is_floating else inputs
        count = tf.cast(words, positions.dtype)
        # As Keras does: from the end.
        positions = tf.where(positions < 0, positions + count, positions)
        positions = tf.reshape(positions, lanes.shapes.packed(lanes.shapes.lanes, -1))
        known = (positions >= 0) & (positions < count)
        positions = tf.where(known, positions, 0)
        found = tf.gather(table, positions, axis=1, batch_dims=1)
        lanes.lookups.append(Lookup(layer.embeddings, positions, found))
        # TensorFlow would end the run, and with it the other lanes.
        found = kept_where(found, known[..., None], float("nan"))
        return tf.reshape(found, tf.concat([tf.shape(inputs), [columns]], axis=0))

    return call


def _prelu(layer: keras.layers.PReLU, _number: int, lanes: TracedLanes) -> Callable:
    def call(inputs: Tensor) -> Tensor:
        alpha, below = lanes.weights[id(layer.alpha)], tf.nn.relu(-inputs)
        sizes = tf.concat([[lanes.shapes.lanes], tf.shape(inputs)[1:]], axis=0)
        spread = repeated(alpha, sizes, list(layer.shared_axes or ()))
        own = weighted_along(lanes, below, list(range(1, len(inputs.shape))), spread, None)
        return tf.nn.relu(inputs) - own

    return call


_OPENED: dict[str, Opened] = {
    "BatchNormalization": batch_normalization,
    "Dense": _dense,
    "EinsumDense": einsum_dense,
    "Embedding": _embedding,
    "GroupNormalization": group_normalization,
    "LayerNormalization": layer_normalization,
    "PReLU": _prelu,
    "RMSNormalization": rms_normalization,
    "TimeDistributed": time_distributed,
    **dict.fromkeys(ATTENTION - HEADS, attention),
    **dict.fromkeys(HEADS, attention_of_heads),
    **dict.fromkeys(CONVOLUTIONS, _convolution),
    **dict.fromkeys(RECURRENT, recurrent),
}
