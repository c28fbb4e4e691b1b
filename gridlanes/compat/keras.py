"""Names of Keras that are not public: what it keeps for a process, and functions in its objects.

Checked with Keras 3.15.1.
"""

import functools
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state
from keras.src.random import seed_generator


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


def written(own: Any) -> Any:
    """Return a model, a loss or another object as a pickle by Keras holds it, for :func:`read`."""
    _, (file,) = own.__reduce__()
    return file


def read(file: Any) -> Any:
    """Return what :func:`written` wrote."""
    return keras.Model._unpickle_model(file)  # noqa: SLF001


def is_kerass(own: Any) -> bool:
    """Return whether an object's class is one of Keras' own."""
    return type(own).__module__.startswith("keras.")


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
