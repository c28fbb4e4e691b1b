"""Rows, targets and weights as people have them, made what a network is trained on."""

from collections.abc import Mapping
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn import config_context
from sklearn.base import clone
from sklearn.utils import check_array, indexable
from sklearn.utils.validation import validate_data

from gridlanes.compat.load_keras import float_type
from gridlanes.compat.sklearn import num_samples, safe_indexing
from gridlanes.errors import ParameterError, WatchedRowsError, in_a_line
from gridlanes.estimators.encoders import OwnEncoders, is_nothing, metadata_of
from gridlanes.estimators.fit_settings import FitSettings
from gridlanes.estimators.held_out_rows import is_splitter, parted
from gridlanes.estimators.tables import (
    as_column,
    as_dense,
    as_table,
    beside,
    column_names,
    for_network,
    has_text,
    in_order,
    stacked,
    widths_of,
)
from gridlanes.estimators.targets import Target
from gridlanes.networks.lane import Rows


def row_weights(sample_weight: ArrayLike, rows: int) -> NDArray:
    """Return a weight for each row, from as many weights or one for all.

    Raises
    ------
    ValueError
        For weights of another shape, not finite, or all zero.
    """
    weights = check_array(
        np.full(rows, sample_weight) if isinstance(sample_weight, Real) else sample_weight,
        ensure_2d=False,
        dtype="float64",
        input_name="sample_weight",
    )
    if weights.shape != (rows,):
        raise ValueError(f"sample_weight must have shape ({rows},); found {weights.shape}")
    if not weights.any():
        raise ValueError("only zeros were passed in sample_weight; a row has to weigh something")
    return np.asarray(weights)


