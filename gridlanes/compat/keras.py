"""Names of Keras and TensorFlow that are not public, in one place.

Checked with Keras 3.15.1 and TensorFlow 2.21.0.
"""

import functools
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from keras.src.random import seed_generator
from tensorflow.core.protobuf.rewriter_config_pb2 import RewriterConfig
from tensorflow.python.client import device_lib
from tensorflow.python.eager import context, record
from tensorflow.python.framework import tensor_util
from tensorflow.python.ops import array_ops, gen_math_ops, math_grad
from tensorflow.python.ops.parallel_for import pfor

#: What TensorFlow does to a graph besides putting functions in where they are called.
REARRANGEMENTS = (
    "arithmetic_optimization",
    "common_subgraph_elimination",
    "constant_folding",
    "dependency_optimization",
    "implementation_selector",
    "layout_optimizer",
    "loop_optimization",
    "remapping",
    "shape_optimization",
)

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

#: Of one instruction of Eigen, as TensorFlow's wheels are compiled.
PACKET_BYTES = 32


@pfor.RegisterPFor("Bitcast")  # type: ignore[untyped-decorator]
def _vectorized_bitcast(own: Any) -> Any:
    """Let ``tf.vectorized_map`` take numbers' bits for all lanes at once.

    Keras' ``argmax``, of which the accuracy among several classes is made, looks at the sign bit.
    TensorFlow has no rule for it, so it would loop over lanes, a fifth of a run's time, and warn.
    """
    return pfor.wrap(tf.bitcast(own.stacked_input(0), own.get_attr("type")), True)


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


@contextmanager
def drawing_from(generator: random.Random) -> Iterator[None]:
    """Have Keras draw the seeds of layers from a generator inside this block."""
    given = seed_generator.python_random
    seed_generator.python_random = generator
    try:
        yield
    finally:
        seed_generator.python_random = given


@functools.cache
def devices() -> str:
    """Return the kinds of devices that TensorFlow computes on: they round differently."""
    return " ".join(
        sorted({device.device_type for device in context.context().list_logical_devices()})
    )


def gpu_memory() -> int | None:
    """Return the bytes that are free on the GPU on which TensorFlow computes, None without one.

    Of several it is the first: TensorFlow puts there whatever is not told otherwise.
    """
    if not tf.config.list_physical_devices("GPU"):
        return None
    sizes = [d.memory_limit for d in device_lib.list_local_devices() if d.device_type == "GPU"]
    return int(sizes[0] - tf.config.experimental.get_memory_info("GPU:0")["current"])


def grow_on_gpus() -> None:
    """Have TensorFlow take a GPU's memory as it needs it, not all of it at once.

    Where it has begun to compute already, it goes on as it began.
    """
    for device in tf.config.list_physical_devices("GPU"):
        with suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(device, True)


@contextmanager
def as_traced(*, branching: bool = False) -> Iterator[None]:
    """Execute the operations of a graph as they are, one after the other in this thread.

    Unless it branches: a branch would wait for a thread of TensorFlow's while the graph occupies
    one, for ever if there are no more.

    Handing small operations to other threads takes longer than doing them: a step of 81 lanes
    takes half as long, one of three lanes a fifth. Large ones still use all cores inside.

    TensorFlow would rearrange a graph at its first call: that takes longer than it saves in graphs
    of this kind, and undoes what is traced for the sake of exactness, as a division of 1.
    """
    here = context.context()
    config = here.config
    options = config.graph_options.rewrite_options
    for name in REARRANGEMENTS:
        setattr(options, name, RewriterConfig.OFF)
    options.meta_optimizer_iterations = RewriterConfig.ONE
    given = here.function_call_options
    executor = None if branching else "SINGLE_THREADED_EXECUTOR"
    here.function_call_options = context.FunctionCallOptions(executor, config)
    try:
        yield
    finally:
        here.function_call_options = given


def branches(function: Any) -> bool:
    """Return whether a traced function takes one of two ways anywhere."""
    functions = function.graph.as_graph_def().library.function
    return any(node.op in ("If", "StatelessIf") for own in functions for node in own.node_def)


@contextmanager
def exact_reductions() -> Iterator[None]:
    """Trace sums and means over last axes, reciprocal roots and gradients of roots as divisions.

    See :mod:`gridlanes.programs.bitwise_equality` for what that is good for.
    """
    names = ("_sum", "mean", "rsqrt", "sqrt_grad")
    given = {name: getattr(gen_math_ops, name) for name in names}
    infer = math_grad._InferGradientReductionAxes  # noqa: SLF001

    def over_last_axes(reduce: Callable) -> Callable:
        def reduced(input: Any, axis: Any, keep_dims: bool = False, name: Any = None) -> Any:  # noqa: A002
            axes, rank = tensor_util.constant_value(axis), input.shape.rank
            if axes is None or rank is None:
                return reduce(input, axis, keep_dims, name=name)
            axes = sorted({int(one) % rank for one in np.ravel(axes)})
            others = [one for one in range(rank) if one not in axes]
            inner = input.shape[max(axes, default=-1) + 1 :].num_elements()
            packet = PACKET_BYTES // input.dtype.size
            if not axes or (inner is not None and (inner < packet or inner % packet == 0)):
                return reduce(input, axis, keep_dims, name=name)
            moved = array_ops.transpose(input, [*others, *axes])
            total = reduce(moved, list(range(len(others), rank)), False, name=name)
            if keep_dims:
                for one in axes:
                    total = array_ops.expand_dims(total, one)
            return total

        return reduced

    gen_math_ops._sum = over_last_axes(given["_sum"])  # noqa: SLF001
    gen_math_ops.mean = over_last_axes(given["mean"])
    gen_math_ops.rsqrt = lambda x, name=None: _reciprocal_root(x)  # noqa: ARG005
    gen_math_ops.sqrt_grad = lambda y, dy, name=None: _where_not_0(dy, dy * 0.5 / y)  # noqa: ARG005
    math_grad._InferGradientReductionAxes = lambda *shapes: infer(*_rows_alike(*shapes))  # noqa: SLF001
    try:
        yield
    finally:
        for name, function in given.items():
            setattr(gen_math_ops, name, function)
        math_grad._InferGradientReductionAxes = infer  # noqa: SLF001


