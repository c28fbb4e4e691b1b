"""Where lanes are trained: in this process, or by the backend that joblib was told to use.

What a backend needs beyond joblib's own doing stands here, checked on joblib 1.5, distributed
2026.8 and Ray 2.60.
"""

import re
import socket
import threading
import warnings
from _thread import interrupt_main
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import joblib
from joblib.parallel import get_active_backend
from numpy.typing import NDArray

from gridlanes.errors import BackendError
from gridlanes.machine import cores

#: Joblib's backends by class, as users name them.
NAMES = {
    "ThreadingBackend": "threading",
    "SequentialBackend": "sequential",
    "LokyBackend": "loky",
    "MultiprocessingBackend": "multiprocessing",
    "DaskDistributedBackend": "dask",
    "RayBackend": "ray",
}

#: How often Ray takes a task up again whose worker was lost, as Dask does.
RETRIES = 3

#: Seconds between two looks at whether Ray's head node is there, and how many of them fail
#: before it is given up.
PERIOD, MISSED = 1.0, 3


@dataclass(frozen=True)
class Place:
    """Where lanes are trained.

    Attributes
    ----------
    name : str
        Of joblib's backend; empty where none was chosen, which means threads of this process.
    workers : int
        How many runs are under way at once.
    """

    name: str = ""
    workers: int = 1

    @property
    def remote(self) -> bool:
        """Whether the workers are other processes."""
        return self.name not in ("", "threading")


#: A backend of joblib and the ``n_jobs`` that came with it.
Backend = tuple[Any, int | None]


def active() -> Backend | None:
    """Return what ``joblib.parallel_config`` says, None if it names no backend."""
    backend, n_jobs = get_active_backend(prefer="threads")
    # Without a backend of the user's, a preference decides.
    named = type(backend) is type(get_active_backend(prefer="processes")[0])
    return (backend, n_jobs) if named else None


def using(given: Backend | None) -> AbstractContextManager:
    """Return a context in which joblib uses a backend that was active before."""
    return nullcontext() if given is None else joblib.parallel_config(given[0], n_jobs=given[1])


def staying() -> AbstractContextManager:
    """Return a context in which joblib stays in this process, for what is quickly done.

    Dask's backend would take scikit-learn's scoring too, although that asks for one job.
    """
    return nullcontext() if active() is None else joblib.parallel_config("sequential", n_jobs=1)


def chosen(n_jobs: int | None) -> Place:
    """Return where lanes are trained in the present context.

    Without ``joblib.parallel_config``, or if that leaves no more than one worker, these are the
    threads of this process.

    Parameters
    ----------
    n_jobs : int or None
        Workers, as in joblib, but for one thing: None, if the context does not say either, are
        all that the backend has.

    Raises
    ------
    BackendError
        If the backend cannot be reached, or cannot train networks.
    """
    given = active()
    if given is None:
        return Place(workers=cores())
    backend, of_context = given
    name = NAMES.get(type(backend).__name__, type(backend).__name__)
    if name == "multiprocessing":
        raise BackendError(
            'joblib\'s backend "multiprocessing" forks this process, which TensorFlow does not '
            'survive; use "loky"'
        )
    wanted = next((n for n in (n_jobs, of_context) if n is not None), -1)
    with _as_backend_error(name):
        if name == "ray":
            _start_ray()
        workers = joblib.effective_n_jobs(wanted)
    # Joblib runs a single job in this process, except by Dask.
    if name == "sequential" or (workers == 1 and name in ("loky", "ray")):
        return Place(workers=cores())
    return Place(name, workers)


@contextmanager
def at_work(place: Place, data: NDArray) -> Iterator[Any]:
    """Make joblib's backend ready for a search.

    Parameters
    ----------
    place : Place
    data : ndarray
        What all tasks need.

    Yields
    ------
    Any
        What to give to each task as the data, so that they travel once to each worker.

    Raises
    ------
    BackendError
    """
    backend, _ = get_active_backend()
    special = {"dask": _dask, "ray": _ray}.get(place.name, lambda _, given: nullcontext(given))
    with special(backend, data) as given:
        yield given