class NetworkRows(OwnEncoders):
    """What an estimator does to rows before its network sees them."""

    def network_rows(self, X: ArrayLike) -> NDArray:
        """Return rows to predict as the network sees them.

        Raises
        ------
        ValueError
            For rows unlike those of :meth:`fit`.
        """
        table = as_table(X, columns=getattr(self, "n_features_in_", None))
        # The order of what a dict names means nothing.
        X = table if table is X else in_order(table, getattr(self, "_given_columns", ()))
        given, known = widths_of(X), getattr(self, "_given_widths", ())
        if given and known and given != known:
            raise ValueError(
                f"X is a list of arrays of {given} columns, but {type(self).__name__} was fitted "
                f"on {known}"
            )
        if hasattr(self, "preprocessing_"):
            X = _as_one(self.preprocessing_.transform(X))
        rows: NDArray = self._validated(X, reset=False)
        shape = getattr(self, "X_shape_", rows.shape)[1:]
        if rows.shape[1:] != shape:
            raise ValueError(
                f"other dimensions in X than in fit: rows of shape {rows.shape[1:]}, but "
                f"{type(self).__name__} was fitted on rows of shape {shape}"
            )
        return for_network(rows)

    def _validated(self, X: Any, *y: Any, **options: Any) -> Any:
        """Return what scikit-learn's ``validate_data`` does; of a table with text, objects."""
        X = as_dense(X)
        if has_text(X):
            X, options = as_column(X), {"dtype": object, **options}
        return validate_data(self, X, *y, allow_nd=True, **options)

    def _arranged(
        self, X: Any, y: Any, sample_weight: Any, groups: Any, settings: FitSettings
    ) -> tuple[Any, Any, Any, FitSettings]:
        """Return rows with those last that a splitter holds out, and settings that say how many."""
        splitter = settings.validation_split
        if not is_splitter(splitter):
            if groups is not None and splitter:
                raise ParameterError(
                    f"validation_split={splitter} holds out the last rows, whatever their groups; "
                    "give a splitter such as GroupShuffleSplit"
                )
            return X, y, sample_weight, settings
        alike = isinstance(sample_weight, Real)
        weights = None if alike else sample_weight
        X, y, weights, groups = indexable(as_table(X, y), y, weights, groups)
        order, training = parted(splitter, X, y, groups)
        X, y, weights = (
            None if own is None else safe_indexing(own, order) for own in (X, y, weights)
        )
        settings = replace(settings, held_out=len(order) - training)
        return X, y, sample_weight if alike else weights, settings

    def _preprocessed(self, X: Any, y: Any, settings: FitSettings) -> Any:
        """Return all rows, transformed as those to train on ask for; sets ``preprocessing_``."""
        self.__dict__.pop("preprocessing_", None)
        X = as_table(X, y)
        self._given_columns = column_names(getattr(X, "columns", None))
        self._given_widths = self._widths = widths_of(X)
        transformer = self._transformer()
        if transformer is None:
            return X
        X, y = indexable(X, y)
        rows = num_samples(X)
        training, held_out = np.split(np.arange(rows), [n_training(settings, rows)])
        self.preprocessing_ = clone(transformer)
        targets = None if y is None else safe_indexing(y, training)
        # None of what is routed goes to them, and some ask for it all the same.
        with config_context(enable_metadata_routing=False):
            made = self.preprocessing_.fit_transform(safe_indexing(X, training), targets)
        own = _as_one(made)
        self._widths = widths_of(own)
        if not len(held_out):
            return own
        return stacked(own, _as_one(self.preprocessing_.transform(safe_indexing(X, held_out))))

    def _rows(
        self,
        X: NDArray,
        y: NDArray,
        sample_weight: NDArray | None,
        target: Target,
        settings: FitSettings,
        given: Mapping[str, Any],
    ) -> Rows:
        """Return rows as scikit-learn checked them, in the network's float type."""
        dtype = float_type()
        names = getattr(self, "feature_names_in_", None)
        told = {} if is_nothing(self.feature_encoder) else metadata_of(self.preprocessing_)
        meta = {
            **target.meta,
            **told,
            "n_features_in_": self.n_features_in_,
            "feature_names_in_": names,
            "X_shape_": X.shape,
            "X_dtype_": for_network(X[:0]).dtype,
        }
        learnt = {**meta, **target.learnt, "_given_columns": self._given_columns}
        learnt["_given_widths"] = self._given_widths
        if names is None:
            # As scikit-learn's estimators.
            del learnt["feature_names_in_"]
        learnt |= {"preprocessing_": self.preprocessing_} if hasattr(self, "preprocessing_") else {}
        weight = None if sample_weight is None else sample_weight.astype(dtype)
        training, validation = self._split((for_network(X), y, weight), settings)
        columns = column_names(names, self._widths)
        return Rows(training, validation, meta, learnt, dict(given), columns)

    def _split(self, columns: tuple, settings: FitSettings) -> tuple[Any, Any]:
        """Return the rows to train on and those to watch, None if there are none of them."""
        rows = len(columns[0])
        end = n_training(settings, rows)
        if end == rows:
            return columns, self._watched(settings)
        # The last rows, as ``keras.Model.fit`` does and a splitter's are arranged.
        first, last = slice(end), slice(end, None)
        training, held_out = (
            tuple(None if column is None else column[part] for column in columns)
            for part in (first, last)
        )
        return training, held_out

    def _weights(self, y: Any, sample_weight: Any, settings: FitSettings) -> Any:  # noqa: ARG002
        """Return a weight for each row, None if there are no weights at all."""
        return None if sample_weight is None else row_weights(sample_weight, len(y))

    def _watched(self, settings: FitSettings) -> tuple | None:
        """Return the rows given to be watched, as the network sees them."""
        if settings.validation_data is None:
            return None
        try:
            return self._as_watched(*settings.validation_data)
        except ValueError as error:
            raise WatchedRowsError(f"validation_data: {in_a_line(error)}") from error

    def _as_watched(self, X: Any, y: Any, sample_weight: Any = None) -> tuple:
        rows, targets = self.network_rows(X), self._encoded(y)
        if len(targets) != len(rows):
            raise ValueError(f"{len(rows)} rows and {len(targets)} targets")
        weight = None if sample_weight is None else row_weights(sample_weight, len(rows))
        return rows, targets, None if weight is None else weight.astype(float_type())

    def _encoded(self, y: Any) -> NDArray:
        """Return further targets as the network is trained on them."""
        raise NotImplementedError


def _as_one(made: Any) -> Any:
    """Return what a transformer has made as one table, also if that is an array for each input."""
    return beside(made) if isinstance(made, (list, tuple)) else as_table(made)


def n_training(settings: FitSettings, rows: int) -> int:
    """Return how many rows are trained on, the first ones."""
    if settings.held_out is not None:
        return rows - settings.held_out
    training = int(rows * (1 - settings.validation_split))
    if rows and training == 0:
        raise ValueError(
            f"validation_split={settings.validation_split} leaves none of {rows} rows to train on"
        )
    return training
