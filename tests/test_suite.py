"""What a test may cost, as CONTRIBUTING.md says."""

import gc

import pytest

#: Seconds on two quiet cores above which a test says what it costs, and that none may exceed.
CHEAP, SHARE = 5, 20

#: Seconds of all tests that say so, each parameter counted.
TOGETHER = 40


def costs(seconds: float) -> float:
    """Return what a mark says, however it is written."""
    return seconds


def test_no_test_needs_more_than_its_share(request: pytest.FixtureRequest) -> None:
    """What is longer by nature is marked `soak`, and has a short form."""
    said = {}
    for item in request.session.items:
        mark = item.get_closest_marker("costs")
        if mark is not None and item.get_closest_marker("soak") is None:
            said[item.nodeid] = costs(*mark.args, **mark.kwargs)
    too_dear = [name for name, seconds in said.items() if seconds > SHARE]
    assert not too_dear, (
        f"over {SHARE} s: give each a short form, leave the long one to `make soak`"
    )
    unmarked = [name for name, seconds in said.items() if seconds <= CHEAP]
    assert not unmarked, f"up to {CHEAP} s, a test needs no mark"
    total = sum(said.values())
    assert total <= TOGETHER, f"make others cheaper: {total} s of {TOGETHER} s, as they say"


def test_garbage_is_collected_but_for_what_was_loaded_first() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