def returned(place: Place, calls: Iterable) -> Iterator[Any]:
    """Yield what delayed calls return, as they do.

    Raises
    ------
    BackendError
        For whatever a call or the backend raises.
    """
    with _as_backend_error(place.name):
        parallel = joblib.Parallel(place.workers, return_as="generator_unordered", batch_size=1)
        results = parallel(calls)
        try:
            for own in results:  # noqa: UP028 - closed below, not by "yield from"
                yield own
        finally:
            # Joblib warns of a generator that is left before its end.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                results.close()


@contextmanager
def _as_backend_error(name: str) -> Iterator[None]:
    try:
        yield
    except BackendError:
        raise
    except Exception as error:
        # The last line says why; Ray colours it.
        lines = re.sub(r"\x1b\[[\d;]*m", "", str(error)).split("\n")
        said = [line.strip() for line in lines if line.strip()][-1:]
        raise BackendError(f"{name}: {': '.join([type(error).__name__, *said])}") from error


@contextmanager
def _dask(backend: Any, data: NDArray) -> Iterator[Any]:
    """Keep the data as the result of a task, and hear of tasks that Dask has given up.

    Joblib would scatter the data, and what is scattered is lost with the workers that hold it.
    It is called back for results, not for errors of Dask's own such as a task whose workers have
    all been killed, which it would wait for without end. And it would stay in this process if
    there is but one worker.
    """
    import dask

    submit, workers = backend.submit, backend.effective_n_jobs

    def submit_and_hear(func: Any, callback: Any) -> Any:
        future = submit(func, callback)

        def tell(done: Any) -> None:
            if done.exception() is not None:
                callback(done.exception())

        future.add_done_callback(tell)
        return future

    # Dask warns of large arguments of tasks, since most of them had better be scattered.
    limit = {"distributed.admin.large-graph-warning-threshold": data.nbytes + 2**20}
    with _as_backend_error("dask"), dask.config.set(limit):
        held = backend.client.submit(_same, data, pure=False)
    backend.submit = submit_and_hear
    backend.effective_n_jobs = lambda n_jobs: max(2, workers(n_jobs))
    try:
        yield held
    finally:
        del backend.submit, backend.effective_n_jobs


def _same(data: NDArray) -> NDArray:
    return data


def _start_ray() -> None:
    import ray

    if not ray.is_initialized():
        ray.init()


@contextmanager
def _ray(backend: Any, data: NDArray) -> Iterator[NDArray]:
    """Have results as they come and lost workers replaced, and notice if the head node goes.

    Ray's object store gets the data once. Its backend inherits from joblib's multiprocessing,
    which cannot hand results out one by one; Ray's own pool can.
    """
    given = backend.ray_remote_args
    backend.supports_return_generator = True
    backend.ray_remote_args = {"max_restarts": RETRIES, "max_task_retries": RETRIES} | (given or {})
    gone, ended = threading.Event(), threading.Event()
    watch = threading.Thread(target=_watch_head, args=(gone, ended), daemon=True)
    watch.start()
    try:
        yield data
    except KeyboardInterrupt:
        if gone.is_set():
            raise BackendError("ray: the head node is gone") from None
        raise
    finally:
        ended.set()
        backend.ray_remote_args = given
        del backend.supports_return_generator


def _watch_head(gone: threading.Event, ended: threading.Event) -> None:
    """Interrupt the main thread when the head node cannot be reached any more.

    Ray itself waits for a minute and then ends the process.
    """
    import ray

    host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
    missed = 0
    while not ended.wait(PERIOD):
        try:
            socket.create_connection((host, int(port)), timeout=PERIOD).close()
            missed = 0
        except OSError:
            missed += 1
        if missed == MISSED:
            gone.set()
            interrupt_main()
            return
