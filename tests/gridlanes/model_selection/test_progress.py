"""Whoever asks is told how far a search has come."""

import pytest
from sklearn.base import clone
from sklearn.model_selection import KFold
from small_search import CLASSIFIER, GRID, X, y

from gridlanes import GridSearchCV, cross_validate
from gridlanes.model_selection.progress import telling

pytestmark = pytest.mark.usefixtures("traced")

FITS = 2 * 3


def heard(act) -> list[tuple]:
    told: list[tuple] = []
    with telling(lambda *own: told.append(own)):
        act()
    return told


def test_a_search_tells_what_it_does_and_how_much_is_done():
    search = GridSearchCV(clone(CLASSIFIER).set_params(epochs=2), GRID, cv=KFold(3))
    told = heard(lambda: search.fit(X, y))
    training = [own[1:] for own in told if own[0] == "training"]
    refit = training.index((0, 2, "0 of 1 fits"))
    own, of_refit = training[:refit], training[refit:]
    assert own[0] == (0, 2 * FITS, f"0 of {FITS} fits")
    assert own[-1] == (2 * FITS, 2 * FITS, f"{FITS} of {FITS} fits")
    assert own == sorted(own)
    assert of_refit[-1] == (2, 2, "1 of 1 fits")
    parts = [own[0] for own in told]
    order = [own for n, own in enumerate(parts) if n == 0 or own != parts[n - 1]]
    assert order[0] == order[-1] == "scoring"
    after = order[order.index("training") + 1 :]
    assert after[0] == "scoring"
    assert "refitting the best" in after


def test_a_nested_cross_validation_counts_its_searches():
    search = GridSearchCV(CLASSIFIER, GRID, cv=KFold(3))
    told = heard(lambda: cross_validate(search, X, y, cv=KFold(2)))
    notes = [own[1:] for own in told if own[0] == "scoring" and own[3]]
    assert notes == [(0, 2, "0 of 2 searches"), (1, 2, "1 of 2 searches")]


def test_nobody_is_told_afterwards(capsys):
    told = heard(lambda: None)
    GridSearchCV(CLASSIFIER, GRID, cv=KFold(3), verbose=0).fit(X, y)
    assert told == []
    assert capsys.readouterr() == ("", "")
