"""One run of the ``fit`` of an estimator with networks inside, in which none is trained.

A network that is fitted gets the result of the fit of the very same content, if there is one, and
otherwise waits for it.
"""

import time
import warnings
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from gridlanes.compat.joblib_in_turn import in_turn, sequential
from gridlanes.estimators.base import KerasEstimator
from gridlanes.estimators.pending_fit import GUESSING, TRAINER, Arrays, NotTrainedYet, PendingFit
from gridlanes.networks.lane import Lane, LaneResult, Rows
from gridlanes.planning.fingerprint import fingerprint
from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError, digest

#: Trains fits, and puts what has become of them where they want it.
Train = Callable[[Sequence[PendingFit]], Any]

#: What an estimator may be asked of rows, the first that it has.
ASKED = ("predict", "transform", "predict_proba", "decision_function")


@dataclass(frozen=True, eq=False)
class Given:
    """What an estimator is fitted to.

    Attributes
    ----------
    X, y : array-like
    params : mapping
        What ``fit`` is given besides.
    asked : dict of str to array-like
        Rows that it is going to be asked about.
    """

    X: Any
    y: Any
    params: Mapping[str, Any]
    asked: dict[str, Any]


@dataclass(frozen=True, eq=False)
class FittedOuter:
    """An estimator that has been fitted, with networks inside.

    Attributes
    ----------
    estimator : estimator
    networks : list of weakref.ref
        Those that were fitted; most of them are inside the estimator, some are gone.
    held : PendingFit or None
        The fit of the network that the estimator has as ``estimator_``, if that is one.
    seconds : float
        Time that the last pass took, and the share of each network's fit.
    """

    estimator: Any
    networks: list[weakref.ref]
    held: PendingFit | None
    seconds: float

    def settled(self) -> Any:
        """Return the estimator with ordinary networks inside."""
        for network in self.networks:
            alive = network()
            if alive is not None:
                alive.settle()
        return self.estimator


