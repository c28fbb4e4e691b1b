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

from gridlanes.lane import Lane
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

    def _lane(
        self, X: NDArray, y: NDArray, sample_weight: NDArray | None, meta: dict[str, Any]
    ) -> Lane:
        """Return the fit to rows as scikit-learn checked them and targets as numbers."""
        own = {name: getattr(self, name) for name in self._get_param_names()}
        check_names(self.model, self._parameters, own)
        check_numbers(own)
        seed = self._seed()

        import keras

        from gridlanes import building

        dtype = keras.config.floatx()
        meta |= {
            "n_features_in_": self.n_features_in_,
            "feature_names_in_": getattr(self, "feature_names_in_", None),
            "X_shape_": X.shape,
            "X_dtype_": np.dtype(dtype),
        }
        return Lane(
            build=building.bind(self.model, own, self._parameters, meta),
            X=X.astype(dtype, copy=False),
            y=y,
            n_classes=meta.get("n_classes_"),
            sample_weight=None if sample_weight is None else sample_weight.astype(dtype),
            epochs=int(self.epochs),
            batch_size=int(self.batch_size),
            seed=seed,
        )

    def _train(self, lane: Lane) -> Self:
        from gridlanes import reference

        result = reference.train(lane, callbacks=self.callbacks, verbose=self.verbose)
        self.model_ = result.model
        self.history_ = result.history
        return self

    def _seed(self) -> int:
        """Return the seed of this fit: a fresh one for None, the next one of a generator."""
        if self.random_state is None or isinstance(self.random_state, np.random.RandomState):
            return int(check_random_state(self.random_state).randint(SEED_BOUND))
        return int(self.random_state)

    def _outputs(self, X: ArrayLike) -> NDArray:
        """Return what the network says of the rows, shape (rows, outputs)."""
        check_is_fitted(self, "model_")
        rows: NDArray = validate_data(self, X, reset=False, allow_nd=True)

        import keras

        from gridlanes import reference

        return reference.predict(self.model_, rows.astype(keras.config.floatx(), copy=False))
