"""Attention, with the weights and the dropout of each lane.

A head of a row is a product of matrices of its own. Heads that share keys and values stand below
each other in one matrix.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from gridlanes.compat.keras_attention import attention_mask, projections_of, score_mask, taken_masks
from gridlanes.programs.lane_arithmetic import chosen_where, kept_where, product, repeated
from gridlanes.programs.lane_einsum import projected
from gridlanes.programs.lane_matrices import weighted_along
from gridlanes.programs.lane_noise import dropped_out
from gridlanes.programs.traced_lanes import TracedLanes

Tensor = Any

#: What Keras puts for a score that is masked, or takes from it.
MASKED_SCORE = -1e9


def attention_of_heads(layer: Any, number: int, lanes: TracedLanes) -> Callable[..., Tensor]:
    """Return the call of a layer of many heads, of which several may share keys and values."""
    projections = projections_of(layer)
    inner = [projections[name] for name in ("query", "key", "value")]

    def call(
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        training: bool = False,
        return_attention_scores: bool = False,  # noqa: ARG001
        **masks: Any,
    ) -> Tensor:
        key = value if key is None else key
        mask = attention_mask(layer, query, value, **masks)
        hand_on = taken_masks(layer, query, value, key)
        heads = [
            projected(own, lanes, x) for own, x in zip(inner, (query, key, value), strict=True)
        ]
        outputs = _attended(layer, number, lanes, heads, mask, training=training)
        if "gate" in projections:
            outputs *= projected(projections["gate"], lanes, query)
        return hand_on(projected(projections["output"], lanes, outputs))

    return call


def _attended(
    layer: Any,
    number: int,
    lanes: TracedLanes,
    heads: Sequence[Tensor],
    mask: Tensor | None,
    *,
    training: bool,
) -> Tensor:
    """Return what heads of shape (lanes x rows, steps, heads, columns) attend to.

    Queries may have a multiple of the heads that keys and values have.
    """
    query, key, value = heads
    rows, steps, count, columns = tf.unstack(tf.shape(query))
    _, others, shared, width = tf.unstack(tf.shape(value))
    query = tf.transpose(query, [0, 2, 1, 3]) * tf.cast(_size(layer, number, lanes), query.dtype)
    query = tf.reshape(query, tf.stack([rows * shared, -1, columns]))
    key = tf.reshape(tf.transpose(key, [0, 2, 3, 1]), tf.stack([-1, columns, others]))
    value = tf.reshape(tf.transpose(value, [0, 2, 1, 3]), tf.stack([-1, others, width]))
    scores = tf.reshape(product(query, key), tf.stack([rows, count, steps, others]))
    if mask is not None:
        mask = tf.expand_dims(mask, -3) if len(mask.shape) == 3 else mask
        mask = tf.broadcast_to(tf.cast(mask, "bool"), tf.shape(scores))
        scores = kept_where(scores, mask, MASKED_SCORE)
    shares = tf.nn.softmax(scores)
    place = f"{number}.dropout"
    if place in lanes.settings:
        apart = lanes.shapes.apart(shares)
        if mask is not None:
            # Only a layer with dropout gives nothing to what attends to nothing.
            none = tf.equal(lanes.setting(place, len(apart.shape)), 0)
            apart = kept_where(apart, lanes.shapes.apart(mask) | none, 0.0)
        if training:
            apart = dropped_out(lanes, number, place, apart)
        shares = lanes.shapes.together(apart)
    shares = tf.reshape(shares, tf.stack([rows * shared, -1, others]))
    outputs = tf.reshape(product(shares, value), tf.stack([rows, count, steps, width]))
    return tf.transpose(outputs, [0, 2, 1, 3])


def _size(layer: Any, number: int, lanes: TracedLanes) -> Tensor:
    """Return what Keras multiplies queries by, which it rounds to single precision."""
    columns = lanes.sizes[id(projections_of(layer)["query"].kernel)][-1]

    def size() -> Tensor:
        return tf.cast(1 / tf.sqrt(tf.cast(columns, "float64")), "float32")

    return lanes.shapes.once(("size of queries", number), size)


def attention(layer: Any, number: int, lanes: TracedLanes) -> Callable[..., Tensor]:
    """Return the call of a layer whose queries look at values as they are given."""
    additive = isinstance(layer, keras.layers.AdditiveAttention)
    scores_of = _added_scores if additive or layer.score_mode == "concat" else _dot_scores

    def call(
        inputs: Sequence[Tensor],
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,  # noqa: ARG001
        use_causal_mask: bool = False,
    ) -> Tensor:
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        of_query, of_value = mask[:2] if mask else (None, None)
        scores = scores_of(layer, lanes, query, key)
        kept = score_mask(layer, scores, of_value, use_causal_mask)
        if kept is not None:
            kept = tf.expand_dims(kept, 1) if len(kept.shape) == 2 else kept
            scores = chosen_where(
                tf.broadcast_to(kept, tf.shape(scores)), scores, scores + MASKED_SCORE
            )
        shares = tf.nn.softmax(scores)
        place = f"{number}.dropout"
        if training and place in lanes.settings:
            shares = lanes.shapes.together(
                dropped_out(lanes, number, place, lanes.shapes.apart(shares))
            )
        outputs = product(shares, value)
        if of_query is not None:
            outputs = kept_where(outputs, tf.expand_dims(of_query, -1), 0.0)
        return outputs

    return call


def _dot_scores(layer: Any, lanes: TracedLanes, query: Tensor, key: Tensor) -> Tensor:
    scores = product(query, tf.transpose(key, [0, 2, 1]))
    return _scaled(lanes, scores, layer.scale, [])


def _added_scores(layer: Any, lanes: TracedLanes, query: Tensor, key: Tensor) -> Tensor:
    """Return the sum over columns of a shape of sums, for each query and key."""
    rows, steps, columns = tf.unstack(tf.shape(query))
    shape = tf.stack([rows, steps, tf.shape(key)[1], columns])
    own = repeated(tf.expand_dims(query, 2), shape, [2])
    sums = own + repeated(tf.expand_dims(key, 1), shape, [1])
    if isinstance(layer, keras.layers.AdditiveAttention):
        return tf.reduce_sum(_scaled(lanes, tf.tanh(sums), layer.scale, [3]), axis=-1)
    scores = tf.reduce_sum(tf.tanh(_scaled(lanes, sums, layer.scale, [])), axis=-1)
    return _scaled(lanes, scores, layer.concat_score_weight, [])


def _scaled(lanes: TracedLanes, x: Tensor, weight: Any, axes: list[int]) -> Tensor:
    if weight is None:
        return x
    return weighted_along(lanes, x, axes, lanes.weights[id(weight)], None)
