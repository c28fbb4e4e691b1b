"""What is traced for one thread computes the same, and leaves the other cores alone."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from gridlanes.compat.tensorflow import as_traced
from gridlanes.planning.machine import cores
from gridlanes.programs.one_thread import traced_for_one_thread

SIGNATURE = ({"x": tf.TensorSpec([None, None])}, tf.TensorSpec([], tf.int32))
X = tf.constant(np.random.default_rng(0).normal(size=(300, 300)).astype("float32") / 20)
CAPTURED = tf.constant([0.5])


def multiplied(given, times):
    def body(step, x):
        return step + 1, tf.tanh(tf.matmul(x, given["x"])) + CAPTURED

    steps, x = tf.while_loop(lambda step, _: step < times, body, (0, given["x"]))
    return {"x": x}, [steps]


def chosen(given, times):
    return [tf.cond(times > 3, lambda: given["x"] + 1, lambda: given["x"])]


@pytest.mark.parametrize("function", [multiplied, chosen])
def test_it_computes_the_same(function):
    plain = tf.function(function, autograph=False)
    with as_traced():
        traced = traced_for_one_thread(function, SIGNATURE)
    for times in (tf.constant(2), tf.constant(5)):
        expected, found = (own({"x": X}, times) for own in (plain, traced))
        tf.nest.assert_same_structure(expected, found)
        for pair in zip(*map(tf.nest.flatten, (expected, found)), strict=True):
            np.testing.assert_allclose(*pair, rtol=1e-5)


def busy_threads(function):
    """Return how many threads of this process a function keeps busy, by their processor time."""

    def times():
        tasks = Path("/proc/self/task").iterdir()
        return {task.name: int((task / "schedstat").read_text().split()[0]) for task in tasks}

    before = times()
    function({"x": X}, tf.constant(300))[0]["x"].numpy()
    spent = [after - before.get(name, 0) for name, after in times().items()]
    return sum(own > max(spent) / 4 for own in spent)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted on Linux")
@pytest.mark.skipif(cores() < 2, reason="there is no other thread to keep out")
def test_it_stays_in_one_thread():
    with as_traced():
        traced = traced_for_one_thread(multiplied, SIGNATURE)
    assert busy_threads(traced) == 1
    plain = tf.function(multiplied, autograph=False)
    # Others of a busy machine may leave the pool no other core for a while.
    assert any(busy_threads(plain) > 1 for _ in range(20))
