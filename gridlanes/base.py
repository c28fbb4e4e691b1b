"""What the classifier and the regressor share: their parameters, and the fit itself.

Keras is loaded by the first fit, so that estimators can be made, cloned and checked without
waiting for TensorFlow.
"""

from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from gridlanes.lane import Lane, LaneResult, Request, Rows
from gridlanes.parameters import check_names, check_numbers

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


class KerasEstimator(BaseEstimator):
    """The base of both estimators; not for use by itself."""

    _parameters: dict[str, Any]

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002
        """Return the parameters by name, those of the build function among them.

        ``deep`` changes nothing, since no parameter is an estimator.
        """
        return {**super().get_params(deep=False), **self._parameters}

    def set_params(self, /, **params: Any) -> Self:
        """Set parameters by name.

        Unlike scikit-learn's, a name with ``__`` is not looked up in a nested estimator: it is
        one of the forms that ``KerasClassifier`` describes.

        Raises
        ------
        ParameterError
            For a parameter that would reach nothing. Nothing is set then.
        """
        own = self._get_param_names()
        extra = {name: value for name, value in params.items() if name not in own}
        extra = {**self._parameters, **extra}
        check_names(params.get("model", self.model), extra, own)
        for name in params.keys() & set(own):
            setattr(self, name, params[name])
        self._parameters = extra
        return self

    def lane(self, rows: Rows) -> Lane:
        """Return the fit to rows that :meth:`prepare` made, of this estimator or one like it.

        Raises
        ------
        ParameterError
            For a parameter that cannot work.
        """
        own = {name: getattr(self, name) for name in self._get_param_names()}
        check_names(self.model, self._parameters, own)
        check_numbers(own)
        X, y, sample_weight = rows.training

        from gridlanes import building

        return Lane(
            build=building.bind(self.model, own, self._parameters, rows.meta),
            X=X,
            y=y,
            n_classes=rows.meta.get("n_classes_"),
            sample_weight=sample_weight,
            epochs=int(self.epochs),
            batch_size=int(self.batch_size),
            seed=self._seed(),
            validation=rows.validation,
            callbacks=tuple(self.callbacks or ()),
        )

    def adopt(self, rows: Rows, result: LaneResult) -> Self:
        """Take over what a fit has brought, as if this estimator had been fitted."""
        for name, value in rows.learnt.items():
            setattr(self, name, value)
        self._loss = result.loss
        self.history_ = result.history
        self.model_ = result.model
        return self

    def network_rows(self, X: ArrayLike) -> NDArray:
        """Return rows to predict as the network sees them.

        Raises
        ------
        ValueError
            For rows unlike those of :meth:`fit`.
        """
        rows: NDArray = validate_data(self, X, reset=False, allow_nd=True)

        import keras

        return rows.astype(keras.config.floatx(), copy=False)

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

        import keras

        dtype = keras.config.floatx()
        names = getattr(self, "feature_names_in_", None)
        meta |= {
            "n_features_in_": self.n_features_in_,
            "feature_names_in_": names,
            "X_shape_": X.shape,
            "X_dtype_": np.dtype(dtype),
        }
        learnt |= {"n_features_in_": self.n_features_in_}
        learnt |= {} if names is None else {"feature_names_in_": names}
        weight = None if sample_weight is None else sample_weight.astype(dtype)
        training, validation = self._split(X.astype(dtype, copy=False), y, weight)
        return Rows(training, validation, meta, learnt)

    def _split(self, *columns: NDArray | None) -> tuple[Any, Any]:
        """Hold out the last rows for validation, as ``keras.Model.fit`` does."""
        rows = len(columns[0]) if columns[0] is not None else 0
        training = int(rows * (1 - self.validation_split))
        if training == rows:
            return columns, None
        if training == 0:
            raise ValueError(
                f"validation_split={self.validation_split} leaves none of {rows} rows to train on"
            )
        return (
            tuple(None if column is None else column[:training] for column in columns),
            tuple(None if column is None else column[training:] for column in columns),
        )

    def _fit(self, rows: Rows) -> Self:
        lane = self.lane(rows)

        from gridlanes import reference

        return self.adopt(rows, reference.train(Request(lane), verbose=self.verbose))

    def _seed(self) -> int:
        """Return the seed of this fit: a fresh one for None, the next one of a generator."""
        if self.random_state is None or isinstance(self.random_state, np.random.RandomState):
            return int(check_random_state(self.random_state).randint(SEED_BOUND))
        return int(self.random_state)

    def _outputs(self, X: ArrayLike) -> NDArray:
        """Return what the network says of the rows, shape (rows, outputs)."""
        check_is_fitted(self, "model_")
        rows = self.network_rows(X)

        from gridlanes import reference

        return reference.predict(self.model_, rows)
