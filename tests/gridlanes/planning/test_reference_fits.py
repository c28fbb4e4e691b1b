"""How fits by ``model.fit`` are put together, and when more processes pay for themselves."""

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from small_search import build

from gridlanes.networks.building import bind
from gridlanes.networks.lane import Lane, Request
from gridlanes.planning.reference_fits import processes, together

X = np.zeros((40, 3), "float32")
META = {"X_shape_": X.shape, "target_type_": "continuous", "n_outputs_": 1}
OWN = {"optimizer": None, "loss": None, "metrics": None}


def fits(networks, seeds, epochs=1):
    """Return fits of some networks, each with some seeds."""
    return [
        Request(Lane(bind(build, OWN, {"units": n}, META), X, X[:, 0], None, None, epochs, 4, seed))
        for seed in range(seeds)
        for n in range(networks)
    ]


@given(st.integers(1, 6), st.integers(1, 9), st.integers(1, 70))
def test_every_fit_is_in_one_task_with_others_of_its_network(networks, seeds, workers):
    requests = fits(networks, seeds)
    own = [number for number in range(len(requests)) if number % 5]
    tasks = together(own, requests, workers)
    assert sorted(chain(*tasks)) == own
    of_task = [{requests[number].lane.build.arguments["units"] for number in one} for one in tasks]
    assert all(len(one) == 1 for one in of_task)
    if workers == 1:
        # In one process nothing is between the fits of a network.
        assert len(tasks) == len(set.union(set(), *of_task))


def test_a_network_is_divided_only_if_others_leave_workers_idle():
    assert len(together(range(30), fits(10, 3), workers=2)) == 10
    assert [len(own) for own in together(range(12), fits(1, 12), workers=2)] == [3] * 4


def test_more_processes_are_used_if_they_pay():
    short, long = fits(2, 6), fits(2, 6, epochs=300)
    assert processes(range(3), short, 8) == processes(range(12), long, 1) == 1
    assert processes(range(12), long, 2) == 2
    assert 3 < processes(range(12), long, 64) <= 12
