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

from gridlanes.compat.load_keras import load_keras
from gridlanes.errors import BackendError
from gridlanes.store.versions import versions
from gridlanes.workers.array_parcels import unpacked

#: Of Keras' settings those that decide what a network is and how it is trained.
SETTINGS = ("floatx", "epsilon", "image_data_format")

#: Programs that a worker keeps for its next task, by digest of what they were made from.
KEPT = 8

_programs: OrderedDict[Any, Any] = OrderedDict()


def train_lanes(
    data: NDArray[np.uint8],
    header: Mapping[str, Any],
    spec: tuple[bytes, bytes],
    lanes: bytes,
) -> Any:
    """Train lanes of one program.

    Parameters
    ----------
    data : ndarray of shape (bytes,)
        See :class:`gridlanes.workers.array_parcels.Hold`.
    header : mapping
        See :func:`gridlanes.workers.joblib_tasks.header`.
    spec : tuple of bytes
        Digest and parcel of what the program is made from.
    lanes : bytes
        Parcel of a list of :class:`gridlanes.programs.planned_lane.PlannedLane`.

    Returns
    -------
    list of (int, int, Snapshot or Exception), CannotRideError or Exception
        Number of a lane, epoch, and snapshot or what a callback raised; or what training raised.

    Raises
    ------
    BackendError
        If the worker has other versions than the search.
    """
    _get_ready(header)

    import tensorflow as tf

    from gridlanes.programs.mini_batches import make_pool
    from gridlanes.programs.training_loop import Run
    from gridlanes.workers.fit_results import untraceable

    with _settings(header, data):
        made_from, own = _unpacked(spec[1], data), _unpacked(lanes, data)
        try:
            program = _program(spec[0], made_from, header)
            network = program.network
            pool = make_pool(
                [planned.lane for planned in own],
                own[0].sizes.width,
                network.objective.given,
                header["floatx"],
            )
            run = Run(program, pool, own, stop=threading.Event())
            run.prepare()
            run.prepare_ends()
        except ModuleNotFoundError as error:
            return _portable(error)
        except Exception as error:
            return untraceable(error)
    try:
        run.train()
    except tf.errors.OpError as error:
        return untraceable(error)
    except Exception as error:
        return _portable(error)
    return [
        (number, epoch, _portable(own) if isinstance(own, Exception) else own)
        for number, epoch, own in run.taken
    ]


def train_by_reference(
    data: NDArray[np.uint8], header: Mapping[str, Any], requests: bytes
) -> list[tuple | Exception]:
    """Train fits by ``model.fit``.

    Parameters
    ----------
    data, header
        See :func:`train_lanes`.
    requests : bytes
        Parcel of a list of :class:`gridlanes.networks.lane.Request`.

    Returns
    -------
    list of tuple or Exception
        Of each fit history, pickled loss (None if it cannot be), outputs, seconds and state, see
        :class:`gridlanes.networks.lane.LaneResult`; or what training raised.

    Raises
    ------
    BackendError
        If the worker has other versions than the search.
    """
    _get_ready(header)
    # What Keras draws while it trains comes from global generators too.
    with _settings(header, data):
        return [_by_reference(request) for request in _unpacked(requests, data)]


def _by_reference(request: Any) -> tuple | Exception:
    from gridlanes.networks import reference

    try:
        result = reference.run(request)
    except Exception as error:
        return _portable(error)
    try:
        loss = cloudpickle.dumps(result.loss)
    except Exception:
        loss = None
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
            f"{_who()} cannot train fits of this search, since it has {said}; versions must be "
            "equal"
        )
    # Dask, Ray and loky say so for OpenMP, which TensorFlow does not use.
    granted = os.environ.get("OMP_NUM_THREADS")
    if granted:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", granted)
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", granted)
    load_keras()


@contextmanager
def _settings(header: Mapping[str, Any], data: NDArray[np.uint8]) -> Iterator[None]:
    """Have Keras' global settings those of the search, for one task at a time."""
    import keras

    from gridlanes.compat.keras import making
    from gridlanes.compat.tensorflow import devices

    if devices() != header["devices"]:
        raise BackendError(
            f"{_who()} computes on {devices()}, the search on {header['devices']}; they round "
            "differently, and must be equal"
        )
    config = keras.config
    with making:
        given = {name: getattr(config, name)() for name in SETTINGS}
        policy = config.dtype_policy().name
        try:
            for name in SETTINGS:
                getattr(config, f"set_{name}")(header[name])
            # Keras keeps one for each thread, made from the float type that was set at first.
            config.set_dtype_policy(header["dtype_policy"])
            with keras.saving.custom_object_scope(_unpacked(header["objects"], data)):
                yield
        finally:
            for name, value in given.items():
                getattr(config, f"set_{name}")(value)
            config.set_dtype_policy(policy)


def _unpacked(parcel: bytes, data: NDArray[np.uint8]) -> Any:
    try:
        return unpacked(parcel, data)
    except Exception as error:
        raise BackendError(
            f"{_who()} cannot unpack what a fit needs: {type(error).__name__}: {error}"
        ) from None


def _program(digest: bytes, spec: Any, header: Mapping[str, Any]) -> Any:
    """Return a program, the one of an earlier task if there is one."""
    from gridlanes.programs.program import Program

    # Settings are constants of what has been traced.
    key = digest, *(header[name] for name in (*SETTINGS, "dtype_policy"))
    if key not in _programs:
        _programs[key] = Program(spec)
    _programs.move_to_end(key)
    while len(_programs) > KEPT:
        _programs.popitem(last=False)
    return _programs[key]


def _who() -> str:
    return f"worker {os.getpid()} on {platform.node()}"


def _portable(error: Exception) -> Exception:
    """Return an exception that can be sent back.

    Raises
    ------
    BackendError
        For a module that is not there: another worker would have trained the fit.
    """
    if isinstance(error, ModuleNotFoundError):
        raise BackendError(f"{_who()} lacks what a fit needs: {error}") from None
    try:
        cloudpickle.loads(cloudpickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
