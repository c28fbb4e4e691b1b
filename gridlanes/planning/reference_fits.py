"""Fits by ``model.fit``: which go together, and in how many processes."""

from collections.abc import Sequence

from gridlanes.networks.lane import Request
from gridlanes.planning.costs import KERAS_TRACING, by_keras
from gridlanes.planning.fingerprint import fingerprint
from gridlanes.planning.runs import STARTING, TASK, shared_out

#: Tasks for each worker into which fits of one network are divided, where there are others: the
#: last one is not waited for long, and results come back before all are done.
TASKS = 2


def together(numbers: Sequence[int], requests: Sequence[Request], workers: int) -> list[list[int]]:
    """Return fits as tasks, those of a network together, since a process traces it once.

    Parameters
    ----------
    numbers : sequence of int
        Positions of requests.
    requests : sequence of Request
    workers : int
        Among whom the tasks are shared out.
    """
    alike: dict[bytes, list[int]] = {}
    for number in numbers:
        alike.setdefault(fingerprint(requests[number].lane.build.content), []).append(number)
    most = len(numbers) if workers == 1 else -(-len(numbers) // (TASKS * workers))
    return [
        fits[start : start + most] for fits in alike.values() for start in range(0, len(fits), most)
    ]


def processes(numbers: Sequence[int], requests: Sequence[Request], most: int) -> int:
    """Return in how many processes fits are done soonest; 1 stands for this one.

    Others load TensorFlow first. What a step of a large network takes is not known here, but such
    a step uses several cores in one process too.
    """

    def seconds(workers: int) -> float:
        tasks = [
            TASK + KERAS_TRACING + sum(by_keras(requests[number].lane) for number in fits)
            for fits in together(numbers, requests, workers)
        ]
        return max(shared_out(tasks, workers)[0]) + STARTING * (workers > 1)

    return min(range(1, min(most, len(numbers)) + 1), key=seconds)
