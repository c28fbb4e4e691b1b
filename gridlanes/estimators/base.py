"""What the classifier and the regressor share: their parameters, and the fit itself.

Keras is loaded by the first fit, so that estimators can be made, cloned and checked without
waiting for TensorFlow.
"""

import functools
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.utils import check_array, check_random_state, get_tags, indexable
from sklearn.utils.validation import check_is_fitted, validate_data

from gridlanes.compat.load_keras import float_type
from gridlanes.compat.sklearn import num_samples, safe_indexing
from gridlanes.errors import ParameterError
from gridlanes.estimators.pending_fit import TRAINER, TrainedLater
from gridlanes.estimators.tables import as_column, as_table, column_names, for_network, has_text
from gridlanes.networks.lane import Lane, Request, Rows
from gridlanes.networks.parameters import PREPROCESSING, check_names, check_numbers, nested

#: Seeds are drawn below this bound, which ``keras.utils.set_random_seed`` accepts.
SEED_BOUND = 2**31


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
        raise ValueError("sample_weight must contain a number that is not zero")
    return np.asarray(weights)


class KerasEstimator(TrainedLater):
    """The base of both estimators; not for use by itself."""

    preprocessing: Any
    _parameters: dict[str, Any]

    @classmethod
    def _get_param_names(cls) -> list[str]:
        kind: Any = cls
        return list(_names_of(kind, kind.__init__))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, those of the build function among them.

        ``deep`` adds those of ``preprocessing``, as ``preprocessing__name``.
        """
        return {**super().get_params(deep=deep), **self._parameters}

    def set_params(self, /, **params: Any) -> Self:
        """Set parameters by name.

        Unlike scikit-learn's, a name with ``__`` is looked up in no nested estimator but
        ``preprocessing``: it is one of the forms that ``KerasClassifier`` describes.

        Raises
        ------
        ParameterError
            For a parameter that would reach nothing. Nothing is set then.
        """
        own = self._get_param_names()
        inner = nested(params, PREPROCESSING)
        extra = {
            name: value
            for name, value in params.items()
            if name not in own and not name.startswith(f"{PREPROCESSING}__")
        }
        extra = {**self._parameters, **extra}
        check_names(params.get("model", self.model), extra, own)
        if inner:
            given = params.get(PREPROCESSING, self.preprocessing)
            # Checked on a clone: after an error nothing may have been set.
            self.preprocessing = _set_inner(given, inner)
        for name in params.keys() & set(own) - ({PREPROCESSING} if inner else set()):
            setattr(self, name, params[name])
        self._parameters = extra
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        if self.preprocessing is not None:
            tags.input_tags = get_tags(self.preprocessing).input_tags
        return tags

    def lane(self, rows: Rows, sibling: Lane | None = None) -> Lane:
        """Return the fit to rows that :meth:`prepare` made, of this estimator or one like it.

        Parameters
        ----------
        rows : Rows
        sibling : Lane, optional
            Of the same estimator on other rows: what does not depend on rows is taken from it.

        Raises
        ------
        ParameterError
            For a parameter that cannot work.
        """
        build = self._blueprint(rows) if sibling is None else sibling.build.rebound(rows.meta)
        X, y, sample_weight = rows.training
        return Lane(
            build=build,
            X=X,
            y=y,
            n_classes=rows.meta.get("n_classes_"),
            sample_weight=sample_weight,
            epochs=int(self.epochs),
            batch_size=int(self.batch_size),
            seed=self._seed(),
            validation=rows.validation,
            callbacks=tuple(self.callbacks or ()),
            columns=sibling.columns if sibling else column_names(rows.meta["feature_names_in_"]),
        )

    def network_rows(self, X: ArrayLike) -> NDArray:
        """Return rows to predict as the network sees them.

        Raises
        ------
        ValueError
            For rows unlike those of :meth:`fit`.
        """
        X = as_table(X)
        if hasattr(self, "preprocessing_"):
            X = self.preprocessing_.transform(X)
        rows: NDArray = self._validated(X, reset=False)
        return for_network(rows)

    def _validated(self, X: Any, *y: Any, **options: Any) -> Any:
        """Return what scikit-learn's ``validate_data`` does; of a table with text, objects."""
        if has_text(X):
            X, options = as_column(X), {"dtype": object, **options}
        return validate_data(self, X, *y, allow_nd=True, **options)

    def _preprocessed(self, X: Any, y: Any) -> Any:
        """Return all rows, transformed as those to train on ask for; sets ``preprocessing_``."""
        self.__dict__.pop("preprocessing_", None)
        X = as_table(X, y)
        if self.preprocessing is None:
            return X
        check_numbers({"validation_split": self.validation_split})
        X, y = indexable(X, y)
        rows = num_samples(X)
        training, held_out = np.split(np.arange(rows), [self._n_training(rows)])
        self.preprocessing_ = clone(self.preprocessing)
        targets = None if y is None else safe_indexing(y, training)
        own = self.preprocessing_.fit_transform(safe_indexing(X, training), targets)
        if not len(held_out) or issparse(own):
            return own
        others = self.preprocessing_.transform(safe_indexing(X, held_out))
        both = np.concatenate([np.asarray(own), np.asarray(others)])
        # A table keeps the names of its columns.
        return type(own)(both, columns=own.columns) if hasattr(own, "iloc") else both

    def _rows(
        self,
        X: NDArray,
        y: NDArray,
        sample_weight: NDArray | None,
        meta: dict[str, Any],
        learnt: dict[str, Any],
    ) -> Rows:
        """Return rows as scikit-learn checked them, in the network's float type."""
        check_numbers({"validation_split": self.validation_split})
        dtype = float_type()
        names = getattr(self, "feature_names_in_", None)
        meta |= {
            "n_features_in_": self.n_features_in_,
            "feature_names_in_": names,
            "X_shape_": X.shape,
            "X_dtype_": for_network(X[:0]).dtype,
        }
        learnt |= {"n_features_in_": self.n_features_in_}
        learnt |= {} if names is None else {"feature_names_in_": names}
        learnt |= {"preprocessing_": self.preprocessing_} if self.preprocessing is not None else {}
        weight = None if sample_weight is None else sample_weight.astype(dtype)
        training, validation = self._split(for_network(X), y, weight)
        return Rows(training, validation, meta, learnt)

    def _split(self, *columns: NDArray | None) -> tuple[Any, Any]:
        """Hold out the last rows for validation, as ``keras.Model.fit`` does."""
        rows = len(columns[0]) if columns[0] is not None else 0
        training = self._n_training(rows)
        if training == rows:
            return columns, None
        return (
            tuple(None if column is None else column[:training] for column in columns),
            tuple(None if column is None else column[training:] for column in columns),
        )

    def _n_training(self, rows: int) -> int:
        training = int(rows * (1 - self.validation_split))
        if rows and training == 0:
            raise ValueError(
                f"validation_split={self.validation_split} leaves none of {rows} rows to train on"
            )
        return training

    def _blueprint(self, rows: Rows) -> Any:
        """Return how to build the model, all parameters checked."""
        own = {name: getattr(self, name) for name in self._get_param_names()}
        check_names(self.model, self._parameters, own)
        check_numbers(own)

        from gridlanes.networks import building

        return building.bind(self.model, own, self._parameters, rows.meta)

    def _fit(self, rows: Rows) -> Self:
        train_later = TRAINER.get()
        if train_later is not None:
            return self._wait_for(train_later(self, rows))
        lane = self.lane(rows)

        from gridlanes.networks import reference

        return self.adopt(rows, reference.train(Request(lane), verbose=self.verbose))

    def _seed(self) -> int:
        """Return the seed of this fit: a fresh one for None, the next one of a generator."""
        if self.random_state is None or isinstance(self.random_state, np.random.RandomState):
            return int(check_random_state(self.random_state).randint(SEED_BOUND))
        return int(self.random_state)

    def _outputs(self, X: ArrayLike) -> NDArray:
        """Return what the network says of the rows, shape (rows, outputs)."""
        pending = vars(self).get("_pending")
        if pending is not None:
            outputs: NDArray = pending.outputs(self.network_rows(X))
            return outputs
        check_is_fitted(self, "model_")
        rows = self.network_rows(X)

        from gridlanes.networks import reference

        columns = column_names(getattr(self, "feature_names_in_", None))
        return reference.predict(self.model_, rows, columns)


@functools.lru_cache(maxsize=32)
def _names_of(kind: Any, init: Any) -> tuple[str, ...]:  # noqa: ARG001
    """Return the names of an estimator's own parameters.

    Scikit-learn reads a signature for each clone and each ``get_params``, a third of the time that
    a large search is prepared in. ``init`` tells a constructor from one that replaces it.
    """
    parent: Any = super(KerasEstimator, kind)
    return tuple(parent._get_param_names())  # noqa: SLF001


def _set_inner(transformer: Any, params: dict[str, Any]) -> Any:
    """Return a clone of a transformer with parameters set."""
    if transformer is None:
        name = next(iter(params))
        raise ParameterError(
            f"parameter '{PREPROCESSING}__{name}' would reach nothing: {PREPROCESSING} is None"
        )
    try:
        return clone(transformer).set_params(**params)
    except ValueError as error:
        raise ParameterError(f"{PREPROCESSING}: {' '.join(str(error).split())}") from None
