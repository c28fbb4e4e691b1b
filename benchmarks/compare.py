"""The part ``peers``: everyone on the tutorial's grid, interleaved over several rounds.

Interleaved, so that what else the machine does falls on all alike; each round has its own order
and its own sample.
"""

from statistics import median
from typing import Any

import numpy as np

from benchmarks.measure import Measurement, MeasurementError, measure
from benchmarks.options import Options
from benchmarks.peers import PEERS, Peer
from benchmarks.sampling import sample_candidates
from benchmarks.tasks import Task


def run(options: Options) -> dict[str, Any]:
    """Measure all peers; return every round and the medians."""
    task = Task()
    rounds: dict[str, list[Measurement]] = {name: [] for name in PEERS}
    failures: dict[str, str] = {}
    for number in range(options.repeats):
        order = np.random.default_rng([options.seed, number]).permutation(list(PEERS))
        sample = sample_candidates(task, [options.seed, number], smaller=options.quick)
        for name in map(str, order):
            options.say(f"peers, round {number + 1} of {options.repeats}: {PEERS[name].label}")
            candidates = sample if _is_sampled(PEERS[name], options) else None
            try:
                rounds[name].append(measure(PEERS[name], task, candidates=candidates))
            except MeasurementError as error:
                failures[name] = str(error)
    return {
        "fits": len(task.cells()),
        "rounds": options.repeats,
        "peers": {
            name: {"label": peer.label, "sampled": _is_sampled(peer, options)}
            | ({"error": failures[name]} if name in failures else summary(rounds[name]))
            for name, peer in PEERS.items()
        },
    }


def _is_sampled(peer: Peer, options: Options) -> bool:
    if options.full:
        return False
    return peer.sampled == "always" or (options.quick and peer.sampled == "quick")


def summary(rounds: list[Measurement]) -> dict[str, Any]:
    """Return the medians over rounds, and the rounds."""
    names = list(rounds[0].phases)
    return {
        "fits": rounds[0].fits,
        "imports": median(m.imports for m in rounds),
        "search": median(m.search for m in rounds),
        "total": median(m.imports + m.search for m in rounds),
        "memory": median(m.memory for m in rounds),
        "phases": {name: median(m.phases.get(name, 0.0) for m in rounds) for name in names},
        "rounds": [m.as_dict() for m in rounds],
    }
