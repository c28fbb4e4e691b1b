"""What the classifier and the regressor share: their parameters, and the fit itself.

Keras is loaded by the first fit, so that estimators can be made, cloned and checked without
waiting for TensorFlow.
"""

import functools
import inspect
import sys
from collections.abc import Mapping
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.utils import (
    check_array,
    check_consistent_length,
    check_random_state,
    get_tags,
    indexable,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from gridlanes.compat.load_keras import float_type
from gridlanes.compat.sklearn import clone_copying, clone_keeping, num_samples, safe_indexing
from gridlanes.errors import ParameterError
from gridlanes.estimators.fit_settings import (
    FitSettings,
    callbacks_of,
    rows_at_once,
    settings_of,
)
from gridlanes.estimators.fits_on import FitsOn
from gridlanes.estimators.tables import (
    as_column,
    as_dense,
    as_table,
    column_names,
    for_network,
    has_text,
    stacked,
)
from gridlanes.estimators.targets import Target
from gridlanes.networks.lane import Lane, Rows
from gridlanes.networks.parameters import (
    PREDICT,
    PREPROCESSING,
    check_call,
    check_names,
    check_numbers,
    check_once,
    nested,
)

#: Seeds are drawn below this bound, which ``keras.utils.set_random_seed`` accepts.
SEED_BOUND = 2**31

#: Parameters that are objects of Keras, which a fit does not change.
KEPT = ("callbacks", "loss", "metrics", "model", "optimizer")

#: The method of a subclass that builds its network, as in SciKeras.
OWN_BUILD = "_keras_build_fn"


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


class KerasEstimator(FitsOn):
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
            For a parameter that would reach nothing, or is there twice. Nothing is set then.
        """
        own = self._get_param_names()
        inner = nested(params, PREPROCESSING)
        extra = {
            name: value
            for name, value in params.items()
            if name not in own and not name.startswith(f"{PREPROCESSING}__")
        }
        extra = {**self._parameters, **extra}
        check_once(params)
        check_names(self._builder(params | extra), extra, own)
        if inner:
            given = params.get(PREPROCESSING, self.preprocessing)
            # Checked on a clone: after an error nothing may have been set.
            self.preprocessing = _set_inner(given, inner)
        for name in params.keys() & set(own) - ({PREPROCESSING} if inner else set()):
            setattr(self, name, params[name])
        self._parameters = extra
        return self

    def __sklearn_clone__(self) -> Self:
        made: Self
        if _is_model(self.model):
            # Copies of it are trained, it is never changed.
            made = clone_keeping(self, ("model",))
            return made
        try:
            made = clone_copying(self)
        except TypeError:
            # Objects of classes that Keras does not know by a name cannot be copied.
            made = clone_keeping(self, KEPT)
        return made

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        if not _is_nothing(self.preprocessing):
            tags.input_tags = get_tags(self.preprocessing).input_tags
        tags.input_tags.sparse = True
        tags.non_deterministic = self.random_state is None
        return tags

    @property
    def _hardly_trained(self) -> bool:
        """Whether nothing can be expected of a fit, as of one epoch, the default."""
        return bool(self.epochs == 1)

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
        settings = settings_of(self, rows.given)
        check_numbers(vars(settings))
        X, y, sample_weight = rows.training
        held_out = len(rows.validation[0]) if rows.validation else 0
        return Lane(
            build=build,
            X=X,
            y=y,
            n_classes=rows.meta.get("n_classes_") if y.ndim == 1 else None,
            sample_weight=sample_weight,
            epochs=int(settings.epochs),
            batch_size=rows_at_once(settings.batch_size, len(X)),
            seed=self._seed(),
            validation=rows.validation,
            callbacks=callbacks_of(self, settings.callbacks),
            shuffle=bool(settings.shuffle),
            validation_batch_size=rows_at_once(settings.validation_batch_size, held_out),
            columns=sibling.columns if sibling else column_names(rows.meta["feature_names_in_"]),
        )

    def more(self, X: Any, y: Any, sample_weight: Any, given: Mapping[str, Any]) -> Rows:
        """Return what a network that is there would be trained on further."""
        settings = settings_of(self, given)
        rows, targets = self.network_rows(X), self._encoded(y)
        check_consistent_length(rows, targets)
        weight = self._weights(y, sample_weight, settings)
        weight = None if weight is None else weight.astype(float_type())
        known = {"n_classes_": len(self.classes_)} if hasattr(self, "classes_") else {}
        meta = {
            **known,
            "X_shape_": rows.shape,
            "feature_names_in_": getattr(self, "feature_names_in_", None),
        }
        return Rows((rows, targets, weight), self._watched(settings), meta, {}, dict(given))

    def network_rows(self, X: ArrayLike) -> NDArray:
        """Return rows to predict as the network sees them.

        Raises
        ------
        ValueError
            For rows unlike those of :meth:`fit`.
        """
        X = as_table(X, columns=getattr(self, "n_features_in_", None))
        if hasattr(self, "preprocessing_"):
            X = self.preprocessing_.transform(X)
        rows: NDArray = self._validated(X, reset=False)
        shape = getattr(self, "X_shape_", rows.shape)[1:]
        if rows.shape[1:] != shape:
            raise ValueError(
                f"X has rows of shape {rows.shape[1:]}, but {type(self).__name__} was fitted on "
                f"rows of shape {shape}"
            )
        return for_network(rows)

    def _validated(self, X: Any, *y: Any, **options: Any) -> Any:
        """Return what scikit-learn's ``validate_data`` does; of a table with text, objects."""
        X = as_dense(X)
        if has_text(X):
            X, options = as_column(X), {"dtype": object, **options}
        return validate_data(self, X, *y, allow_nd=True, **options)

    def _preprocessed(self, X: Any, y: Any, settings: FitSettings) -> Any:
        """Return all rows, transformed as those to train on ask for; sets ``preprocessing_``."""
        self.__dict__.pop("preprocessing_", None)
        X = as_table(X, y)
        if _is_nothing(self.preprocessing):
            return X
        X, y = indexable(X, y)
        rows = num_samples(X)
        training, held_out = np.split(np.arange(rows), [_n_training(settings, rows)])
        self.preprocessing_ = clone(self.preprocessing)
        targets = None if y is None else safe_indexing(y, training)
        own = self.preprocessing_.fit_transform(safe_indexing(X, training), targets)
        if not len(held_out):
            return own
        return stacked(own, self.preprocessing_.transform(safe_indexing(X, held_out)))

    def _rows(
        self,
        X: NDArray,
        y: NDArray,
        sample_weight: NDArray | None,
        target: Target,
        given: Mapping[str, Any],
    ) -> Rows:
        """Return rows as scikit-learn checked them, in the network's float type."""
        dtype = float_type()
        settings = settings_of(self, given)
        names = getattr(self, "feature_names_in_", None)
        meta = {
            **target.meta,
            "n_features_in_": self.n_features_in_,
            "feature_names_in_": names,
            "X_shape_": X.shape,
            "X_dtype_": for_network(X[:0]).dtype,
        }
        learnt = {**target.learnt, "n_features_in_": self.n_features_in_, "X_shape_": X.shape}
        learnt |= {} if names is None else {"feature_names_in_": names}
        learnt |= {"preprocessing_": self.preprocessing_} if hasattr(self, "preprocessing_") else {}
        weight = None if sample_weight is None else sample_weight.astype(dtype)
        columns = for_network(X), y, weight
        end = _n_training(settings, len(X))
        training: Any = tuple(None if column is None else column[:end] for column in columns)
        validation: Any = self._watched(settings)
        if end < len(X):
            # The last rows, as ``keras.Model.fit`` does.
            validation = tuple(None if column is None else column[end:] for column in columns)
        return Rows(training, validation, meta, learnt, dict(given))

    def _weights(self, y: Any, sample_weight: Any, settings: FitSettings) -> Any:  # noqa: ARG002
        """Return a weight for each row, None if there are no weights at all."""
        return None if sample_weight is None else row_weights(sample_weight, len(y))

    def _watched(self, settings: FitSettings) -> tuple | None:
        """Return the rows given to be watched, as the network sees them."""
        if settings.validation_data is None:
            return None
        X, y, *weights = settings.validation_data
        rows = self.network_rows(X)
        weight = row_weights(weights[0], len(rows)).astype(float_type()) if weights else None
        targets = self._encoded(y)
        if len(targets) != len(rows):
            raise ValueError(f"validation_data has {len(rows)} rows and {len(targets)} targets")
        return rows, targets, weight

    def _builder(self, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the build function, or what was given in its place."""
        known = self._parameters if parameters is None else parameters
        build = known.get("model", self.model)
        build = known.get("build_fn") if build is None else build
        return getattr(self, OWN_BUILD, None) if build is None else build

    def _blueprint(self, rows: Rows) -> Any:
        """Return how to build the model, all parameters checked."""
        own = {name: getattr(self, name) for name in self._get_param_names()}
        # A subclass may have some that go elsewhere among its own.
        extra = {name: own.pop(name) for name in list(own) if "__" in name} | self._parameters
        check_numbers(own)
        build = self._builder()
        check_names(build, extra, own)

        from gridlanes.networks import building, given_models

        if _is_model(build):
            build = given_models.copy_of(build)
        if build is not None and build == getattr(self, OWN_BUILD, None):
            build = given_models.MethodOf(self, OWN_BUILD, rows.meta)
        return building.bind(build, own, extra, rows.meta)

    def _seed(self) -> int:
        """Return the seed of this fit: a fresh one for None, the next one of a generator."""
        if self.random_state is None or isinstance(self.random_state, np.random.RandomState):
            return int(check_random_state(self.random_state).randint(SEED_BOUND))
        return int(self.random_state)

    def _outputs(self, X: ArrayLike, given: Mapping[str, Any]) -> NDArray:
        """Return what the network says of the rows, shape (rows, outputs)."""
        check_call("predict", given, PREDICT)
        pending = vars(self).get("_pending")
        if pending is not None:
            outputs: NDArray = pending.outputs(self.network_rows(X))
            return outputs
        check_is_fitted(self, "model_")
        rows = self.network_rows(X)

        from gridlanes.networks import reference

        columns = column_names(getattr(self, "feature_names_in_", None))
        size = {**nested(self._parameters, "predict"), **given}.get("batch_size")
        if size is None:
            return reference.predict(self.model_, rows, columns)
        check_numbers({"batch_size": size})
        return reference.predict(self.model_, rows, columns, rows_at_once(size, len(rows)))


@functools.lru_cache(maxsize=32)
def _names_of(kind: Any, init: Any) -> tuple[str, ...]:  # noqa: ARG001
    """Return the names of an estimator's own parameters.

    Those of the classes that it inherits from are among them as far as its constructor hands on
    what it does not name. Scikit-learn reads a signature for each clone and each ``get_params``, a
    third of the time that a large search is prepared in. ``init`` tells a constructor from one
    that replaces it.
    """
    names: set[str] = set()
    for own in [one for one in kind.__mro__ if issubclass(one, KerasEstimator)]:
        names.update(super(KerasEstimator, own)._get_param_names())
        arguments = inspect.signature(own.__init__).parameters.values()
        if not any(one.kind == one.VAR_KEYWORD for one in arguments):
            break
    return tuple(sorted(names))


def _is_model(build: Any) -> bool:
    """Return whether something is a Keras model, without loading Keras to find out."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(build, keras.Model)


def _is_nothing(transformer: Any) -> bool:
    return transformer is None or transformer == "passthrough"


def _n_training(settings: FitSettings, rows: int) -> int:
    """Return how many rows are trained on, the first ones."""
    training = int(rows * (1 - settings.validation_split))
    if rows and training == 0:
        raise ValueError(
            f"validation_split={settings.validation_split} leaves none of {rows} rows to train on"
        )
    return training


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
