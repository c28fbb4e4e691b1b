"""Runs in the threads of this process, while other programs are traced."""

import numpy as np
import pytest
from sklearn.base import clone
from small_search import CLASSIFIER, X, without_graph, y

from gridlanes import GridSearchCV
from gridlanes.programs.program import Program

GRID = {"optimizer__learning_rate": [0.1, 0.2]}
SPLIT = [(np.arange(40), np.arange(40, 60))]


@pytest.mark.parametrize("what", ["outputs", "validation"])
def test_what_cannot_be_traced_beside_the_first_steps_is_trained_by_model_fit(what, monkeypatch):
    """Whatever TensorFlow cannot do for lanes, predicting included."""

    def fails(*_):
        raise TypeError("not for lanes")

    monkeypatch.setattr(Program, what, fails)
    estimator = clone(CLASSIFIER).set_params(validation_split=0.25, epochs=2)
    search = GridSearchCV(estimator, GRID, cv=SPLIT, refit=False)
    late = "2 of 2 fits turned out not to ride.*TypeError: not for lanes"
    with without_graph(), pytest.warns(UserWarning, match=late):
        found = search.fit(X, y).cv_results_["mean_test_score"]
    with without_graph():
        expected = search.set_params(engine="keras").fit(X, y).cv_results_["mean_test_score"]
    assert found.tolist() == expected.tolist()


def test_an_interrupt_meanwhile_ends_all_threads(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Program, "outputs", interrupted)
    with pytest.raises(KeyboardInterrupt):
        GridSearchCV(CLASSIFIER, GRID, cv=2).fit(X, y)
