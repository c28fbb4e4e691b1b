"""Where lanes are trained: in this process, or by the backend that joblib was told to use."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import joblib
from joblib.parallel import get_active_backend

from gridlanes.compat.joblib import as_backend_error, start_ray
from gridlanes.errors import BackendError
from gridlanes.planning.machine import cores

#: Joblib's backends by class, as users name them.
NAMES = {
    "ThreadingBackend": "threading",
    "SequentialBackend": "sequential",
    "InTurn": "sequential",
    "LokyBackend": "loky",
    "MultiprocessingBackend": "multiprocessing",
    "DaskDistributedBackend": "dask",
    "RayBackend": "ray",
}


@dataclass(frozen=True)
class Backend:
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
JoblibBackend = tuple[Any, int | None]


def active() -> JoblibBackend | None:
    """Return what ``joblib.parallel_config`` says, None if it names no backend."""
    backend, n_jobs = get_active_backend(prefer="threads")
    # Without a backend of the user's, a preference decides.
    named = type(backend) is type(get_active_backend(prefer="processes")[0])
    return (backend, n_jobs) if named else None


def using(given: JoblibBackend | None) -> AbstractContextManager:
    """Return a context in which joblib uses a backend that was active before."""
    return nullcontext() if given is None else joblib.parallel_config(given[0], n_jobs=given[1])


def staying() -> AbstractContextManager:
    """Return a context in which joblib stays in this process, for what is quickly done.

    Dask's backend would take scikit-learn's scoring too, although that asks for one job.
    """
    return nullcontext() if active() is None else joblib.parallel_config("sequential", n_jobs=1)


def chosen(n_jobs: int | None) -> Backend:
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
        return Backend(workers=cores())
    backend, of_context = given
    name = NAMES.get(type(backend).__name__, type(backend).__name__)
    if name == "multiprocessing":
        raise BackendError(
            'joblib\'s backend "multiprocessing" forks this process, which TensorFlow does not '
            'survive; use "loky"'
        )
    wanted = next((n for n in (n_jobs, of_context) if n is not None), -1)
    with as_backend_error(name):
        if name == "ray":
            start_ray()
        workers = joblib.effective_n_jobs(wanted)
    # Joblib runs a single job in this process, except by Dask.
    if name == "sequential" or (workers == 1 and name in ("loky", "ray")):
        return Backend(workers=cores())
    return Backend(name, workers)
