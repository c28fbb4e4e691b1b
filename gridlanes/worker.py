"""What a worker does with a task: in a process that may be on another machine.

Nothing is unpacked, and TensorFlow is not loaded, before the worker's versions are found to be
those of the search.
"""

import os
import platform
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import cloudpickle
import numpy as np
from numpy.typing import NDArray

from gridlanes.cargo import unpacked
from gridlanes.errors import BackendError
from gridlanes.loading import load_keras
from gridlanes.versions import versions

#: Programs that a worker keeps for its next task, by digest of what they were made from.
KEPT = 8

_programs: OrderedDict[bytes, Any] = OrderedDict()

# Networks are made and traced with Keras' global names and generators.
_making = threading.RLock()


def train_lanes(
    data: NDArray[np.uint8], header: Mapping[str, Any], spec: tuple[bytes, bytes], riders: bytes
) -> Any:
    """Train lanes of one program.

    Parameters
    ----------
    data : ndarray of shape (bytes,)
        See :class:`gridlanes.cargo.Hold`.
    header : mapping
        See :func:`gridlanes.tasks.header`.
    spec : tuple of bytes
        Digest and parcel of what the program is made from.
    riders : bytes
        Parcel of a list of :class:`gridlanes.rider.Rider`.

    Returns
    -------
    list of (int, int, Snapshot) or Exception
        Number of a rider, epoch and snapshot; or what training raised.

    Raises
    ------
    BackendError
        If the worker has other versions than the search.
    """
    _get_ready(header)

    from gridlanes.streams import make_pool
    from gridlanes.training import Run

    try:
        with _settings(header):
            program = _program(spec, data)
            own = unpacked(riders, data)
            network = program.network
            pool = make_pool(
                [rider.lane for rider in own], network.width, network.loss_given, header["floatx"]
            )
            run = Run(program, pool, own, stop=threading.Event())
            run.prepare()
        run.train()
    except Exception as error:
        return _portable(error)
    return list(run.taken)


def train_by_reference(
    data: NDArray[np.uint8], header: Mapping[str, Any], request: bytes
) -> tuple | Exception:
    """Train one fit by ``model.fit``.

    Parameters
    ----------
    data, header
        See :func:`train_lanes`.
    request : bytes
        Parcel of a :class:`gridlanes.lane.Request`.

    Returns
    -------
    tuple or Exception
        History, parcel of the loss, outputs, seconds and state, see
        :class:`gridlanes.lane.LaneResult`; or what training raised.

    Raises
    ------
    BackendError
        If the worker has other versions than the search.
    """
    _get_ready(header)

    from gridlanes import reference

    try:
        # What Keras draws while it trains comes from global generators too.
        with _settings(header):
            result = reference.run(unpacked(request, data))
            loss = cloudpickle.dumps(result.loss)
    except Exception as error:
        return _portable(error)
    return result.history, loss, result.outputs, result.seconds, result.state


def _get_ready(header: Mapping[str, Any]) -> None:
    """Check versions, and load Keras with as many threads as the engine grants to a task."""
    differing = {
        name: (own, header["versions"].get(name))
        for name, own in versions().items()
        if own != header["versions"].get(name)
    }
    if differing:
        said = ", ".join(f"{name} {own}, not {asked}" for name, (own, asked) in differing.items())
        raise BackendError(
            f"worker {os.getpid()} on {platform.node()} cannot train fits of this search, since "
            f"it has {said}; versions must be equal"
        )
    # Dask, Ray and loky say so for OpenMP, which TensorFlow does not use.
    granted = os.environ.get("OMP_NUM_THREADS")
    if granted:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", granted)
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", granted)
    load_keras()


@contextmanager
def _settings(header: Mapping[str, Any]) -> Iterator[None]:
    """Have Keras' global settings those of the search, for one task at a time."""
    from keras import config

    with _making:
        given = config.floatx(), config.epsilon()
        config.set_floatx(header["floatx"])
        config.set_epsilon(header["epsilon"])
        try:
            yield
        finally:
            config.set_floatx(given[0])
            config.set_epsilon(given[1])


def _program(spec: tuple[bytes, bytes], data: NDArray[np.uint8]) -> Any:
    """Return a program, the one of an earlier task if there is one."""
    from gridlanes.program import Program

    digest, parcel = spec
    if digest not in _programs:
        _programs[digest] = Program(unpacked(parcel, data))
    _programs.move_to_end(digest)
    while len(_programs) > KEPT:
        _programs.popitem(last=False)
    return _programs[digest]


def _portable(error: Exception) -> Exception:
    """Return an exception that can be sent back."""
    try:
        cloudpickle.loads(cloudpickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
