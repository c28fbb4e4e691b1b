"""The outcome of a grid search at one revision, as `revisions` reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Snapshot:
    """The grid search as one revision left it.

    Attributes
    ----------
    name : str
        As the revision was asked for.
    params : dict
        The sections of params.yaml with which the outputs were made.
    table : str
        Digest of the raw table.
    code : dict of str to str
        Digests of the code that the search was run with, by path.
    cells : list of dict of str to str
        Hyperparameters of each cell, as `canonical` gives them.
    scores : ndarray of shape (cells, folds)
        NaN are failed fits.
    tested : DataFrame or None
        Which rows were tested in which fold, and their targets, as ``read_tested`` gives them;
        None if that is not known.
    nested : dict or None
        The nested estimate: ``mean``, ``low``, ``high``, ``folds``.
    verdict : str or None
        The report's sentence on the network and its baselines.
    ratio : float or None
        Test rows by training rows of a fold, as the report holds it where groups make folds of
        different sizes.
    repeats : int
        How often the folds were drawn.
    """

    name: str
    params: Mapping[str, Any]
    table: str
    code: Mapping[str, str]
    cells: list[dict[str, str]]
    scores: NDArray[np.float64]
    tested: pd.DataFrame | None = None
    nested: Mapping[str, Any] | None = None
    verdict: str | None = None
    ratio: float | None = None
    repeats: int = 1
