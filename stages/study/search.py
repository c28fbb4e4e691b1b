"""The search that params.yaml describes, for the stages that run it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gridlanes import GridSearchCV, RandomizedSearchCV
from stages.study import candidates
from stages.study.artifacts import FITS
from stages.study.checks import check_data, check_scoring
from stages.study.distributions import Values, tried
from stages.study.estimator import make_searched
from stages.study.grid_checks import check_grid, check_values
from stages.study.params import Params
from stages.study.prepared import Prepared
from stages.study.routing import weighted
from stages.study.search_scores import judging
from stages.study.split_checks import as_values, check_splits, check_watched, warn_of_counting
from stages.study.splits import make_folds
from stages.study.threshold_checks import check_thresholds
from stages.study.thresholds import grid_of, with_thresholds
from stages.study.watched_rows import check_held_out, shares


def make_search(
    settings: Params, data: Prepared, names: Sequence[str] | None = None
) -> GridSearchCV | RandomizedSearchCV:
    """Return the search, checked as far as it goes untrained; called while metadata are routed.

    Parameters
    ----------
    settings : Params
    data : Prepared
    names : sequence of str, optional
        Of what scores, the one that chooses among them; all of ``grid_search`` by default.

    Raises
    ------
    InputError
        Naming the entry of params.yaml that cannot work.
    """
    section, noted = settings.grid_search, names is None
    names = section.scorers if names is None else names
    estimator, grids = checked(settings, data, names)
    warn_of_counting(data, names, "grid_search.scoring")
    estimator = weighted(estimator, data)
    check_candidates(estimator, grids, settings, data)
    options = {
        "cv": make_folds(data, section.cv, settings.seed, section.split),
        "seeds": section.seeds,
        "memory": FITS,
        **judging(section, names, data, noted=noted),
    }
    estimator = with_thresholds(estimator, names, data, settings.seed)
    grids = grid_of(estimator, grids)
    if section.n_iter is None:
        return GridSearchCV(estimator, grids, **options)
    # Drawn anew from the same state, each search inside outer folds has the same candidates.
    return RandomizedSearchCV(
        estimator, grids, n_iter=section.n_iter, random_state=settings.seed, **options
    )


def checked(
    settings: Params, data: Prepared, names: Sequence[str]
) -> tuple[Any, list[dict[str, Values]]]:
    """Return the estimator and the grids, checked as far as no network has to be built.

    Raises
    ------
    InputError
    """
    section = settings.grid_search
    check_data(data, settings.model, section.cv, "grid_search.cv")
    check_scoring(names, data, section.cv, "grid_search.scoring")
    how = section.cv, settings.seed, names
    check_splits(data, *how, "grid_search.cv", section.split)
    check_thresholds(data, *how, "grid_search.cv", section.split)
    for key_path, watching in (
        ("model.network", as_values(settings.model.network)),
        ("grid_search.network", as_values(section.network)),
        *(
            (path, {name: tried(own) for name, own in grid.items()})
            for path, grid in section.named_grids
        ),
    ):
        check_watched(data, watching, key_path)
    estimator, transformers = make_searched(settings, data)
    grids = [transformers.grid(grid, path) for path, grid in section.named_grids]
    for (path, _), grid in zip(section.named_grids, grids, strict=True):
        check_values(estimator, grid, path)
    folds = make_folds(data, section.cv, settings.seed, section.split)
    check_held_out(data, settings.seed, all_shares(settings), [folds])
    return estimator, grids


def check_candidates(
    estimator: Any, grids: Sequence[dict[str, Values]], settings: Params, data: Prepared
) -> None:
    """Check what :func:`checked` returns by building networks; called while metadata are routed.

    Raises
    ------
    InputError
    """
    for (path, _), grid in zip(settings.grid_search.named_grids, grids, strict=True):
        check_grid(estimator, data, grid, path)


def all_shares(settings: Params) -> dict[str, float]:
    """Return the shares of rows that candidates hold out, by their key paths."""
    section = settings.grid_search
    found = shares(settings.model.network, "model.network")
    found |= shares(section.network, "grid_search.network")
    for path, grid in section.named_grids:
        found |= shares({name: tried(own) for name, own in grid.items()}, path)
    return found


def search_fits(settings: Params) -> int:
    """Return how many fits one search has, without its refit."""
    section = settings.grid_search
    return section.candidates * section.cv * section.split.repeats * len(section.seeds or [0])


def as_written(settings: Params) -> list[dict[str, Any]]:
    """Return the candidates as params.yaml has them, transformers by name, in their order."""
    return candidates.as_written(settings.grid_search, settings.seed)


def cells(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return hyperparameters as cells of a table: a list as JSON, nothing as ``None``."""
    return {
        name: json.dumps(value) if isinstance(value, (list, dict)) else _or_none(value)
        for name, value in params.items()
    }


def _or_none(value: Any) -> Any:
    """Tell a value that is None from a cell that is missing."""
    return str(value) if value is None else value
