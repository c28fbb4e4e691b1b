"""Names of Keras that are not public.

Checked with Keras 3.15.1.
"""

import functools
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras
from keras.src import backend
from keras.src.backend.common import global_state
from keras.src.random import seed_generator

#: Layers whose output can be the very tensor that they are given.
HANDING_ON = (
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "SpatialDropout1D",
)

#: Operations that call a function of the user's.
LOOPS = frozenset(
    [
        "AssociativeScan",
        "Cond",
        "ForiLoop",
        "Map",
        "Scan",
        "Switch",
        "VectorizedMap",
        "WhileLoop",
    ]
)


#: Where an optimizer notes the names of variables that do not decay.
UNDECAYED = "_exclude_from_weight_decay_pattern"


@contextmanager
def fresh_names() -> Iterator[None]:
    """Have layers, metrics and optimizers numbered from the start inside this block.

    Keras numbers them over the life of the process; names in a model and its history should
    depend on that model only.
    """
    names = global_state.get_global_attribute("object_name_uids")
    global_state.set_global_attribute("object_name_uids", None)
    try:
        yield
    finally:
        global_state.set_global_attribute("object_name_uids", names)


#: Taken by whoever makes, traces or trains with what Keras and TensorFlow keep once for a process.
making = threading.RLock()


def drawn_from() -> random.Random:
    """Return the generator from which Keras draws the seeds of layers."""
    generator: random.Random = seed_generator.python_random
    return generator


@contextmanager
def drawing_from(generator: random.Random) -> Iterator[None]:
    """Have Keras draw the seeds of layers from a generator inside this block."""
    given = drawn_from()
    seed_generator.python_random = generator
    try:
        yield
    finally:
        seed_generator.python_random = given


def all_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return a model and all layers inside it, those of nested models and layers too."""
    return list(model._flatten_layers(include_self=True, recursive=True))  # noqa: SLF001


def other_operations(model: keras.Model) -> list[keras.Operation]:
    """Return the operations of a functional model, and of those in it, that are not layers."""
    inside = [own for own in all_layers(model) if hasattr(own, "operations")]
    operations = [operation for own in inside for operation in own.operations]
    return [one for one in operations if not isinstance(one, keras.layers.Layer)]


def direct_layers(holder: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Return the layers of a model in the order of their creation, nested models as one.

    Or the layers that a layer holds, such as the one that it wraps.
    """
    return list(holder._flatten_layers(include_self=False, recursive=False))  # noqa: SLF001


def layers_of(holder: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Return all layers in a model or a layer in a fixed order, without the models.

    A layer comes before those that it holds.
    """
    layers: dict[int, keras.layers.Layer] = {}
    for layer in direct_layers(holder):
        own = [] if isinstance(layer, keras.Model) else [layer]
        # Two models may share a layer.
        layers |= {id(one): one for one in [*own, *layers_of(layer)]}
    return list(layers.values())


def own_weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    """Return the weights of a layer without those of layers that it holds."""
    others = {id(weight) for held in direct_layers(layer) for weight in held.weights}
    return [weight for weight in layer.weights if id(weight) not in others]


def own_config(layer: keras.layers.Layer) -> dict[str, Any]:
    """Return the configuration of a layer without those of layers that it holds."""
    is_rnn = isinstance(layer, keras.layers.RNN)
    # Keras' recurrent layers repeat what their cells say.
    config = keras.layers.RNN.get_config(layer) if is_rnn else layer.get_config()
    held = {type(one).__name__ for one in direct_layers(layer)}

    def is_held(value: Any) -> bool:
        first = value[0] if isinstance(value, list) and value else value
        return isinstance(first, dict) and first.get("class_name") in held

    return {key: value for key, value in config.items() if not is_held(value)}


def last_layers(model: keras.Model) -> list[keras.Operation]:
    """Return what computes each output of a functional or sequential model, from the end on.

    With what stands before layers that may hand on what they are given as it is, with the logits
    that Keras' cross-entropies look for.
    """
    return [own for output in model.outputs for own in _last_layers(output)]


def _last_layers(output: keras.KerasTensor) -> list[keras.Operation]:
    own = output._keras_history.operation  # noqa: SLF001
    if isinstance(own, keras.Model):
        return last_layers(own)
    layers = [own]
    while type(own).__name__ in HANDING_ON and isinstance(own.input, keras.KerasTensor):
        own = own.input._keras_history.operation  # noqa: SLF001
        if isinstance(own, keras.Model):
            return layers + last_layers(own)
        layers.append(own)
    return layers


def nodes_of(model: keras.Model) -> list[Any]:
    """Return the calls of layers and operations in a model, inputs first.

    Empty for a model that is neither functional nor sequential.
    """
    own = getattr(model, "_functional", None) if isinstance(model, keras.Sequential) else model
    by_depth = getattr(own, "_nodes_by_depth", {})
    return [call for depth in sorted(by_depth, reverse=True) for call in by_depth[depth]]


def lookup_in(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return the layer in which a vectorization of text looks words up; any other as it is."""
    text = isinstance(layer, keras.layers.TextVectorization)
    return layer._lookup_layer if text else layer  # noqa: SLF001


def called_on(layer: keras.layers.Layer) -> list[tuple[int | None, ...]]:
    """Return the shape of what a model calls a layer on first, for each call."""
    nodes = layer._inbound_nodes  # noqa: SLF001
    return [tuple(own.shape) for node in nodes for own in node.input_tensors[:1]]


def arguments_of(operation: keras.Operation) -> list[Any]:
    """Return what a model calls an operation with, all calls and nested arguments in one list."""
    calls = [node.arguments for node in operation._inbound_nodes]  # noqa: SLF001
    return keras.tree.flatten([(own.args, own.kwargs) for own in calls])  # type: ignore[no-any-return]


def takes(layer: keras.layers.Layer, argument: str) -> bool:
    """Return whether Keras hands a layer whether it is trained, or a mask."""
    return bool(getattr(layer, f"_call_has_{argument}_arg"))


def has_mask(tensor: keras.KerasTensor) -> bool:
    """Return whether a tensor of a model says which of its places are to be left out."""
    return backend.get_keras_mask(tensor) is not None


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


def axis_of(own: Any) -> Any:
    """Return the axis of a loss or a metric, None where it has none."""
    config = own.get_config() if hasattr(own, "get_config") else {}
    return config.get("axis", getattr(own, "_fn_kwargs", {}).get("axis"))


def row_by_row(metric: keras.metrics.Metric) -> Callable | None:
    """Return the function of targets and outputs whose mean over rows a metric is.

    None for a metric that is something else.
    """
    kind = keras.metrics.MeanMetricWrapper
    if not isinstance(metric, kind) or type(metric).update_state is not kind.update_state:
        return None
    if type(metric).result is not keras.metrics.Mean.result:
        return None
    return functools.partial(metric._fn, **metric._fn_kwargs)  # noqa: SLF001


def function_in(own: Any) -> Any:
    """Return the function that a loss or a metric of Keras wraps, None for any other."""
    return getattr(own, "_fn", getattr(own, "fn", None))
