"""Seeds TensorFlow without making it forget what it has prepared.

``tf.random.set_seed`` clears TensorFlow's cache of kernels, so that random operations of its first
generation, which count their calls in a kernel, begin anew. Every function that was called before
is prepared once more at its next call, which takes 0.1 to 0.4 s, and every other operation too. A
search seeds thousands of times; Keras' own layers draw from generators without such a count.

Checked with Keras 3.15.1 and TensorFlow 2.21.0.
"""

import functools
import random
import threading
from collections.abc import Callable

import keras
import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.framework import random_seed

#: Set where a kernel may have counted since the cache was cleared; nobody knows at the start.
_counted = threading.Event()
_counted.set()


def _noted(get_seed: Callable) -> Callable:
    """Return the function from which operations that count take their seeds, noting its calls."""

    @functools.wraps(get_seed)
    def noted(op_seed: int | None) -> tuple[int | None, int | None]:
        _counted.set()
        seeds: tuple[int | None, int | None] = get_seed(op_seed)
        return seeds

    return noted


random_seed.get_seed = _noted(random_seed.get_seed)


def set_random_seed(seed: int) -> None:
    """Seed everything as ``keras.utils.set_random_seed``, and keep kernels that have no count.

    Differs from it only for operations of ``tf.raw_ops`` that are given their seeds by hand: these
    go on counting.
    """
    given = tf.random.set_seed
    if not _counted.is_set():
        tf.random.set_seed = _seed_only
    try:
        keras.utils.set_random_seed(seed)
        _counted.clear()
    finally:
        tf.random.set_seed = given


def forget_kernels() -> None:
    """Have the next seed clear TensorFlow's cache of kernels, and with it what they hold.

    A kernel of ``tf.data`` holds the functions and threads of a data set that is long gone.
    """
    _counted.set()


def _seed_only(seed: int) -> None:
    own = context.context()
    own._seed, own._rng = seed, random.Random(seed)  # noqa: S311, SLF001
