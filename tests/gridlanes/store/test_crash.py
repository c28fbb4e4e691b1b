"""Killed at any moment, a search goes on where it was and ends as if nothing had happened."""

import json
import random
import time

import forked
import killed_search
import pytest

pytestmark = [
    # They fork from the same process as Dask's workers.
    pytest.mark.xdist_group("clusters"),
    pytest.mark.usefixtures("traced"),
]


@pytest.mark.costs(7)
@pytest.mark.parametrize("times", [4, pytest.param(50, marks=pytest.mark.soak)])
def test_kills_lose_nothing_and_train_nothing_twice(times, tmp_path):
    uninterrupted = killed_search.results(
        killed_search.search(refit=False).fit(killed_search.X, killed_search.Y)
    )
    path, notes = tmp_path / "fits.sqlite", tmp_path / "notes"
    draw, stored, kills, longest = random.Random(7), set(), 0, 1.5
    for begun in range(3 * times):
        # A busy machine may be killed a few times before its first fit is stored.
        if begun >= times and stored:
            break
        notes.write_text("")
        process = forked.context().Process(target=killed_search.run, args=(path, notes))
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
            longest *= 1.5
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


def test_two_searches_share_a_store_at_once(tmp_path):
    path = tmp_path / "fits.sqlite"
    running = [
        forked.context().Process(
            target=killed_search.run, args=(path, tmp_path / f"notes {number}")
        )
        for number in range(2)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0, 0]
    again = killed_search.search(path, refit=False).fit(killed_search.X, killed_search.Y)
    assert again.fit_report_.found == killed_search.FITS
