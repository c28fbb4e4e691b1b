"""From an estimator, candidates and splits to requests for single fits.

The transformers of a pipeline are fitted once for each fold and each distinct setting of theirs,
not once for each candidate, by the pipeline's own ``fit``; only its last step is kept from
training, and what it was given is what the network's lane gets.
"""

import copy
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline

from gridlanes.compat.sklearn import check_method_params, safe_split
from gridlanes.errors import WatchedRowsError
from gridlanes.estimators.base import KerasEstimator
from gridlanes.estimators.fit_settings import check_given, own_settings
from gridlanes.estimators.held_out_rows import told
from gridlanes.estimators.pending_fit import Arrays
from gridlanes.model_selection.fits import Fit, Fold, Split
from gridlanes.model_selection.last_step import (
    is_kept,
    levels_of,
    network_of,
    prefix_of,
    with_own_generator,
)
from gridlanes.model_selection.missing_classes import AllClasses
from gridlanes.model_selection.outer_fits import OuterFit, has_networks
from gridlanes.model_selection.outer_pass import Given
from gridlanes.networks.lane import Lane, Request, Rows
from gridlanes.networks.parameters import TRANSFORMERS
from gridlanes.planning.fingerprint import fingerprint
from gridlanes.planning.once import Once

#: Settings of a fit that decide what it is given to train on and to watch.
DECIDING_ROWS = ("class_weight", "validation_data", "validation_split")


class Splits:
    """A cross-validator that gives out splits which are there already.

    Parameters
    ----------
    splits : sequence of (train, test)
    original : cross-validator
        The one that made them; it still says which metadata it takes.
    """

    def __init__(self, splits: Sequence[Split], original: Any) -> None:
        self.splits = splits
        if hasattr(original, "get_metadata_routing"):
            self.get_metadata_routing = original.get_metadata_routing

    def split(self, *_: Any, **__: Any) -> Sequence[Split]:
        """Return the splits, whatever the rows."""
        return self.splits

    def get_n_splits(self, *_: Any, **__: Any) -> int:
        """Return their number."""
        return len(self.splits)


