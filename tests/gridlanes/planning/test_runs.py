"""How lanes are divided into runs, for any number of workers and any memory."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.callbacks import EarlyStopping
from small_search import X, build, y

from gridlanes import GridSearchCV, KerasClassifier
from gridlanes.planning.joblib_backend import Backend
from gridlanes.planning.plan import in_words
from gridlanes.planning.planner import Plan
from gridlanes.planning.runs import divided, seconds, shares

BACKENDS = st.builds(
    Backend, st.sampled_from(["", "threading", "loky", "dask"]), st.integers(1, 300)
)


class Groups(list):
    def __repr__(self):
        # Hypothesis shows what a test was given.
        return "groups"


@pytest.fixture(scope="module")
def groups():
    """Lanes of two programs, of three batch sizes and two lengths each."""
    estimator = KerasClassifier(build, optimizer="sgd", random_state=0, units=2)
    grid = {
        "units": [2, 3],
        "batch_size": [5, 20, 40],
        "optimizer__learning_rate": np.geomspace(1e-3, 1, 12).tolist(),
        "epochs": [1, 30],
    }
    return Groups(GridSearchCV(estimator, grid, cv=2).plan(X, y).groups)


@given(backend=BACKENDS, cap=st.integers(0, 10**7))
def test_every_lane_is_in_one_run_which_fits_into_memory(groups, backend, cap):
    parts = divided(groups, cap, backend)
    for group in groups:
        lanes = [lane for part in parts if part.group is group for lane in part.lanes]
        assert sorted(lanes) == list(range(len(group.planned_lanes)))
    for part in parts:
        # No part is empty, and all of its lanes have one batch size.
        assert len({part.group.planned_lanes[lane].lane.batch_size for lane in part.lanes}) == 1
        assert 0 < part.fixed < part.seconds
    durations = [part.seconds for part in parts]
    assert durations == sorted(durations, reverse=True)


@given(cap=st.integers(0, 10**7), workers=st.integers(1, 8))
def test_no_run_takes_more_memory_than_its_worker_may(groups, cap, workers):
    for part in divided(groups, cap, Backend("threading", workers)):
        assert part.bytes <= cap // workers or len(part.lanes) == 1


@given(backend=BACKENDS)
def test_each_run_is_some_workers_share(groups, backend):
    parts = divided(groups, 10**9, backend)
    own = shares(parts, backend.workers)
    assert len(own) == backend.workers
    given_out = [id(part) for share in own for part in share]
    assert sorted(given_out) == sorted(map(id, parts))
    # Nobody waits while another has two runs to do.
    assert all(own) or max(map(len, own)) == 1


@pytest.mark.parametrize("workers", [1, 2, 7, 30, 200])
def test_the_size_of_runs_is_near_the_best_of_all(groups, workers):
    backend = Backend("dask", workers)

    def makespan(parts):
        return max(sum(part.seconds for part in own) for own in shares(parts, workers)) + 0.02 * (
            len(parts) / workers
        )

    chosen = makespan(divided(groups, 10**9, backend))
    others = []
    for lanes in (1, 2, 3, 5, 8, 12, 24, 48):
        # A memory for so many lanes gives runs of that many.
        largest = max(part.bytes / len(part.lanes) for part in divided(groups, 10**9, backend))
        others.append(
            makespan(divided(groups, math.ceil(largest * lanes), Backend("dask", workers)))
        )
    assert chosen <= 1.25 * min(others)


@pytest.mark.parametrize(("callbacks", "runs"), [([], 2), ([EarlyStopping("loss")], 1)])
def test_threads_do_not_share_what_callbacks_take(callbacks, runs):
    """They are Python's: two runs would wait for each other."""
    rows, labels = np.tile(X, (30, 1)), np.tile(y, 30)
    estimator = KerasClassifier(build, random_state=0, epochs=3, batch_size=300)
    estimator.set_params(callbacks=callbacks, units=200)
    grid = {"optimizer__learning_rate": np.geomspace(1e-3, 1, 12).tolist()}
    search = GridSearchCV(estimator, grid, cv=[(np.arange(300), np.arange(9))])
    groups = search.plan(rows, labels).groups
    assert len(divided(groups, 10**9, Backend("threading", 2))) == runs


@pytest.mark.parametrize("backend", [Backend(workers=2), Backend("dask", 3)], ids=lambda b: b.name)
def test_what_a_plan_says_of_seconds_adds_up(groups, backend):
    plan = Plan(backend, groups, divided(groups, 10**9, backend), building=3.0)
    first, second, *rest = in_words(plan).splitlines()
    total = float(re.search(r"about ([\d.]+) s", first).group(1))
    spent = dict(re.fullmatch(r"(.*) ([\d.]+) s", one).groups() for one in second.split("; "))
    assert sum(map(float, spent.values())) == pytest.approx(total, abs=0.05 + 0.005 * len(spent))
    assert spent["building networks"] == "3.00"
    one_by_one = sum(
        int(number or 1) * float(own)
        for number, own in re.findall(
            r"(?m)^  (?:(\d+) x )?run .* about ([\d.]+) s", "\n".join(rest)
        )
    )
    at_once = float(spent[f"runs, {backend.workers} at once"])
    assert one_by_one / backend.workers == pytest.approx(at_once, abs=0.05 * (len(plan.parts) + 1))


def test_a_plan_says_what_each_worker_gets(groups):
    backend = Backend("dask", 3)
    plan = Plan(backend, groups, divided(groups, 10**9, backend))
    lines = in_words(plan).splitlines()
    assert lines[0].endswith("on 3 workers by dask")
    lanes = 0
    for line in lines[lines.index(next(one for one in lines if "to each worker" in one)) + 1 :]:
        number, _, rest = line.strip().partition(" worker")
        lanes += int(number) * int(rest.split(" of ")[1].split()[0])
    assert lanes == sum(len(group.planned_lanes) for group in groups)
    assert f"about {sum(seconds(plan.parts, backend).values()):.1f} s" in lines[0]
    assert "worker" not in in_words(Plan(Backend(workers=3), groups, plan.parts))
