"""compute.yaml: the workers on which stages train. No output depends on it, so no stage does."""

import logging
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import joblib
from pydantic import Field, ValidationInfo, field_validator

from gridlanes.errors import text_of
from stages.study.errors import InputError
from stages.study.yaml_sections import Section, Whole, read

#: In the workspace from which DVC was called, as it is not among what DVC copies to others.
PATH = Path(os.environ.get("DVC_ROOT") or ".") / "compute.yaml"

#: Seconds in which a scheduler has to answer, and a cluster of this machine's to start.
PATIENCE, STARTING = 10, 30


class Compute(Section):
    """Which of joblib's backends trains, and where it is.

    Attributes
    ----------
    backend
        Which of joblib's backends trains.
    workers
        How many workers are started on this machine; null is as many as it has cores.
    address
        Of the scheduler of a running cluster.
    """

    backend: Literal["loky", "dask", "ray"]
    workers: Annotated[Whole, Field(ge=1)] | None = None
    address: str | None = None

    @field_validator("address")
    @classmethod
    def _of_a_cluster(cls, address: str | None, others: ValidationInfo) -> str | None:
        if address is None:
            return None
        if others.data.get("backend") == "loky":
            raise ValueError("backend loky has none: its workers are processes of this machine")
        if others.data.get("workers") is not None:
            raise ValueError("a running cluster has its own workers; give address or workers")
        return address


def load() -> Compute | None:
    """Return what compute.yaml says, None without that file.

    Raises
    ------
    InputError
        If the file is wrong, or nobody listens at its address.
    """
    # A link that leads nowhere is there.
    if not os.path.lexists(PATH):
        return None
    compute = read(PATH, Compute)
    # Asked for before anything is loaded: engines take up to minutes to give up.
    host, port = _host_and_port(compute.address or "")
    if host and port:
        try:
            socket.create_connection((host, port), timeout=PATIENCE).close()
        # A name that no host can have is not asked for, and is an error of its text.
        except (OSError, UnicodeError) as error:
            raise InputError(
                f"{PATH}: address: nobody listens at {compute.address!r}: {error}"
            ) from None
    return compute


def _host_and_port(address: str) -> tuple[str, int]:
    """Return what an address like ``tcp://scheduler:8786`` names, or nothing."""
    try:
        place = urlsplit(address if "//" in address else f"//{address}")
        host, port = place.hostname, place.port
    except ValueError:
        return "", 0
    return host or "", port or 0


@contextmanager
def elsewhere(compute: Compute | None, processes: int) -> Iterator[None]:
    """Have fits trained where compute.yaml says.

    Parameters
    ----------
    compute : Compute or None
    processes : int
        For fits by ``model.fit`` where there is no such file.

    Raises
    ------
    InputError
        If the engine is not installed, or does not answer.
    """
    if compute is None:
        with joblib.parallel_config(n_jobs=processes):
            yield
        return
    with {"loky": _loky, "dask": _dask, "ray": _ray}[compute.backend](compute):
        yield


@contextmanager
def _loky(compute: Compute) -> Iterator[None]:
    with joblib.parallel_config("loky", n_jobs=compute.workers or -1):
        yield


@contextmanager
def _dask(compute: Compute) -> Iterator[None]:
    with _needing("distributed", compute):
        from distributed import Client, LocalCluster

    # What it logs of a lost connection are tracebacks; the search says in a line what is wrong.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with ExitStack() as opened:
        with _answering(compute):
            cluster: Any = compute.address
            if cluster is None:
                own = {"n_workers": compute.workers, "threads_per_worker": 1}
                cluster = opened.enter_context(LocalCluster(**own, dashboard_address=None))
            client = _soon(lambda: Client(cluster, timeout=PATIENCE))
        opened.enter_context(client)
        opened.enter_context(joblib.parallel_config("dask"))
        yield


@contextmanager
def _ray(compute: Compute) -> Iterator[None]:
    with _needing("ray", compute):
        import ray
        from ray.util.joblib import register_ray

    register_ray()
    # Ray ends a process that has lost its cluster: after a minute, unless told otherwise.
    os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", str(PATIENCE))
    own = {"num_cpus": compute.workers, "include_dashboard": False}
    options = {"address": compute.address} if compute.address else own
    with _answering(compute):
        _soon(lambda: ray.init(**options, log_to_driver=False, logging_level=logging.ERROR))
    try:
        with joblib.parallel_config("ray"):
            yield
    finally:
        ray.shutdown()


@contextmanager
def _needing(package: str, compute: Compute) -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise InputError(
            f"{PATH}: backend: {compute.backend} needs the package {package!r}, which is not "
            f"installed\n.venv/bin/pip install -r requirements/{compute.backend}.txt"
        ) from None


def _soon(connect: Callable[[], Any]) -> Any:
    """Return what an engine answers.

    Asked in a thread, since both of them wait without end for somebody who listens and is silent.

    Raises
    ------
    TimeoutError
    """
    answers: queue.SimpleQueue = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put((connect(), None))
        except Exception as error:
            answers.put((None, error))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer, error = answers.get(timeout=STARTING)
    except queue.Empty:
        raise TimeoutError(f"no answer in {STARTING} s") from None
    if error is not None:
        raise error
    return answer


@contextmanager
def _answering(compute: Compute) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        lines = [line.strip() for line in text_of(error).splitlines() if line.strip()]
        where = f"address: no {compute.backend} cluster answers at {compute.address!r}"
        if compute.address is None:
            where = f"backend: no {compute.backend} cluster could be started here"
        said = ": ".join([type(error).__name__, *lines[:1]])
        raise InputError(f"{PATH}: {where}: {said}") from None
