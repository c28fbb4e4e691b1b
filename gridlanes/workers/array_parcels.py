"""A search's arrays behind each other in one, and parcels that name their positions in it.

The arrays travel to each worker once, as one array of bytes that every engine knows how to hand
over: memory maps for processes, Dask's and Ray's stores of shared objects. What each task brings
besides is small.
"""

import io
import pickle
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cloudpickle
import numpy as np
from numpy.typing import NDArray

from gridlanes.store.code_origin import is_installed

#: Arrays begin at multiples of this, as NumPy's own do.
ALIGNMENT = 64

#: Start in bytes, type and shape.
Position = tuple[int, str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Hold:
    """Arrays behind each other.

    Attributes
    ----------
    data : ndarray of uint8 of shape (bytes,)
    positions : dict of int to (int, str, tuple)
        By identity of the arrays, which have to live as long as parcels are packed.
    """

    data: NDArray[np.uint8]
    positions: dict[int, Position]


def stow(arrays: Iterable[NDArray]) -> Hold:
    """Return a copy of these arrays, each held once; those of Python objects stay out."""
    distinct = {id(one): one for one in arrays if not one.dtype.hasobject}
    sizes = [-(-one.nbytes // ALIGNMENT) * ALIGNMENT for one in distinct.values()]
    starts = np.cumsum([0, *sizes]).tolist()
    data = np.zeros(starts[-1], np.uint8)
    positions: dict[int, Position] = {}
    for (key, array), start in zip(distinct.items(), starts, strict=False):
        positions[key] = start, array.dtype.str, array.shape
        _at(positions[key], data)[...] = array
    return Hold(data, positions)


def packed(value: Any, hold: Hold) -> bytes:
    """Return a value as bytes, with the position of every array that is in the hold.

    Raises
    ------
    Exception
        What pickle raises for something that it cannot pack.
    """
    parcel = io.BytesIO()
    _Packer(parcel, hold.positions).dump(value)
    return parcel.getvalue()


def unpacked(parcel: bytes, data: NDArray[np.uint8]) -> Any:
    """Return the value in a parcel; its arrays are views of the data, one a position."""
    return _Unpacker(io.BytesIO(parcel), data).load()


class _Packer(cloudpickle.Pickler):
    def __init__(self, file: io.BytesIO, positions: dict[int, Position]) -> None:
        super().__init__(file)
        self._positions = positions

    def persistent_id(self, value: Any) -> Position | None:
        return self._positions.get(id(value)) if type(value) is np.ndarray else None


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, data: NDArray[np.uint8]) -> None:
        super().__init__(file)
        self._data = data
        self._views: dict[Position, NDArray] = {}

    def persistent_load(self, position: Position) -> NDArray:
        # Which rows are the same is told by the identity of their arrays.
        if position not in self._views:
            self._views[position] = _at(position, self._data)
        return self._views[position]


def _at(position: Position, data: NDArray[np.uint8]) -> NDArray:
    start, dtype, shape = position
    return np.ndarray(shape, dtype, data, start)


@contextmanager
def whole_code() -> Iterator[None]:
    """Let functions and classes of modules that are not installed be packed whole.

    A worker need not have the user's own files, and cannot train with another version of them.
    """
    known = cloudpickle.list_registry_pickle_by_value()
    own = [module for name, module in list(sys.modules.items()) if _is_own(name, module)]
    own = [module for module in own if module.__name__ not in known]
    for module in own:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in own:
            cloudpickle.unregister_pickle_by_value(module)


def _is_own(name: str, module: Any) -> bool:
    file = getattr(module, "__file__", None)
    if file is None or name != getattr(module, "__name__", None):
        return False
    top = name.partition(".")[0]
    # Every worker has gridlanes, and is asked for its version.
    return top != "gridlanes" and "-packages/" not in file and not is_installed(top)
