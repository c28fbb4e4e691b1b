"""Scikit-learn's own tests of its searches and cross-validation, run on ours.

Every estimator counts as one with a network here: each fit is prepared, put into the queue and
handed out as a lane's would be, except that the stand-in does the fit itself. Otherwise estimators
without a network would go straight to scikit-learn, and the tests would say nothing of ours.
"""

import importlib
import sys

import pytest
from scipy import sparse
from sklearn import model_selection
from threadpoolctl import threadpool_limits

import gridlanes
from gridlanes.model_selection import base_search, trained_folds
from gridlanes.model_selection.engine import Engine

OURS = (
    "GridSearchCV",
    "RandomizedSearchCV",
    "cross_val_predict",
    "cross_val_score",
    "cross_validate",
)

#: Tests that cannot hold, and why.
NEVER = {
    "test_custom_run_search": "all attributes must be those of a search of its own: no timings_",
}
#: Functions that are not ours, so that tests that take them as a parameter say nothing of ours.
OTHERS = (
    model_selection.learning_curve,
    model_selection.permutation_test_score,
    model_selection.validation_curve,
)
#: Parts of the names of tests left out, and why.
LEFT_OUT = {
    "array_api": "needs array libraries that are not installed, and is skipped",
    "learning_curve": "tests a function that is not ours",
    "permutation": "tests a function that is not ours",
    "test_gridsearchcv_cross_val_predict_with_method": "slow with scikit-learn's search as well",
    "validation_curve": "tests a function that is not ours",
}


def of_others(value):
    """Return whether a function that is not ours is a parameter of a test, or among several."""
    return any(
        one is other
        for one in (value if isinstance(value, tuple) else (value,))
        for other in OTHERS
    )


def often(value):
    """Return a parameter of a test; matrices, which are sparse arrays to us, are for the long form."""
    matrix = isinstance(value, type) and issubclass(value, sparse.spmatrix)
    return pytest.param(value, marks=pytest.mark.soak) if matrix else value


def borrow(name):
    """Return scikit-learn's tests, with the classes and functions of ours that they ask for."""
    name = f"sklearn.model_selection.tests.{name}"
    # Parametrizations are evaluated by the import, so that must find ours.
    sys.modules.pop(name, None)
    with pytest.MonkeyPatch.context() as patch:
        # Scikit-learn's own conftest registers this mark, and its pytest takes generators.
        patch.setitem(vars(pytest.mark), "thread_unsafe", lambda test: test)
        parametrize = pytest.mark.parametrize
        patch.setitem(
            vars(pytest.mark),
            "parametrize",
            lambda names, values, **options: parametrize(
                names, [often(value) for value in values if not of_others(value)], **options
            ),
        )
        for own in OURS:
            patch.setattr(model_selection, own, getattr(gridlanes, own))
        module = importlib.import_module(name)
    return {
        name: thing
        for name, thing in vars(module).items()
        if name.startswith("test_") and not any(part in name for part in LEFT_OUT)
    }


globals().update(borrow("test_search") | borrow("test_validation"))

# They provoke warnings on purpose, and look themselves for those that matter.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Threads of several workers would wait for each other; scikit-learn's conftest divides, too."""
    with threadpool_limits(1):
        yield


@pytest.fixture
def global_random_seed():
    """What scikit-learn's conftest gives by default."""
    return 42


def engine(estimator, *settings, needed=None, **others):
    assert needed is None
    return Engine(**others)


@pytest.fixture(autouse=True)
def handed_out(request, monkeypatch):
    reason = NEVER.get(request.function.__name__)
    if reason:
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    for module in (base_search, trained_folds):
        monkeypatch.setattr(module, "make_engine", engine)
