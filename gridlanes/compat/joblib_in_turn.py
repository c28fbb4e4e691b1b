"""A backend of joblib that runs tasks in this thread, one after the other, and none is left out.

Joblib's own sequential backend stops at the first task that cannot go on. What one task waits for
here is no reason not to run the others: tasks of one call do not depend on each other.

Checked on joblib 1.6.
"""

from collections.abc import Callable
from typing import Any

import joblib
from joblib._parallel_backends import FallbackToBackend
from joblib.parallel import ParallelBackendBase

Outcome = tuple[Any, BaseException | None]


def in_turn(waits: type[BaseException]) -> Any:
    """Return a context in which tasks run in turn, whatever ``n_jobs``.

    Parameters
    ----------
    waits : type of exception
        Raised by a task that cannot go on. It is raised again when all tasks have been run. Any
        other exception is raised at once.
    """
    return joblib.parallel_config(InTurn(waits=waits))


def sequential() -> Any:
    """Return a context in which tasks run in this thread, as joblib itself does that."""
    return joblib.parallel_config("sequential")


class InTurn(ParallelBackendBase):
    """What the context names; each call of ``Parallel`` gets a backend of its own from it."""

    uses_threads = supports_sharedmem = True

    def effective_n_jobs(self, n_jobs: int | None) -> int:  # noqa: ARG002
        """Return one, so that work is cut into as many pieces as without a backend."""
        return 1

    def configure(self, *_: Any, **__: Any) -> int:
        """Hand over to a backend for one call."""
        raise FallbackToBackend(_Call(nesting_level=self.nesting_level, **self.backend_kwargs))

    def get_nested_backend(self) -> tuple["InTurn", None]:
        """Return the same for the calls that tasks make."""
        return InTurn(nesting_level=self.nesting_level, **self.backend_kwargs), None


class _Call(InTurn):
    """Runs the tasks of one call."""

    def effective_n_jobs(self, n_jobs: int | None) -> int:  # noqa: ARG002
        """Return two, since joblib asks no backend to run the tasks of one job."""
        return 2

    def configure(self, *_: Any, parallel: Any = None, **__: Any) -> int:
        """Have all tasks run before the first result is looked at."""
        self.parallel = parallel
        parallel.pre_dispatch = "all"
        return 2

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None]) -> Outcome:
        """Run a task."""
        try:
            outcome: Outcome = func(), None
        except self.backend_kwargs["waits"] as waiting:
            outcome = None, waiting
        callback(None)
        return outcome

    def retrieve_result(self, out: Outcome, timeout: float | None = None) -> Any:  # noqa: ARG002
        """Return what a task has returned."""
        result, waiting = out
        if waiting is not None:
            raise waiting
        return result
