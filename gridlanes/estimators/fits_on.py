"""The life of a network besides one fit: begun without training, and trained further."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from numpy.typing import ArrayLike

from gridlanes.errors import UnknownParameterError
from gridlanes.estimators.changes import take_over
from gridlanes.estimators.fit_settings import settings_of
from gridlanes.estimators.history import History
from gridlanes.estimators.pending_fit import TRAINER, TrainedLater
from gridlanes.networks.lane import Copies, Lane, LaneResult, Request, Rows


class FitsOn(TrainedLater):
    """A network that can be fitted, begun, and fitted further."""

    warm_start: bool

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        **given: Any,
    ) -> Self:
        """Train a new network; with ``warm_start``, go on with the one that there is.

        What was set since is taken over as far as it can be, ``optimizer__learning_rate``; a
        change of the network or of what its rows go through is an error.

        Parameters
        ----------
        X : array-like of shape (rows, features) or (rows, ...), dict or list of array-like
            A dict names the inputs of a network, a list has them in their order.
        y : array-like of shape (rows,) or (rows, outputs)
            Class labels of any kind, a column of 0 and 1 for each class, or numbers.
        sample_weight : array-like of shape (rows,), optional
            Weighs each row's loss. As in Keras, the loss of a mini-batch is divided by its number
            of rows, not by the sum of their weights.
        groups : array-like of shape (rows,), optional
            For a splitter in ``validation_split`` that goes by them.
        **given
            What ``keras.Model.fit`` takes, for this fit only: ``epochs``, ``batch_size``,
            ``callbacks``, ``class_weight``, ``shuffle``, ``validation_data``,
            ``validation_split``, ``validation_batch_size`` and ``verbose``. The rows of
            ``validation_data`` go through ``preprocessing``. A classifier takes ``classes``
            besides: all labels that there are, if ``y`` may lack some.

        Raises
        ------
        ParameterError, ModelError
            For a parameter or a build function that cannot work.
        ValueError
            For data that scikit-learn would refuse too.
        """
        if groups is not None:
            given["groups"] = groups
        if self.warm_start and "model_" in vars(self):
            self.history_ = History(self._go_on(X, y, sample_weight, given, 0))
            return self
        return self._fit(self.prepare(X, y, sample_weight, **given))

    def initialize(self, X: ArrayLike, y: ArrayLike, **given: Any) -> Self:
        """Build the network that :meth:`fit` would train, with its first weights, and stop there.

        ``given`` is as in :meth:`fit`.
        """
        rows = self.prepare(X, y, **given)

        from gridlanes.networks import reference

        return self.adopt(rows, reference.untrained(self.lane(rows)))

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, **given: Any
    ) -> Self:
        """Train for one epoch more, from where training has ended.

        On the same rows, as many calls as a fit has epochs give the numbers of that fit, if
        ``random_state`` is a number: a generator draws anew for each call.

        Parameters
        ----------
        X, y, sample_weight : array-like
        **given
            As in :meth:`fit`, without ``epochs``. For a classifier, ``classes`` are all labels
            that there will be; by default those of the first call.

        Raises
        ------
        ParameterError
            Also for ``epochs``.
        """
        for name in ("epochs", "initial_epoch"):
            if name in given:
                raise UnknownParameterError(
                    f"Invalid argument {name!r}: partial_fit() trains for one epoch; fit() with "
                    "warm_start=True trains for more"
                )
        classes = {"classes": given.pop("classes")} if "classes" in given else {}
        if "model_" not in vars(self):
            self.initialize(X, y, **classes, **given)
        history = self._go_on(X, y, sample_weight, {**given, "epochs": 1}, self.current_epoch_)
        for name, values in history.items():
            self.history_[name] = [*self.history_.get(name, []), *values]
        return self

    @property
    def current_epoch_(self) -> int:
        """How many epochs the network was trained for."""
        return len(getattr(self, "history_", {}).get("loss", ()))

    #: The same by the name that SciKeras has for it.
    current_epoch = current_epoch_

    @property
    def initialized_(self) -> bool:
        """Whether there is a network, trained or not."""
        return hasattr(self, "model_")

    def prepare(self, X: Any, y: Any, sample_weight: Any = None, **given: Any) -> Rows:
        """Return what :meth:`fit` would train on."""
        raise NotImplementedError

    def more(self, X: Any, y: Any, sample_weight: Any, given: Mapping[str, Any]) -> Rows:
        """Return what a network that is there would be trained on further."""
        raise NotImplementedError

    def lane(self, rows: Rows, sibling: Lane | None = None) -> Lane:
        """Return the fit to rows."""
        raise NotImplementedError

    def _fit(self, rows: Rows) -> Self:
        train_later = TRAINER.get()
        if train_later is not None:
            return self._wait_for(train_later(self, rows))
        lane = self._watched_by_copies(self.lane(rows))

        from gridlanes.networks import reference

        verbose = settings_of(self, rows.given).verbose
        return self.adopt(rows, reference.train(Request(lane), verbose=verbose))

    def _watched_by_copies(self, lane: Lane) -> Lane:
        """Return a lane with copies of its callbacks, which ``callbacks_`` has after the fit."""
        if not lane.callbacks:
            self.__dict__.pop("callbacks_", None)
            return lane
        self.callbacks_ = copy.deepcopy(list(lane.callbacks))
        return replace(lane, callbacks=Copies(self.callbacks_))

    def _go_on(
        self, X: Any, y: Any, sample_weight: Any, given: Mapping[str, Any], first: int
    ) -> dict[str, list[float]]:
        rows = self.more(X, y, sample_weight, given)
        lane, built_with = self.lane(rows), vars(self).get("_built_with")
        if built_with is not None:
            take_over(lane.build.build, built_with, self.get_params(deep=False), self.model_)

        from gridlanes.networks import reference

        verbose = settings_of(self, rows.given).verbose
        history = reference.go_on(self._watched_by_copies(lane), self.model_, first, verbose)
        self._built_with = self.get_params(deep=False)
        return history

    def adopt(self, rows: Rows, result: LaneResult) -> Self:
        """Take over what a fit has brought, and note with which parameters."""
        self._built_with = self.get_params(deep=False)
        return super().adopt(rows, result)


# Python names it in what it says of wrong calls, and this is no class that people know.
FitsOn.fit.__qualname__ = "fit"