class Folds:
    """Prepares the fits of a search.

    Parameters
    ----------
    X, y : array-like
    fit_params : mapping
        As routed to the estimator's ``fit``, of all rows.
    train : bool
        Whether outputs for the training rows are wanted too.
    """

    def __init__(
        self,
        X: Any,
        y: Any,
        fit_params: Mapping[str, Any],
        *,
        train: bool = False,
    ) -> None:
        self.X, self.y, self.fit_params = X, y, fit_params
        self.sides = ("test", "train") if train else ("test",)
        self._once = Once()
        self._arrays = Arrays()
        self._all_classes = AllClasses(y)
        self._warned = False
        if any(name.rpartition("__")[2] == "validation_data" for name in fit_params):
            self._warn_of_watching()

    def prepare(
        self,
        estimator: Any,
        candidates: Sequence[Mapping[str, Any]],
        splits: Sequence[Split],
    ) -> list[Fit]:
        """Return a fit for each candidate and split, candidate by candidate.

        Raises
        ------
        ParameterError
            For what no fit could be given, rows to watch among it.
        Exception
            What ``set_params`` raises for a candidate.
        """
        fits: list[Fit] = []
        self._check_given(estimator)
        for candidate in candidates:
            own = clone(estimator).set_params(**clone(candidate, safe=False))
            network = network_of(own)
            if network is not None and "validation_data" in own_settings(network):
                self._warn_of_watching()
            shared = () if network is None else _shared(own, network, candidate)
            outer = network is None and has_networks(own)
            sibling: Lane | None = None
            for number, split in enumerate(splits):
                fit = Fit(own, split, number)
                fits.append(fit)
                if network is not None:
                    self._request(fit, network, (number, *shared), sibling)
                if outer:
                    given = partial(self._given, own, split)
                    fit.outer = OuterFit(own, given, self._arrays, number)
                if fit.request is not None:
                    sibling = fit.request.lane
        if fits and all(isinstance(fit.error, WatchedRowsError) for fit in fits):
            raise fits[0].error  # type: ignore[misc]
        return fits

    def _request(self, fit: Fit, network: KerasEstimator, key: tuple, sibling: Lane | None) -> None:
        try:
            fold: Fold = self._once.get(key, lambda: self._fold(fit.estimator, network, fit.split))
            lane = with_own_generator(network).lane(fold.rows, sibling)
            fit.fold = self._all_classes.suiting(fold, lane)
            if fit.fold is not fold:
                lane = with_own_generator(network).lane(fit.fold.rows, sibling)
            fit.request = Request(lane, fit.fold.wanted, is_kept(network), fit.number)
        except Exception as error:
            fit.error = error

    def _fold(self, estimator: Any, network: KerasEstimator, split: Split) -> Fold:
        """Fit a candidate's transformers to a split."""
        given = self._given(estimator, split)
        # The transformers of each fold are its own.
        rows, before = prepare_rows(clone(estimator), given.X, given.y, given.params)
        prepared = copy.copy(network)
        prepared.__dict__.update(rows.learnt)
        inputs = {}
        for side, own in given.asked.items():
            try:
                transformed = own if before is None else before.transform(own)
                inputs[side] = prepared.network_rows(transformed)
            except Exception:  # noqa: S110
                # Whoever asks for these rows will see the error; the fit is none the worse.
                pass
        return Fold(before, rows, given.asked, inputs)

    def _given(self, estimator: Any, split: Split) -> Given:
        """Return the rows of a split as scikit-learn hands them out."""
        train, test = split
        X_train, y_train = safe_split(estimator, self.X, self.y, train)
        params = check_method_params(self.X, params=self.fit_params, indices=train)
        X = {"test": safe_split(estimator, self.X, self.y, test, train)[0], "train": X_train}
        return Given(X_train, y_train, params, {side: X[side] for side in self.sides})

    def _check_given(self, estimator: Any) -> None:
        network, prefix = network_of(estimator), prefix_of(estimator)
        if network is not None:
            given = {
                name.removeprefix(prefix): value
                for name, value in self.fit_params.items()
                if name.startswith(prefix)
            }
            check_given(network, given)

    def _warn_of_watching(self) -> None:
        """Say, once, that all fits watch the same rows."""
        if not self._warned:
            self._warned = True
            warnings.warn(
                "the rows of validation_data are watched by every fit of the search, also where "
                "they are among the rows that it is scored on; validation_split holds out rows of "
                "each fold",
                UserWarning,
                stacklevel=2,
            )


def prepare_rows(
    estimator: Any, X: Any, y: Any, fit_params: Mapping[str, Any]
) -> tuple[Rows, Pipeline | None]:
    """Return what the network of an estimator would train on, and the fitted transformers."""
    network = network_of(estimator)
    if network is estimator:
        return network.prepare(X, y, **fit_params), None
    given: list[Rows] = []

    def record(X: Any, y: Any = None, **params: Any) -> Any:
        given.append(network.prepare(X, y, **params))
        return network

    network.fit = record
    try:
        estimator.fit(X, y, **fit_params)
    finally:
        del network.fit
    steps = [
        (f"{depth}_{name}", transformer)
        for depth, pipeline in enumerate(levels_of(estimator)[:-1])
        for name, transformer in pipeline.steps[:-1]
    ]
    return given[0], Pipeline(steps) if steps else None


def _shared(estimator: Any, network: KerasEstimator, candidate: Mapping[str, Any]) -> tuple:
    """Return what candidates must have in common to share a fold."""
    own = network.get_params(deep=False)
    settings = own_settings(network)
    of_rows = [type(network), *(told(settings.get(name)) for name in DECIDING_ROWS)]
    of_rows += [own] if network.has_encoders else []
    prefix = prefix_of(estimator)
    transformers = [prefix + name for name in TRANSFORMERS]
    # Each candidate has a clone of its own, so what was cloned has to tell them apart.
    transforming = []
    for name, value in sorted(candidate.items()):
        if prefix and f"{name}__" == prefix:
            held = [getattr(value, own, None) for own in TRANSFORMERS]
            transforming.append((name, fingerprint(held)))
        elif not name.startswith(prefix) or any(
            name == own or name.startswith(f"{own}__") for own in transformers
        ):
            transforming.append((name, fingerprint(value)))
    return fingerprint(of_rows), tuple(transforming)