def _where_not_0(dy: Any, gradient: Any) -> Any:
    """Return a gradient, 0 where none comes back: so are TensorFlow's at the root of 0."""
    return tf.where(tf.not_equal(dy, 0), gradient, 0)


def _rows_alike(x: tf.TensorShape, y: tf.TensorShape) -> tuple[tf.TensorShape, tf.TensorShape]:
    """Return shapes of tensors whose first dimensions are alike if both are open.

    They are lanes, or the rows of all lanes. TensorFlow would find out at every step whether one
    of the two is repeated, and add up over axes that are not known when it is traced.
    """
    if x.rank and x.rank == y.rank and x[0] is None and y[0] is None:
        return tf.TensorShape([2, *x[1:]]), tf.TensorShape([2, *y[1:]])
    return x, y


def differentiated(function: Callable) -> Callable:
    """Return a function of tensors whose gradient is written out.

    What ``tf.custom_gradient`` does, whose copies of all that goes in and out take three times as
    long to trace, and time in every step.

    Parameters
    ----------
    function : callable
        Returns a tensor or a list of tensors, none of them an argument, and a function of their
        gradients that returns that of each argument, None for no gradient.
    """

    @functools.wraps(function)
    def recorded(*tensors: Any) -> Any:
        with record.stop_recording():
            outputs, gradient = function(*tensors)

        def backward(*gradients: Any) -> Any:
            found = gradient(*gradients)
            return list(found) if isinstance(found, tuple) else [found]

        made = outputs if isinstance(outputs, list) else [outputs]
        record.record_operation(function.__name__, made, list(tensors), backward)
        return outputs

    return recorded


@differentiated
def _reciprocal_root(x: Any) -> tuple[Any, Callable]:
    y = 1 / tf.sqrt(x)
    return y, lambda dy: _where_not_0(dy, dy * -0.5 * y * y * y)


def all_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return a model and all layers inside it, those of nested models and layers too."""
    return list(model._flatten_layers(include_self=True, recursive=True))  # noqa: SLF001


def other_operations(model: keras.Model) -> list[keras.Operation]:
    """Return the operations of a functional model, and of those in it, that are not layers."""
    inside = [own for own in all_layers(model) if hasattr(own, "operations")]
    operations = [operation for own in inside for operation in own.operations]
    return [one for one in operations if not isinstance(one, keras.layers.Layer)]


def direct_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers of a model in the order of their creation, nested models as one."""
    return list(model._flatten_layers(include_self=False, recursive=False))  # noqa: SLF001


def layers_of(model: keras.Model) -> list[keras.layers.Layer]:
    """Return all layers in a fixed order, those inside nested models too, without the models."""
    layers: dict[int, keras.layers.Layer] = {}
    for layer in direct_layers(model):
        nested = isinstance(layer, keras.Model)
        # Two models may share a layer.
        layers |= {id(own): own for own in (layers_of(layer) if nested else [layer])}
    return list(layers.values())


def last_layers(model: keras.Model) -> list[keras.Operation]:
    """Return what computes the output of a functional or sequential model, from the end on.

    With what stands before layers that may hand on what they are given as it is, with the logits
    that Keras' cross-entropies look for.
    """
    own = model.outputs[0]._keras_history.operation  # noqa: SLF001
    if isinstance(own, keras.Model):
        return last_layers(own)
    layers = [own]
    while type(own).__name__ in HANDING_ON and isinstance(own.input, keras.KerasTensor):
        own = own.input._keras_history.operation  # noqa: SLF001
        if isinstance(own, keras.Model):
            return layers + last_layers(own)
        layers.append(own)
    return layers


def metrics_container(model: keras.Model) -> Any:
    """Return Keras' container of a compiled model's metrics, None without any."""
    return model._compile_metrics  # noqa: SLF001


def compile_arguments(model: keras.Model) -> dict[str, Any]:
    """Return what a model was compiled with."""
    container = metrics_container(model)
    config = model._compile_config  # noqa: SLF001
    return {
        **(config.config if config is not None else {}),
        "optimizer": model.optimizer,
        "loss": model.loss,
        "metrics": container._user_metrics if container is not None else None,  # noqa: SLF001
    }


def leaves_weights_undecayed(optimizer: keras.optimizers.Optimizer) -> bool:
    """Return whether ``exclude_from_weight_decay`` was called."""
    names = ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern")
    return any(getattr(optimizer, name, None) for name in names)


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
