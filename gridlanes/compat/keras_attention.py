"""Names of Keras that are not public: the parts of attention, and its masks.

Checked with Keras 3.15.1.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras.src.backend.common.masking import get_keras_mask, set_keras_mask


def projections_of(layer: keras.layers.Layer) -> dict[str, keras.layers.Layer]:
    """Return the products with weights that attention of many heads is made of, by name."""
    found = {name: getattr(layer, f"_{name}_dense") for name in ("query", "key", "value", "output")}
    gate = getattr(layer, "_gate_dense", None)
    return found if gate is None else {**found, "gate": gate}


def attention_mask(layer: keras.layers.Layer, query: Any, value: Any, **masks: Any) -> Any:
    """Return which queries attend to which values, None if all do to all."""
    return layer._compute_attention_mask(query, value, **masks)  # noqa: SLF001


def score_mask(layer: keras.layers.Layer, scores: Any, mask: Any, causal: bool) -> Any:
    """Return which scores of an ``Attention`` count, None if all do."""
    return layer._calculate_score_mask(scores, mask, causal)  # noqa: SLF001


def taken_masks(layer: keras.layers.Layer, query: Any, *others: Any) -> Callable[[Any], Any]:
    """Take masks off tensors as a layer does, and return what puts the first's on its outputs."""
    if not isinstance(layer, keras.layers.MultiHeadAttention):
        return lambda outputs: outputs
    mask = get_keras_mask(query)
    for tensor in (query, *others):
        set_keras_mask(tensor, None)

    def put_on(outputs: Any) -> Any:
        if mask is not None:
            set_keras_mask(outputs, mask)
        return outputs

    return put_on
