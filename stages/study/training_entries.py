"""What params.yaml says of training, made what Keras and the estimators take.

``early_stopping``, ``reduce_on_plateau``, ``learning_rate`` and ``class_weight`` are parameters of
the study's estimators as params.yaml has them, so that candidates and tables of results do.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from sklearn.base import clone

from gridlanes import KerasClassifier, KerasRegressor, ParameterError
from gridlanes.compat.load_keras import of_keras
from gridlanes.estimators.base import KerasEstimator
from gridlanes.estimators.fit_settings import rows_at_once, settings_of
from gridlanes.networks.lane import Lane, Rows
from gridlanes.networks.parameters import plain
from gridlanes.networks.signatures import signature_of
from stages.study.schedules import schedule
from stages.study.sections.training import (
    MAPPINGS,
    SHARE,
    EarlyStopping,
    ReduceOnPlateau,
    Watching,
    schedule_of,
)
from stages.study.watched_rows import Known

#: What the learning rate is called otherwise.
RATE = "optimizer__learning_rate"


class TrainedAsSaid(KerasEstimator):
    """A network whose training is said as in params.yaml.

    Parameters
    ----------
    known : Known
        What it has to know of the study.
    early_stopping, reduce_on_plateau : dict or None
        See :mod:`stages.study.sections.training`.
    learning_rate : float, dict or None
        A dict is a schedule. If the build function asks for it, it goes there as it is.
    """

    def __init__(
        self,
        model: Any = None,
        *,
        known: Known | None = None,
        early_stopping: Mapping[str, Any] | None = None,
        reduce_on_plateau: Mapping[str, Any] | None = None,
        learning_rate: Any = None,
        **parameters: Any,
    ) -> None:
        super().__init__(model, **parameters)
        self.known = known
        self.early_stopping = early_stopping
        self.reduce_on_plateau = reduce_on_plateau
        self.learning_rate = learning_rate

    def set_params(self, /, **params: Any) -> Self:
        """Set parameters by name, ``early_stopping__patience`` among them."""
        params = self._merged(params)
        rate = None if self.asks_for("learning_rate") else params.get("learning_rate")
        if rate is not None and params.get(RATE) is not None:
            raise ParameterError(
                f"'learning_rate' and {RATE!r} are the same parameter; give one of them"
            )
        if RATE in params and not self.asks_for("learning_rate"):
            params.setdefault("learning_rate", None)
        super().set_params(**params)
        if rate is not None:
            self._parameters = {name: own for name, own in self._parameters.items() if name != RATE}
        return self

    def _merged(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters with those of one key, as ``early_stopping__patience``, in its entry.

        Raises
        ------
        ParameterError
            If there is no such entry.
        """
        merged: dict[str, Any] = {}
        for name, value in params.items():
            entry, _, key = name.partition("__")
            if entry not in MAPPINGS or not key:
                continue
            own = merged.get(entry, params.get(entry, getattr(self, entry)))
            if not isinstance(own, Mapping):
                raise ParameterError(
                    f"{name!r} would reach nothing: {entry} is {'null' if own is None else own}"
                )
            merged[entry] = {**own, key: plain(value)}
        others = {name: value for name, value in params.items() if not is_key(name)}
        return {**others, **merged}

    def asks_for(self, name: str) -> bool:
        """Return whether the build function takes an argument of this name."""
        return callable(self.model) and name in signature_of(self.model)[0]

    def watching(self) -> list[Watching]:
        """Return what looks at each epoch."""
        stopping, reducing = self.early_stopping, self.reduce_on_plateau
        found: list[Watching | None] = [
            None if stopping is None else EarlyStopping.model_validate(stopping),
            None if reducing is None else ReduceOnPlateau.model_validate(reducing),
        ]
        return [own for own in found if own is not None]

    def held_out(self) -> float:
        """Return the share of rows that is held out to be watched."""
        watching = self.watching()
        said = [own.validation for own in watching if own.validation is not None]
        if said:
            return max(said)
        return SHARE if any(own.monitor.startswith("val_") for own in watching) else 0.0

    def implied_parameters(self) -> dict[str, Any]:
        """Return parameters of the estimator that these entries mean."""
        implied = super().implied_parameters()
        share = self.held_out()
        if share and self.known is not None:
            implied["validation_split"] = self.known.holding_out(share)
        weights = getattr(self, "class_weight", None)
        if isinstance(weights, Mapping) and self.known is not None:
            # A fold may lack a class; scikit-learn asks for the weights of all or of those there.
            labels = self.known.labels
            implied["class_weight"] = {own: weights.get(text, 1) for text, own in labels.items()}
        return implied

    def lane(self, rows: Rows, sibling: Lane | None = None) -> Lane:
        """Return the fit to rows, with its callbacks and its learning rate."""
        rate = None if self.asks_for("learning_rate") else self.learning_rate
        if rate is not None:
            settings, training = settings_of(self, rows.given), len(rows.training[0])
            steps = -(-training // rows_at_once(settings.batch_size, training))
            # A schedule counts steps, and folds may differ in theirs.
            if sibling is None or sibling.steps_per_epoch != steps:
                made = _rate(rate, steps, settings.epochs)
                own: TrainedAsSaid = clone(self)
                return own.set_params(**{RATE: made}).lane(rows)
        lane = super().lane(rows, sibling)
        return replace(lane, callbacks=(*lane.callbacks, *map(_callback, self.watching())))


class Classifier(TrainedAsSaid, KerasClassifier):
    """A classifier that is trained as params.yaml says."""


class Regressor(TrainedAsSaid, KerasRegressor):
    """A regressor that is trained as params.yaml says."""


def is_key(name: str) -> bool:
    """Return whether a parameter is one key of an entry."""
    entry, _, key = name.partition("__")
    return bool(key) and entry in MAPPINGS


def _rate(said: Any, steps: int, epochs: int) -> Any:
    """Return a learning rate as an optimizer takes it."""
    if not isinstance(said, Mapping):
        return said
    own: Any = schedule_of(said).model_validate(said)
    return schedule(own, steps, epochs)


def _callback(own: Watching) -> Any:
    """Return the callback of Keras that does the watching."""
    callbacks = of_keras("callbacks")
    if isinstance(own, EarlyStopping):
        return callbacks.EarlyStopping(
            own.monitor,
            min_delta=own.min_delta,
            patience=own.patience,
            restore_best_weights=own.restore_best,
        )
    assert isinstance(own, ReduceOnPlateau)  # noqa: S101
    return callbacks.ReduceLROnPlateau(
        own.monitor,
        factor=own.factor,
        patience=own.patience,
        cooldown=own.cooldown,
        min_lr=own.min_lr,
    )
