"""What joblib's backends need for a search beyond what they do by themselves, in one place.

Checked on joblib 1.6, distributed 2026.8 and Ray 2.60.
"""

import re
import socket
import textwrap
import threading
import warnings
from _thread import interrupt_main
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import joblib
import numpy as np
from joblib.parallel import get_active_backend
from numpy.typing import NDArray

from gridlanes.errors import BackendError

#: How often Ray takes a task up again whose worker was lost, as Dask does.
RETRIES = 3

#: Where Ray's backend has the pool that the next call takes up, and its number of workers.
KEPT = "_kept_by_gridlanes"

#: Characters of what an engine says that are shown.
WIDTH = 300

#: Seconds between two looks at whether Dask's scheduler or Ray's head node is there, and how many
#: of those at Ray's fail before it is given up.
PERIOD, MISSED = 1.0, 3


@contextmanager
def at_work(name: str, data: NDArray) -> Iterator[Any]:
    """Make joblib's backend ready for a search.

    Parameters
    ----------
    name : str
        Of the backend.
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
    special = {"dask": _dask, "ray": _ray}.get(name, lambda _, given: nullcontext(given))
    with special(backend, data) as given:
        yield given


def returned(name: str, workers: int, calls: Iterable) -> Iterator[Any]:
    """Yield what delayed calls return, as they do.

    Parameters
    ----------
    name : str
        Of the backend.
    workers : int
    calls : iterable
        Of what ``joblib.delayed`` makes.

    Raises
    ------
    BackendError
        For whatever a call or the backend raises.
    """
    # Joblib maps arrays from a megabyte on into its processes, and sends smaller ones every time.
    mapped = {"max_nbytes": 0} if name == "loky" else {}
    with as_backend_error(name):
        parallel = joblib.Parallel(workers, return_as="generator_unordered", batch_size=1, **mapped)
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
def as_backend_error(name: str) -> Iterator[None]:
    """Turn whatever a backend raises into a line that names it.

    Raises
    ------
    BackendError
    """
    try:
        yield
    except BackendError:
        raise
    except Exception as error:
        lines = re.sub(r"\x1b\[[\d;]*m", "", str(error)).splitlines()
        if name == "ray":
            # All but the last are a traceback.
            lines = [line for line in lines if line.strip()][-1:]
        said = textwrap.shorten(" ".join([f"{type(error).__name__}:", *lines]), WIDTH)
        raise BackendError(f"{name}: {said}") from error


@contextmanager
def _dask(backend: Any, data: NDArray) -> Iterator[Any]:
    """Keep the data as the result of a task, and hear of tasks that Dask has given up.

    Joblib would scatter the data, and what is scattered is lost with the workers that hold it.
    It is called back for results, not for errors of Dask's own such as a task whose workers have
    all been killed, nor for a task that was submitted when the scheduler had gone, which it would
    wait for without end. And it would stay in this process if there is but one worker.
    """
    import dask

    submit, workers = backend.submit, backend.effective_n_jobs
    waiting: dict[Any, Callable] = {}

    def submit_and_hear(func: Any, callback: Any) -> Any:
        future = submit(func, callback)
        waiting[future] = callback

        def tell(done: Any) -> None:
            del waiting[future]
            if done.exception() is not None:
                callback(done.exception())

        future.add_done_callback(tell)
        return future

    # Dask warns of large arguments of tasks, since most of them had better be scattered.
    limit = {"distributed.admin.large-graph-warning-threshold": data.nbytes + 2**20}
    with as_backend_error("dask"), dask.config.set(limit):
        # By a function that workers and the scheduler have.
        held = backend.client.submit(np.asarray, data, pure=False)
    backend.submit = submit_and_hear
    backend.effective_n_jobs = lambda n_jobs: max(2, workers(n_jobs))
    ended = threading.Event()
    threading.Thread(
        target=_watch_scheduler, args=(backend.client, waiting, ended), daemon=True
    ).start()
    try:
        yield held
    finally:
        ended.set()
        del backend.submit, backend.effective_n_jobs


def _watch_scheduler(client: Any, waiting: Mapping[Any, Callable], ended: threading.Event) -> None:
    """Answer all that is waited for by an error when a client has lost its scheduler.

    It gives up what it had submitted by then, also if it finds another scheduler.
    """
    while not ended.wait(PERIOD):
        if client.status != "running":
            lost = ConnectionError("lost the connection to the scheduler")
            for callback in [*waiting.values()]:
                callback(lost)


def start_ray() -> None:
    """Connect to Ray, as its backend does when it is given all workers."""
    import ray

    if not ray.is_initialized():
        ray.init()


@contextmanager
def _ray(backend: Any, data: NDArray) -> Iterator[NDArray]:
    """Have results as they come and lost workers replaced, and notice if the head node goes.

    Ray's object store gets the data once. Its backend inherits from joblib's multiprocessing,
    which cannot hand results out one by one; Ray's own pool can. And it would end its workers
    after each call, so that those of the refit loaded TensorFlow again.
    """
    given = backend.ray_remote_args
    backend.supports_return_generator = True
    backend.ray_remote_args = {"max_restarts": RETRIES, "max_task_retries": RETRIES} | (given or {})
    gone, ended = threading.Event(), threading.Event()
    # Another thread than the main one cannot be interrupted.
    if threading.current_thread() is threading.main_thread():
        threading.Thread(target=_watch_head, args=(gone, ended), daemon=True).start()
    _keep_pool(backend)
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
        del backend.configure, backend.terminate, backend.abort_everything


def _keep_pool(backend: Any) -> None:
    """Have a pool put by at the end of a call, and taken up by the next one with as many workers.

    A call that fails ends its pool.
    """
    configure, abort = backend.configure, backend.abort_everything
    own = vars(backend)

    def take_up(n_jobs: int = 1, parallel: Any = None, **options: Any) -> int:
        if own.get(KEPT, (0, None))[0] != n_jobs:
            end_workers(backend)
            return int(configure(n_jobs, parallel, **options))
        backend.parallel = parallel
        own["_pool"] = own.pop(KEPT)[1]
        return n_jobs

    def put_by() -> None:
        if "_pool" in own:
            own[KEPT] = backend.parallel.n_jobs, own.pop("_pool")
        backend.reset_batch_stats()

    def give_up(ensure_ready: bool = True) -> None:
        del backend.terminate
        abort(ensure_ready)
        backend.terminate = put_by

    backend.configure, backend.terminate, backend.abort_everything = take_up, put_by, give_up


def end_workers(backend: Any) -> None:
    """End those that a backend has kept for the next fits of a search, if it has."""
    _, pool = vars(backend).pop(KEPT, (0, None))
    if pool is not None:
        pool.terminate()


def _watch_head(gone: threading.Event, ended: threading.Event) -> None:
    """Interrupt the main thread when the head node cannot be reached any more.

    Ray itself waits for a minute and then ends the process.
    """
    import ray

    host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
    missed, seen = 0, False
    while not ended.wait(PERIOD):
        try:
            socket.create_connection((host, int(port)), timeout=PERIOD).close()
            missed, seen = 0, True
        except OSError:
            missed += 1
        # A client outside the cluster may never see it.
        if seen and missed >= MISSED:
            gone.set()
            interrupt_main()
            return