class Pass:
    """One run of an estimator's ``fit``.

    Attributes
    ----------
    asked : dict of bytes to PendingFit
        By content, all fits that were asked for.
    new : list of PendingFit
        Those of them that are not trained.
    fitted : estimator or None
        What was fitted, if it came to its end.
    networks : list of weakref.ref
        Those that were fitted.
    seconds : float
        Time that it took.
    error : Exception or None
        What it has raised.
    """

    def __init__(
        self,
        known: dict[bytes, PendingFit],
        arrays: Arrays,
        train_now: Train | None,
        fold: int | None = None,
    ) -> None:
        self._known, self._arrays, self._train_now, self._fold = known, arrays, train_now, fold
        self._fresh: Counter[bytes] = Counter()
        self._fitted: list[tuple[KerasEstimator, PendingFit]] = []
        self.networks: list[weakref.ref] = []
        self.asked: dict[bytes, PendingFit] = {}
        self.new: list[PendingFit] = []
        self.fitted: Any = None
        self.seconds = 0.0
        self.error: Exception | None = None

    def run(self, estimator: Any, given: Given) -> None:
        """Fit an estimator."""
        trainer, started = TRAINER.set(self._fit), time.perf_counter()
        try:
            # What trains now finds joblib's workers by itself.
            with in_turn(NotTrainedYet) if self._train_now is None else sequential():
                estimator.fit(given.X, given.y, **given.params)
        except NotTrainedYet:
            pass
        except Exception as error:
            self.error = error
        else:
            # Code between may have caught what was to stop it.
            if not self.interrupted:
                self.fitted = estimator
        finally:
            TRAINER.reset(trainer)
            self.seconds = time.perf_counter() - started
        if self.new:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                self._guess_wanted(given.asked.values())
        # Most of them are inside what was fitted, and live with it.
        self.networks = [weakref.ref(network) for network, _ in self._fitted]
        self._fitted.clear()

    def _guess_wanted(self, rows: Iterable[Any]) -> None:
        """Let networks that are not trained note the rows that they may be asked about later.

        A guess, so that outputs come with the training: any other rows take a model to be made.
        """
        if self.fitted is not None:
            _ask(self.fitted, rows)
            return
        for network, pending in self._fitted:
            for own in rows if pending.outcome is None else ():
                with suppress(Exception):
                    pending.want(network.network_rows(own))

    def result(self) -> "FittedOuter":
        """Return the fitted estimator, its networks trained since."""
        seconds = sum(own.result.seconds for own in self.asked.values())
        return FittedOuter(self.fitted, self.networks, _held(self.fitted), self.seconds + seconds)

    @property
    def interrupted(self) -> bool:
        """Whether it could not go on before some of the networks are trained."""
        return any(own.missed for own in self.new)

    @property
    def all_trained(self) -> bool:
        """Whether all fits have been trained, and none has failed."""
        return all(isinstance(own.outcome, LaneResult) for own in self.asked.values())

    def repeated_by(self, other: "Pass") -> bool:
        """Return whether another pass has asked for what this one had trained, up to an error."""
        failed = {key for key, own in self.asked.items() if isinstance(own.outcome, Exception)}
        if failed:
            return not failed.isdisjoint(other.asked)
        return self.asked.keys() <= other.asked.keys()

    def _fit(self, network: KerasEstimator, rows: Rows) -> PendingFit:
        """Take the place of training."""
        rows = replace(
            rows, training=self._kept(rows.training), validation=self._kept(rows.validation)
        )
        lane = network.lane(rows)
        key = self._told(network, lane)
        pending = self._known.get(key)
        if pending is None:
            kept = network.random_state is not None
            pending = self._known[key] = PendingFit(lane, rows, kept, self._arrays, self._fold)
        if pending.outcome is None and key not in self.asked:
            self.new.append(pending)
        self.asked[key] = pending
        if self._train_now is not None:
            self._train_now(self.new)
            self.new = []
        if isinstance(pending.outcome, Exception):
            raise pending.outcome
        self._fitted.append((network, pending))
        return pending

    def _kept(self, columns: Any) -> Any:
        if columns is None:
            return None
        return tuple(None if own is None else self._arrays.of(own)[1] for own in columns)

    def _told(self, network: KerasEstimator, lane: Lane) -> bytes:
        """Return what a fit depends on as a digest."""
        own = lane.build.content, lane.callbacks
        arrays = (lane.X, lane.y, lane.sample_weight, *(lane.validation or ()))
        told = digest(
            # Passes of one estimator have one class of networks, whatever its content.
            fingerprint(type(network)),
            _content(own),
            f"{lane.n_classes} {lane.epochs} {lane.batch_size}",
            f"{lane.validation_batch_size} {lane.shuffle}",
            # They decide which input gets which column.
            *lane.columns,
            *(b"" if array is None else self._arrays.of(array)[0] for array in arrays),
        )
        if network.random_state is not None:
            return digest(told, str(lane.seed))
        # Each has a fresh seed: they are told apart by their order.
        self._fresh[told] += 1
        return digest(told, f"fresh {self._fresh[told]}")


def _held(estimator: Any) -> PendingFit | None:
    network = getattr(estimator, "estimator_", None)
    while isinstance(network, Pipeline):
        network = network.steps[-1][1]
    return vars(network).get("_pending") if isinstance(network, KerasEstimator) else None


def _content(value: Any) -> bytes:
    """Return the content of a value, or its identity where that cannot be told."""
    try:
        return content(value)
    except NoContentError:
        return fingerprint(value)


def _ask(estimator: Any, rows: Iterable[Any]) -> None:
    """Let networks that are not trained note which rows they will be asked about."""
    guessing = GUESSING.set(True)
    try:
        with suppress(Exception, NotTrainedYet), in_turn(NotTrainedYet):
            ask = next(getattr(estimator, name) for name in ASKED if hasattr(estimator, name))
            for own in rows:
                ask(own)
    finally:
        GUESSING.reset(guessing)
