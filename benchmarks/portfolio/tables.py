"""The tables that are searched on: scikit-learn's, and some that are made up, always the same."""

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_wine,
    make_classification,
    make_friedman1,
)
from sklearn.preprocessing import StandardScaler

Table = tuple[NDArray, NDArray]


def pima_like() -> Table:
    """Return 768 rows of 8 features, as the table of diabetes in the tutorials."""
    X, y = make_classification(768, 8, n_informative=5, flip_y=0.15, random_state=0)
    return X.astype("float32"), y


def binary() -> Table:
    """Return 1,000 rows of 20 features."""
    X, y = make_classification(1000, 20, n_informative=10, random_state=0)
    return X.astype("float32"), y


def housing_like() -> Table:
    """Return 6,000 rows of 8 features and a number to predict, standardised."""
    X, y = make_friedman1(6000, 8, noise=1.0, random_state=0)
    return standardised(X), ((y - y.mean()) / y.std()).astype("float32")


def digits() -> Table:
    """Return 1,797 digits of 64 pixels between 0 and 1."""
    table = load_digits()
    return (table.data / 16).astype("float32"), table.target


def cancer() -> Table:
    """Return 569 rows of 30 features, standardised."""
    table = load_breast_cancer()
    return standardised(table.data), table.target


def wine() -> Table:
    """Return 178 rows of 13 features and three classes one after the other, standardised."""
    table = load_wine()
    return standardised(table.data), table.target


def shuffled_wine() -> Table:
    """Return the same in random order, so that the last rows are of all classes."""
    X, y = wine()
    order = np.random.default_rng(0).permutation(len(X))
    return X[order], y[order]


def waves() -> Table:
    """Return 1,200 windows of 10 steps of a noisy wave, and the step after each."""
    steps, length = np.arange(1210), 10
    noise = np.random.default_rng(0).standard_normal(len(steps))
    wave = np.sin(steps / 12) + 0.3 * np.sin(steps / 3) + 0.1 * noise
    windows = np.stack([wave[start : start + length] for start in range(len(steps) - length)])
    return windows[..., None].astype("float32"), wave[length:].astype("float32")


def sentences() -> Table:
    """Return 750 sequences of 50 words, and whether at least two of them are among 39."""
    words = np.random.default_rng(0).integers(1, 1000, (750, 50)).astype("int32")
    return words, (np.isin(words, np.arange(1, 40)).sum(axis=1) > 1).astype(int)


def rare_frauds() -> Table:
    """Return 20,000 rows of 30 features, 2 % of them of the rarer class."""
    X, y = make_classification(20_000, 30, n_informative=15, weights=[0.98], random_state=0)
    return X.astype("float32"), y


def many_rows() -> Table:
    """Return 20,000 rows of 100 features."""
    X, y = make_classification(20_000, 100, n_informative=30, random_state=0)
    return X.astype("float32"), y


def standardised(X: NDArray) -> NDArray[np.float32]:
    """Return features with mean 0 and variance 1."""
    scaled: NDArray[np.float32] = StandardScaler().fit_transform(X).astype("float32")
    return scaled
