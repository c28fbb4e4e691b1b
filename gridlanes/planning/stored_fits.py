"""Which fits a store has already, and which of the new ones it gets.

Between the engine, which thinks in fits, and the store, which thinks in keys and arrays. A fit's
key is what its numbers depend on and nothing else, see :mod:`gridlanes.planning.fit_key`.
"""

import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from gridlanes.errors import CannotRideError, StoreError, StoreWarning
from gridlanes.networks import reference
from gridlanes.networks.lane import Lane, LaneResult, Request
from gridlanes.planning.fit_key import fit_key
from gridlanes.planning.fit_survey import Survey
from gridlanes.programs import weights
from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError, array_content
from gridlanes.store.record import Record, is_plain
from gridlanes.store.store import Key, Store

#: Callbacks that change nothing but the fit. Another may write files or tell somebody, which a
#: fit that is only looked up would not do.
PURE = frozenset(["EarlyStopping", "LearningRateScheduler", "ReduceLROnPlateau", "TerminateOnNaN"])


class StoredFits:
    """Looks fits up in a store, and puts new ones there.

    Parameters
    ----------
    memory : Store, str, Path or None
        None keeps nothing.
    errors : {"warn", "raise"}
        What to do if the store cannot be used.
    survey : Survey
    only_lanes : bool
        Whether fits by ``model.fit`` are not to be looked up.

    Attributes
    ----------
    reasons : dict of int to str
        Of the requests last looked up, those that cannot be kept.
    """

    def __init__(
        self,
        memory: Store | str | PathLike | None,
        errors: str,
        survey: Survey,
        *,
        only_lanes: bool = False,
    ) -> None:
        self._store = memory if isinstance(memory, Store) or memory is None else Store(memory)
        self._errors, self._survey = errors, survey
        self._only_lanes = only_lanes
        self._arrays: dict[int, tuple[NDArray, bytes]] = {}
        self._wanted: dict[int, tuple[Key, str, list[str]]] = {}
        self._partly: dict[Key, Record] = {}
        self.reasons: dict[int, str] = {}

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()

    def find(self, requests: Sequence[Request]) -> dict[int, LaneResult]:
        """Return the results that are in the store, by position.

        Raises
        ------
        StoreError
            With ``errors="raise"``.
        """
        self._wanted, self._partly, self.reasons = {}, {}, {}
        if self._store is None:
            return {}
        by_reference = {}
        for number, request in enumerate(requests):
            try:
                self._wanted[number], by_reference[number] = self._describe(request)
            except NoContentError as error:
                self.reasons[number] = str(error)
            except Exception:  # noqa: S112
                # A network that cannot be built is the plan's to report.
                continue
        try:
            records = self._store.find([key for key, _, _ in self._wanted.values()])
        except StoreError as error:
            self._give_up(error)
            return {}
        found = {}
        for number, (key, _, rows) in self._wanted.items():
            record = records.get(key)
            if record is None:
                continue
            lane = requests[number].lane
            if not self._is_of(record, lane):
                continue
            asked = zip(rows, requests[number].rows, strict=True)
            if all(_shape(record.outputs.get(row)) == (2, len(X)) for row, X in asked):
                found[number] = self._result(lane, record, rows, by_reference[number])
            else:
                self._partly[key] = record
        return found

    def _is_of(self, record: Record, lane: Lane) -> bool:
        """Return whether a record is one of a fit's, whatever it says.

        The variables of a fit by ``model.fit`` have those of its optimizer behind them.
        """
        sizes = np.cumsum([array.size for array in record.state])
        lengths = {len(values) for values in record.history.values()}
        own = self._survey.variables(lane) in sizes and len(lengths) == 1
        return own and 1 <= lengths.pop() <= lane.epochs

    def keep(self, results: Mapping[int, LaneResult]) -> None:
        """Put the results of requests last looked up into the store, by position.

        Raises
        ------
        StoreError
            With ``errors="raise"``.
        """
        records: dict[Key, Record] = {}
        for number, result in results.items():
            if self._store is None or number not in self._wanted:
                continue
            if not all(map(is_plain, (*result.state, *result.outputs))):
                self.reasons[number] = "numbers of a type that NumPy does not have"
                continue
            key, architecture, rows = self._wanted[number]
            # The same fit may be asked for with other rows to predict.
            known = [records.get(key), self._partly.get(key)]
            outputs = {name: own for one in known if one for name, own in one.outputs.items()}
            outputs |= dict(zip(rows, result.outputs, strict=True))
            records[key] = Record(
                architecture, result.seconds, result.history, result.state, outputs
            )
        if records and self._store is not None:
            try:
                self._store.keep(records)
            except StoreError as error:
                self._give_up(error)

    def _describe(self, request: Request) -> tuple[tuple[Key, str, list[str]], bool]:
        """Return key, architecture and digests of the wanted rows, and if it is by model.fit."""
        lane = request.lane
        if not request.kept:
            raise NoContentError("random_state=None")
        for callback in lane.callbacks:
            own = type(callback).__module__.startswith("keras.")
            if not own or type(callback).__name__ not in PURE:
                raise NoContentError(f"callback {type(callback).__name__} may do more than train")
        made = self._survey.made(lane)
        try:
            self._survey.look(lane)
            by_reference = False
        except CannotRideError:
            if self._only_lanes:
                raise
            by_reference = True
        inputs = self._survey.entrance(lane).inputs
        key = fit_key(lane, made.content, inputs, self._digest, by_reference=by_reference)
        rows = [self._digest(X).hex() for X in request.rows]
        return ((key, lane.epochs), made.architecture, rows), by_reference

    def _digest(self, array: NDArray | None) -> bytes:
        """Return the content of an array, taken once while it lives."""
        if array is None:
            return b""
        if id(array) not in self._arrays:
            told = content(array) if array.dtype.hasobject else array_content(array)
            self._arrays[id(array)] = array, told
        return self._arrays[id(array)][1]

    def _result(
        self, lane: Lane, record: Record, rows: list[str], by_reference: bool
    ) -> LaneResult:
        make = reference.restored if by_reference else weights.restored
        return LaneResult(
            dict(record.history),
            self._survey.made(lane).loss,
            partial(make, lane, record.state),
            tuple(record.outputs[row] for row in rows),
            record.seconds,
            record.state,
        )

    def _give_up(self, error: StoreError) -> None:
        """Go on without the store, or not at all."""
        self.close()
        self._store = None
        if self._errors == "raise":
            raise error
        warnings.warn(f"{error}; going on without it", StoreWarning, stacklevel=2)


def _shape(outputs: NDArray | None) -> tuple[int, int]:
    """Return dimensions and rows of outputs, of those that are not there none."""
    return (0, 0) if outputs is None or not outputs.ndim else (outputs.ndim, len(outputs))
