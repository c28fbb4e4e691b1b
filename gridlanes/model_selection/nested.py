"""Many searches in one plan: one in each outer fold, or one for each permutation of the labels.

The fits of all searches are trained together, then scikit-learn goes through one search after the
other; the winners are refitted together.
"""

import copy
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from gridlanes.compat.sklearn import Scorer, check_method_params, safe_indexing, safe_split
from gridlanes.errors import ParameterError
from gridlanes.model_selection.base_search import LanesMixin
from gridlanes.model_selection.engine import Engine
from gridlanes.model_selection.fit_requests import Folds
from gridlanes.model_selection.fits import Split
from gridlanes.model_selection.own_scorers import is_own
from gridlanes.model_selection.progress import tell
from gridlanes.model_selection.search_session import Session
from gridlanes.model_selection.trained_estimator import real, stand_in

#: A search that is fitted, or what its fit ended in.
Finished = LanesMixin | Exception


def is_search(estimator: Any) -> bool:
    """Return whether an estimator is a search whose candidates are known beforehand."""
    return isinstance(estimator, LanesMixin) and estimator.knows_its_candidates


def fit_in_folds(
    engine: Engine,
    search: LanesMixin,
    X: Any,
    y: Any,
    fit_params: Mapping[str, Any],
    splits: Sequence[Split],
    *,
    train: bool = False,
) -> list[Finished]:
    """Return a clone of a search for each outer split, fitted to its training rows.

    The best estimators answer for the test rows of their split (with ``train`` for the training
    rows, too) from outputs that are there already; see :func:`settle`.
    """
    winners: list[list] = [[] for _ in splits]
    pairs = []
    for split, won in zip(splits, winners, strict=True):
        own = check_method_params(X, params=fit_params, indices=split[0])
        X_train, y_train = safe_split(search.estimator, X, y, split[0])
        pairs.append(_pair(engine, search, X_train, y_train, own, _recorder(won)))
    finished = _fit_together(engine, pairs)
    refits = []
    for number, (one, won) in enumerate(zip(finished, winners, strict=True)):
        if won and isinstance(one, LanesMixin):
            folds = Folds(X, y, one.routed_to_fit(X, fit_params), train=train)
            refits.append((number, one, folds.prepare(won[0], [{}], [splits[number]])[0]))
    outcomes = engine.train([fit for _, _, fit in refits])
    for (number, one, fit), outcome in zip(refits, outcomes, strict=True):
        try:
            session = pairs[number][1]
            trained = stand_in(fit.estimator, deque([outcome]))
            _give_best(one, trained, session.X, session.y)
        except Exception as error:
            finished[number] = error
    return finished


def permuted_best_scores(
    search: Any,
    X: Any,
    y: Any,
    *,
    permutations: int = 20,
    seed: int = 0,
    groups: Any = None,
    params: Mapping[str, Any] | None = None,
) -> NDArray:
    """Return the best score of a search on so many random permutations of the labels.

    How high ``best_score_`` climbs by chance, when there is nothing to be learnt: unlike
    ``sklearn.model_selection.permutation_test_score``, which permutes for a single model, the whole
    search is repeated (Ojala and Garriga, Journal of Machine Learning Research 11, 2010, test 1).

    Parameters
    ----------
    search : GridSearchCV or RandomizedSearchCV
        Of this package; it is not changed.
    X : array-like of shape (rows, ...)
        The rows.
    y : array-like of shape (rows,) or (rows, outputs)
        The labels.
    permutations : int
        How often they are permuted.
    seed : int
        Of the permutations.
    groups : array-like of shape (rows,), optional
        Rows of a group have one label, and it is groups that change labels: rows of which each
        says the label of the others are not exchangeable.
    params : dict, optional
        For the search's ``fit``: ``groups`` of a splitter, ``sample_weight``. They stay with their
        rows.

    Returns
    -------
    ndarray of shape (permutations,)
        The best score of each.

    Raises
    ------
    ParameterError
        For anything but a search with one score, less than one permutation, and a group with
        several labels.
    """
    if permutations < 1 or permutations != int(permutations):
        raise ParameterError(
            f"permutations must be a whole number of at least 1; found {permutations!r}"
        )
    if not is_search(search) or not isinstance(search.scoring, (str, Scorer, NoneType)):
        raise ParameterError(
            "permuted_best_scores takes a GridSearchCV or RandomizedSearchCV of gridlanes with "
            f"one scorer, given by name; found {type(search).__name__}"
        )
    orders = _orders(y, groups, permutations, np.random.default_rng(seed))
    shuffled = [safe_indexing(y, order) for order in orders]
    params = {} if params is None else params
    plain = clone(search).set_params(refit=False, return_predictions=False)
    engine = plain.make_engine(progress=plain.verbose > 0)
    if engine is None:
        return np.array([clone(plain).fit(X, own, **params).best_score_ for own in shuffled])
    with closing(engine):
        pairs = [_pair(engine, plain, X, own, params, engine.refit) for own in shuffled]
        finished = _fit_together(engine, pairs)
    return np.array([_raised(one).best_score_ for one in finished])


