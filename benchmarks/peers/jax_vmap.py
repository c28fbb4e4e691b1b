"""JAX: the lanes that share activation, optimizer and batch size trained by one ``vmap``.

A lane is an initialiser on a fold: 9 lanes in each of 27 programs. The longest number of epochs is
trained once, and the shorter ones read its accuracy at their last epoch. Optimizers are Optax'
with the settings of Keras; initial weights have Keras' distributions but not its numbers.
"""

import itertools
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

from benchmarks.peers import Outcome
from benchmarks.sampling import Cell
from benchmarks.tasks import Task

ACTIVATIONS: dict[str, Callable] = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
}
OPTIMIZERS = {
    "rmsprop": optax.rmsprop(1e-3, decay=0.9, eps=1e-7, eps_in_sqrt=True),
    "adam": optax.adam(1e-3, eps=1e-7),
    "sgd": optax.sgd(1e-2),
}
INITIALIZERS: dict[str, Callable] = {
    "glorot_uniform": jax.nn.initializers.glorot_uniform(),
    "normal": jax.nn.initializers.normal(0.05),
    "uniform": lambda key, shape: jax.random.uniform(key, shape, minval=-0.05, maxval=0.05),
}


def search(task: Task, cells: Sequence[Cell] | None) -> Outcome:
    """Search a task whose training folds are equally long, see :mod:`benchmarks.peers`."""
    X, y = map(jnp.asarray, task.data())
    folds = [tuple(map(jnp.asarray, fold)) for fold in task.splitter().split(X, y)]
    lanes = list(itertools.product(task.grid["init"], range(task.folds)))
    inputs = (
        _stack([initial(task, X.shape[1], init) for init, _ in lanes]),
        jnp.stack([folds[fold][0] for _, fold in lanes]),
        jnp.stack([folds[fold][1] for _, fold in lanes]),
    )
    seconds = {"trace": 0.0, "compile": 0.0, "run": 0.0}
    accuracies = {}
    for program in itertools.product(
        *(task.grid[k] for k in ("activation", "optimizer", "batch_size"))
    ):
        lane = partial(train, X, y, *program, max(task.grid["epochs"]), task.seed)
        start = time.perf_counter()
        lowered = jax.jit(jax.vmap(lane)).lower(*inputs)
        traced = time.perf_counter()
        compiled = lowered.compile()
        ready = time.perf_counter()
        for lane_key, curve in zip(lanes, jax.device_get(compiled(*inputs)), strict=True):
            accuracies[*program, *lane_key] = curve
        end = time.perf_counter()
        for phase, spent in zip(
            seconds, (traced - start, ready - traced, end - ready), strict=True
        ):
            seconds[phase] += spent
    return Outcome(_scores(task, cells, accuracies), seconds)


def initial(task: Task, features: int, init: str) -> list[tuple[jax.Array, jax.Array]]:
    """Return kernels and biases of a lane."""
    widths = [features, *task.hidden, 1]
    keys = jax.random.split(jax.random.key(task.seed), len(widths) - 1)
    return [
        (INITIALIZERS[init](key, shape), jnp.zeros(shape[1]))
        for key, shape in zip(keys, itertools.pairwise(widths), strict=True)
    ]


def logits(activation: str, params: Any, X: jax.Array) -> jax.Array:
    """Return the outputs of the network before their sigmoid."""
    *hidden, (kernel, bias) = params
    for weights, offset in hidden:
        X = ACTIVATIONS[activation](X @ weights + offset)
    return (X @ kernel + bias)[:, 0]


def train(
    X: jax.Array,
    y: jax.Array,
    activation: str,
    optimizer: str,
    batch_size: int,
    epochs: int,
    seed: int,
    params: Any,
    train_rows: jax.Array,
    test_rows: jax.Array,
) -> jax.Array:
    """Train one lane and return its accuracy on the fold left out after each epoch."""
    rule = OPTIMIZERS[optimizer]

    def loss(params: Any, rows: jax.Array) -> jax.Array:
        outputs = logits(activation, params, X[rows])
        return optax.sigmoid_binary_cross_entropy(outputs, y[rows]).mean()

    def step(state: Any, rows: jax.Array) -> tuple[Any, None]:
        params, memory = state
        updates, memory = rule.update(jax.grad(loss)(params, rows), memory, params)
        return (optax.apply_updates(params, updates), memory), None

    def epoch(state: Any, key: jax.Array) -> tuple[Any, jax.Array]:
        order = jax.random.permutation(key, train_rows)
        whole = len(order) // batch_size * batch_size
        state, _ = jax.lax.scan(step, state, order[:whole].reshape(-1, batch_size))
        if whole < len(order):
            state, _ = step(state, order[whole:])
        labels = logits(activation, state[0], X[test_rows]) > 0
        return state, (labels == y[test_rows]).mean()

    keys = jax.random.split(jax.random.key(seed), epochs)
    return jax.lax.scan(epoch, (params, rule.init(params)), keys)[1]


def _stack(lanes: list[Any]) -> Any:
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *lanes)


def _scores(
    task: Task, cells: Sequence[Cell] | None, accuracies: dict[Any, Any]
) -> list[tuple[int, int, float]]:
    scores = []
    for number, fold in task.cells() if cells is None else cells:
        c = task.candidates()[number]
        curve = accuracies[c["activation"], c["optimizer"], c["batch_size"], c["init"], fold]
        scores.append((number, fold, float(curve[c["epochs"] - 1])))
    return scores
