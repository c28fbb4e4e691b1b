"""Simulated studies in which the truth is known, searched and estimated like real ones.

A study is a table of rows, two classes of equal size, whose features are independent normal
numbers with variance 1 and the means +m and -m. A candidate is a nearest-centroid classifier on
features of its own, which is linear, so that the accuracy of every fitted model on new rows is
known exactly. All candidates are fitted on all outer and all inner training sets: the whole search
is repeated within each outer fold. Nothing here loads TensorFlow.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]


class Scenario(NamedTuple):
    """Studies of one kind. The first two candidates are equally good by construction."""

    rows: int
    means: Floats
    """Of each feature, in the class that has it positive; shape (features,)."""
    features: NDArray[np.bool_]
    """Which candidate uses which, of shape (features, candidates)."""
    outer: int
    inner: int


class Splits(NamedTuple):
    """Training and test sets, in pairs of rows: one of each class."""

    train: NDArray[np.bool_]
    """Shape (splits, pairs)."""
    test: NDArray[np.intp]
    """Shape (splits, pairs in a test set)."""


class Study(NamedTuple):
    """One study, searched by cross-validation with the outer folds and by nested one."""

    hits: NDArray[np.bool_]
    """Right predictions out of fold, of shape (candidates, folds, rows in a test fold)."""
    truth: Floats
    """Accuracy on new rows of the models of ``hits``, of shape (candidates, folds)."""
    winners: NDArray[np.intp]
    """Whom the inner search of each outer fold chooses, of shape (folds,)."""


def scenario(
    means: Floats, candidates: int = 40, rows: int = 300, outer: int = 10, inner: int = 3
) -> Scenario:
    """Return studies whose candidates use one to four features each, drawn once for all.

    The first feature is used by every other candidate; all others mean the same.
    """
    generator = np.random.default_rng(1)
    features = np.zeros((len(means), candidates), dtype=np.bool_)
    for candidate in range(candidates):
        count = 1 + candidate % 4
        features[generator.choice(np.arange(1, len(means)), count, replace=False), candidate] = True
    features[:, :2] = False
    features[[1, 2], 0] = features[[3, 4], 1] = True
    features[0, [1, *range(0, candidates, 2)]] = True
    return Scenario(rows, means, features, outer, inner)


def one_strong(features: int = 40, mean: float = 0.674) -> Floats:
    """Return means with one feature that alone is right in 75 % of the rows."""
    return np.eye(features)[0] * mean


def splits(settings: Scenario) -> tuple[Splits, Splits]:
    """Return the outer splits, and the inner splits of one outer split after the other."""
    pairs = np.arange(settings.rows // 2)
    fold = pairs % settings.outer
    outer = [pairs[fold == own] for own in range(settings.outer)]
    inner = []
    for own in range(settings.outer):
        rest = pairs[fold != own]
        inner += [(rest, rest[number :: settings.inner]) for number in range(settings.inner)]
    return _splits([(pairs, test) for test in outer]), _splits(inner)


def _splits(parts: list[tuple[NDArray[np.intp], NDArray[np.intp]]]) -> Splits:
    size = 1 + max(int(rows.max()) for rows, _ in parts)
    train = np.zeros((len(parts), size), dtype=np.bool_)
    for own, (rows, test) in zip(train, parts, strict=True):
        own[np.setdiff1d(rows, test)] = True
    return Splits(train, np.array([test for _, test in parts]))


def study(
    settings: Scenario, parts: tuple[Splits, Splits], generator: np.random.Generator
) -> Study:
    """Draw one table and search it."""
    shape = settings.rows // 2, 2, len(settings.means)
    table = generator.normal(size=shape) + np.array([[1], [-1]]) * settings.means
    outer, inner = parts
    models = _fit(table, outer, settings)
    inside = _hits(table, inner, _fit(table, inner, settings)).mean(axis=1)
    scores = inside.reshape(settings.outer, settings.inner, -1).mean(axis=1)
    hits = _hits(table, outer, models)
    return Study(hits.transpose(2, 0, 1), _truth(models, settings).T, scores.argmax(axis=1))


class _Models(NamedTuple):
    """Linear classifiers: positive if ``weights @ x > threshold``."""

    weights: Floats
    """Shape (splits, features, candidates)."""
    thresholds: Floats
    """Shape (splits, candidates)."""


def _fit(table: Floats, parts: Splits, settings: Scenario) -> _Models:
    pairs, classes, features = table.shape
    sums = parts.train.astype(np.float64) @ table.reshape(pairs, -1)
    centroids = sums.reshape(-1, classes, features) / parts.train.sum(axis=1)[:, None, None]
    difference = centroids[:, 0] - centroids[:, 1]
    middle = centroids.mean(axis=1)
    weights = difference[:, :, None] * settings.features
    return _Models(weights, (difference * middle) @ settings.features)


def _hits(table: Floats, parts: Splits, models: _Models) -> NDArray[np.bool_]:
    """Return which test rows are right, of shape (splits, rows, candidates)."""
    count, pairs = parts.test.shape
    rows = table[parts.test].reshape(count, 2 * pairs, -1)
    outputs = rows @ models.weights - models.thresholds[:, None]
    right: NDArray[np.bool_] = outputs * np.tile([1, -1], pairs)[None, :, None] > 0
    return right


def _truth(models: _Models, settings: Scenario) -> Floats:
    """Return the accuracy on new rows, of shape (splits, candidates)."""
    length = np.sqrt((models.weights**2).sum(axis=1))
    shift = np.einsum("sfc,f->sc", models.weights, settings.means)
    right = ndtr((shift - models.thresholds) / length) + ndtr((shift + models.thresholds) / length)
    half: Floats = right / 2
    return half