def _orders(
    y: Any, groups: Any, permutations: int, generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Return permutations as the rows whose labels each row gets."""
    if groups is None:
        return [generator.permutation(len(y)) for _ in range(permutations)]
    _, first, group = np.unique(np.asarray(groups), return_index=True, return_inverse=True)
    labels = np.asarray(y)
    if len(group) != len(labels):
        raise ParameterError(f"groups must have {len(labels)} rows, as y has; found {len(group)}")
    own = labels == labels[first[group]]
    if not own.all():
        row = int(np.argmin(own.reshape(len(own), -1).all(axis=1)))
        raise ParameterError(
            "groups with one label each can be permuted; found "
            f"{np.asarray(groups).tolist()[row]!r} with several"
        )
    return [generator.permutation(first)[group] for _ in range(permutations)]


def handed_out(search: LanesMixin, finished: Sequence[Finished], scoring: Any) -> Any:
    """Return a stand-in for a search whose clones are searches that are fitted already.

    Scikit-learn asks it about scorers, routing and tags, which remain the search's own. A scorer
    that is a function of the user's gets real estimators.
    """
    if is_own(scoring) or is_own(search.scoring):
        finished = [one if isinstance(one, Exception) else settle(one) for one in finished]
    clones = _clones(search, finished)
    proxy = copy.copy(search)
    proxy.__sklearn_clone__ = lambda: next(clones)
    return proxy


def settle(search: Any) -> Any:
    """Return a search that :func:`handed_out` gave to scikit-learn as an ordinary one."""
    vars(search).pop("fit", None)
    if hasattr(search, "best_estimator_"):
        search.best_estimator_ = real(search.best_estimator_)
    return search


def _clones(search: LanesMixin, finished: Sequence[Finished]) -> Iterator[Any]:
    for one in finished:
        other: Any = clone(search) if isinstance(one, Exception) else one
        other.fit = _returning(one)
        yield other


def _returning(finished: Finished) -> Callable[..., Any]:
    return lambda *_, **__: _raised(finished)


def _raised(finished: Finished) -> Any:
    if isinstance(finished, Exception):
        raise finished
    return finished


def _recorder(winners: list) -> Callable[..., Any]:
    """Return a refit that only notes which estimator is to be refitted."""

    def record(estimator: Any, *_: Any) -> Any:
        winners.append(estimator)
        return estimator

    return record


def _pair(
    engine: Engine, search: LanesMixin, X: Any, y: Any, params: Mapping[str, Any], refit: Any
) -> tuple[Any, Session]:
    own: Any = clone(search)
    if isinstance(own.cv, Iterable) and not hasattr(own.cv, "split"):
        # Splits are asked for twice, which an iterator does not survive.
        own.cv = list(own.cv)
    return own, Session(engine, own.estimator, X, y, params, refit)


def _fit_together(engine: Engine, pairs: Sequence[tuple[Any, Session]]) -> list[Finished]:
    prepared: list[Any] = []
    for search, session in pairs:
        tell("preparing rows", len(prepared), len(pairs))
        try:
            prepared.append(search.prepare(session))
        except Exception as error:
            prepared.append(error)
    ready = [one for one in prepared if not isinstance(one, Exception)]
    outcomes = engine.train([fit for fits, _ in ready for fit in fits])
    finished: list[Finished] = []
    for (search, session), one in zip(pairs, prepared, strict=True):
        if isinstance(one, Exception):
            finished.append(one)
            continue
        tell("scoring", len(finished), len(pairs), f"{len(finished):,} of {len(pairs):,} searches")
        fits, splits = one
        session.ready = [outcomes.popleft() for _ in fits], splits
        try:
            search.fit_in(session)
        except Exception as error:
            finished.append(error)
        else:
            finished.append(search)
        # Weights and outputs of all fits, of which only scores are left to be wanted.
        session.finished.clear()
    return finished


def _give_best(search: LanesMixin, trained: Any, X: Any, y: Any) -> None:
    """Give a search its best estimator, as its ``fit`` does."""
    search.best_estimator_ = clone(trained).fit(X, y)
    if hasattr(search.best_estimator_, "feature_names_in_"):
        search.feature_names_in_ = search.best_estimator_.feature_names_in_
