"""What a test may cost, as CONTRIBUTING.md says."""

import pytest

#: Seconds on two quiet cores above which a test says what it costs, and that none may exceed.
CHEAP, SHARE = 5, 20

#: Seconds of all tests that say so.
TOGETHER = 170


def test_no_test_needs_more_than_its_share(request: pytest.FixtureRequest) -> None:
    """What is longer by nature is marked `soak`, and has a short form."""
    marks = {item.nodeid: item.get_closest_marker("costs") for item in request.session.items}
    costs = {name: mark.args[0] for name, mark in marks.items() if mark is not None}
    soaking = {item.nodeid for item in request.session.items if item.get_closest_marker("soak")}
    too_dear = {name for name, seconds in costs.items() if seconds > SHARE} - soaking
    assert not too_dear, "give each a short form, and leave the long one to `make soak`"
    assert all(seconds > CHEAP for seconds in costs.values())
    assert sum(seconds for name, seconds in costs.items() if name not in soaking) <= TOGETHER
