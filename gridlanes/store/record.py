"""A finished fit as bytes: NumPy arrays one after the other, behind a line of JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Record:
    """What a store keeps of a fit.

    Attributes
    ----------
    architecture : str
        The network in a line, for people.
    seconds : float
        That the fit took.
    history : dict of str to list of float
    state : tuple of ndarray
        The variables of the trained model.
    outputs : dict of str to ndarray
        What the network says of rows, by the digest of the rows.
    """

    architecture: str
    seconds: float
    history: Mapping[str, list[float]]
    state: tuple[NDArray, ...]
    outputs: Mapping[str, NDArray] = field(default_factory=dict)


def is_plain(array: NDArray) -> bool:
    """Return whether an array comes back from bytes as it was, which bfloat16 does not."""
    return np.dtype(array.dtype.str) == array.dtype and not array.dtype.hasobject


def encode(record: Record) -> bytes:
    """Return a record as bytes, its architecture left out."""
    history = [np.array(values, np.float64) for values in record.history.values()]
    arrays = [*history, *record.state, *record.outputs.values()]
    header = {
        "seconds": record.seconds,
        "history": list(record.history),
        "outputs": list(record.outputs),
        "arrays": [(array.dtype.str, array.shape) for array in arrays],
    }
    parts = [json.dumps(header).encode(), b"\n", *(array.tobytes() for array in arrays)]
    return b"".join(parts)


def decode(data: bytes, architecture: str) -> Record:
    """Return the record that these bytes were made of.

    Raises
    ------
    Exception
        Of some kind or other, if :func:`encode` makes no such bytes.
    """
    line, _, _ = data.partition(b"\n")
    header = json.loads(line)
    if not math.isfinite(header["seconds"]):
        raise ValueError(header["seconds"])
    start, arrays = len(line) + 1, []
    for kind, shape in header["arrays"]:
        dtype, size = np.dtype(kind), math.prod(shape)
        if dtype.kind not in "biufc" or min(shape, default=0) < 0:
            raise ValueError(kind, shape)
        arrays.append(np.frombuffer(data, dtype, size, start).reshape(shape))
        start += size * dtype.itemsize
    names, outputs = header["history"], header["outputs"]
    # A metric may be several numbers an epoch.
    columns = zip(names, arrays, strict=False)
    history = {name: own.tolist() if own.ndim == 1 else list(own) for name, own in columns}
    rest = len(arrays) - len(outputs)
    return Record(
        architecture,
        header["seconds"],
        history,
        tuple(arrays[len(names) : rest]),
        dict(zip(outputs, arrays[rest:], strict=True)),
    )


def checksum(key: bytes, epochs: int, architecture: str, data: bytes) -> bytes:
    """Return what tells whether a row is still what was written, under the same key."""
    total = blake2b(key, digest_size=16)
    total.update(f"{epochs} {architecture}\n".encode())
    total.update(data)
    return total.digest()
