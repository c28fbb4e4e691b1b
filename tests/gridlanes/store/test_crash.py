"""Killed at any moment, a search goes on where it was and ends as if nothing had happened."""

import json
import multiprocessing
import os
import random
import sys
import time
from multiprocessing import forkserver

import killed_search
import pytest

pytestmark = pytest.mark.xdist_group("crash")


@pytest.fixture(scope="module")
def processes():
    """Processes forked from one that has loaded TensorFlow, which takes seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["killed_search"])
    with pytest.MonkeyPatch.context() as patch:
        # The process that is forked from does not take over this one's search path by itself.
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return context


@pytest.mark.costs(13)
@pytest.mark.parametrize("times", [8, pytest.param(50, marks=pytest.mark.soak)])
def test_kills_lose_nothing_and_train_nothing_twice(times, processes, tmp_path):
    uninterrupted = killed_search.results(
        killed_search.search(refit=False).fit(killed_search.X, killed_search.Y)
    )
    path, notes = tmp_path / "fits.sqlite", tmp_path / "notes"
    draw, stored, kills, longest = random.Random(7), set(), 0, 1.5
    for _ in range(times):
        notes.write_text("")
        process = processes.Process(target=killed_search.run, args=(path, notes))
        process.start()
        started = time.monotonic()
        process.join(draw.uniform(0.1, longest))
        if process.is_alive():
            process.kill()
            kills += 1
        else:
            longest = min(longest, time.monotonic() - started)
        process.join()
        if not stored:
            # A busy machine may take longer to come to the first fit.
            longest *= 1.2
        said = [json.loads(line) for line in notes.read_text().splitlines() if line.endswith("]")]
        for what, keys in said:
            if what == "missing":
                assert not stored & set(keys)
            if what == "stored":
                assert not stored & set(keys)
                stored |= set(keys)
    assert kills > 0.4 * times
    assert stored
    found = killed_search.search(path, refit=False).fit(killed_search.X, killed_search.Y)
    assert found.fit_report_.found >= len(stored)
    assert killed_search.results(found) == uninterrupted


def test_two_searches_share_a_store_at_once(processes, tmp_path):
    path = tmp_path / "fits.sqlite"
    running = [
        processes.Process(target=killed_search.run, args=(path, tmp_path / f"notes {number}"))
        for number in range(2)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0, 0]
    again = killed_search.search(path, refit=False).fit(killed_search.X, killed_search.Y)
    assert again.fit_report_.found == killed_search.FITS
