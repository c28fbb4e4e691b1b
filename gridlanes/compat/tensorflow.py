"""Names of TensorFlow that are not public: its devices, and how it executes a graph.

Checked with TensorFlow 2.21.0.
"""

import copy
import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf.rewriter_config_pb2 import RewriterConfig
from tensorflow.python.client import device_lib
from tensorflow.python.eager import context
from tensorflow.python.framework import op_def_registry
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

#: Stateful operations without a resource that nevertheless remember nothing from call to call.
FORGETFUL = frozenset(
    ["Assert", "Case", "If", "PartitionedCall", "Placeholder", "StatefulPartitionedCall", "While"]
)


@pfor.RegisterPFor("Bitcast")  # type: ignore[untyped-decorator]
def _vectorized_bitcast(own: Any) -> Any:
    """Let ``tf.vectorized_map`` take numbers' bits for all lanes at once.

    Keras' ``argmax``, of which the accuracy among several classes is made, looks at the sign bit.
    TensorFlow has no rule for it, so it would loop over lanes, a fifth of a run's time, and warn.
    """
    return pfor.wrap(tf.bitcast(own.stacked_input(0), own.get_attr("type")), True)


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


def remembers(function: Any) -> bool:
    """Return whether a traced function keeps something besides the variables that it captures.

    As random operations do that count their calls, and functions of Python's.
    """
    if function.graph.deferred_external_captures:
        return True
    graph = function.graph.as_graph_def()
    nodes = [*graph.node, *(node for own in graph.library.function for node in own.node_def)]
    kinds = [op_def_registry.get(name) for name in {node.op for node in nodes} - FORGETFUL]
    return any(
        kind is not None
        and kind.is_stateful
        and not any(own.type == tf.resource.as_datatype_enum for own in kind.input_arg)
        for kind in kinds
    )


def without_captures(function: Any) -> Any:
    """Return a traced function that holds on to nothing that it captures."""
    own = with_captures(function, ())
    graphs = [own.graph]
    while graphs:
        graph = graphs.pop()
        graph.function_captures.clear()
        # What it remembers of them is found out anew.
        _ = graph.captures
        graphs += [inside.graph for inside in graph._functions.values()]  # noqa: SLF001
    return own


def with_captures(function: Any, captures: Sequence[tf.Tensor]) -> Any:
    """Return a traced function that reads and writes other variables of the same kinds."""
    own = copy.copy(function)
    own.set_external_captures(list(captures))
    return own
