"""What the classifier and the regressor share: a fit as a lane, and what a network answers.

Keras is loaded by the first fit, so that estimators can be made, cloned and checked without
waiting for TensorFlow.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_consistent_length, check_random_state, get_tags
from sklearn.utils.validation import check_is_fitted

from gridlanes.compat.load_keras import float_type
from gridlanes.estimators.encoders import is_nothing
from gridlanes.estimators.fit_settings import (
    callbacks_of,
    own_settings,
    rows_at_once,
    settings_of,
)
from gridlanes.estimators.fits_on import FitsOn
from gridlanes.estimators.held_out_rows import asks_for_groups, is_splitter
from gridlanes.estimators.held_transformers import check_holders
from gridlanes.estimators.network_rows import NetworkRows
from gridlanes.estimators.own_parameters import OWN_BUILD, OwnParameters, as_function
from gridlanes.estimators.tables import column_names
from gridlanes.networks.lane import Lane, Rows
from gridlanes.networks.number_checks import check_numbers
from gridlanes.networks.parameters import PREDICT, check_call, check_names, nested

#: Seeds are drawn below this bound, which ``keras.utils.set_random_seed`` accepts.
SEED_BOUND = 2**31


class KerasEstimator(OwnParameters, NetworkRows, FitsOn):
    """The base of both estimators; not for use by itself."""

    # Unless a splitter or somebody asks for them, groups are for others.
    __metadata_request__fit = {"groups": False}  # noqa: RUF012

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        if not is_nothing(self.preprocessing):
            tags.input_tags = get_tags(self.preprocessing).input_tags
        tags.input_tags.sparse = True
        tags.non_deterministic = self.random_state is None
        return tags

    def get_metadata_routing(self) -> Any:
        """Return what is routed: groups too, if ``validation_split`` goes by them."""
        asked = super().get_metadata_routing()
        splitter = own_settings(self).get("validation_split")
        if is_splitter(splitter) and asks_for_groups(splitter):
            asked.fit.add_request(param="groups", alias=True)
        return asked

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
        if sibling is None:
            build = self._blueprint(rows)
        else:
            build = sibling.build.rebound(rows.meta, rows.learnt)
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
            columns=rows.columns,
        )

    def more(self, X: Any, y: Any, sample_weight: Any, given: Mapping[str, Any]) -> Rows:
        """Return what a network that is there would be trained on further."""
        given = dict(given)
        groups = given.pop("groups", None)
        settings = settings_of(self, given)
        X, y, sample_weight, settings = self._arranged(X, y, sample_weight, groups, settings)
        rows, targets = self.network_rows(X), self._encoded(y)
        check_consistent_length(rows, targets)
        weight = self._weights(y, sample_weight, settings)
        weight = None if weight is None else weight.astype(float_type())
        known = {"n_classes_": self.n_classes_} if hasattr(self, "n_classes_") else {}
        meta = {
            **known,
            "X_shape_": rows.shape,
            "feature_names_in_": getattr(self, "feature_names_in_", None),
        }
        columns = column_names(meta["feature_names_in_"])
        training, validation = self._split((rows, targets, weight), settings)
        return Rows(training, validation, meta, {}, dict(given), columns)

    def _blueprint(self, rows: Rows) -> Any:
        """Return how to build the model, all parameters checked."""
        # A subclass may hide what it hands on to a constructor of these.
        names = sorted({*self._get_param_names(), *self.own_defaults()})
        own = {name: getattr(self, name) for name in names}
        # A subclass may have some that go elsewhere among its own.
        extra = {name: own.pop(name) for name in list(own) if "__" in name} | self._parameters
        check_numbers(own)
        self._check_once(own, extra)
        own |= self.implied_parameters()
        build = as_function(self._builder())
        check_holders(self, extra)
        check_names(build, extra, own)

        from gridlanes.networks import building, given_models

        if build is not None and build == getattr(self, OWN_BUILD, None):
            build = given_models.MethodOf(self, OWN_BUILD, {**rows.meta, **rows.learnt})
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
        size = {**nested(self.get_params(deep=False), "predict"), **given}.get("batch_size")
        if size is None:
            return reference.predict(self.model_, rows, columns)
        check_numbers({"batch_size": size})
        return reference.predict(self.model_, rows, columns, rows_at_once(size, len(rows)))
