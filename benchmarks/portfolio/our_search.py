"""gridlanes: the whole search, and what is said of it beforehand."""

from dataclasses import asdict
from typing import Any

import gridlanes

# Loaded here, like every peer's libraries, though gridlanes itself would wait for the first fit.
import gridlanes.networks.building
import gridlanes.planning.planner
import gridlanes.planning.stored_fits
import gridlanes.workers.execute_plan
from benchmarks.portfolio.search import Search

SEED = 7


def make(search: Search) -> Any:
    """Return the search as its users write it."""
    classifies = search.kind == "classifier"
    kind = gridlanes.KerasClassifier if classifies else gridlanes.KerasRegressor
    estimator = kind(search.build, random_state=SEED, **search.settings)
    shared = {"cv": search.splitter(), "scoring": search.scoring}
    if search.draws is None:
        return gridlanes.GridSearchCV(estimator, search.space, **shared)
    return gridlanes.RandomizedSearchCV(
        estimator, search.space, n_iter=search.draws, random_state=0, **shared
    )


def whole(search: Search) -> dict[str, Any]:
    """Search; return what became of the fits."""
    made = make(search).fit(search.X, search.y)
    return {
        "best": float(made.best_score_),
        "phases": dict(made.timings_),
        "counts": asdict(made.fit_report_),
    }


def plan(search: Search) -> dict[str, Any]:
    """Return what is said of a search beforehand."""
    own = make(search).plan(search.X, search.y)
    riding = sum(
        len(numbers) for group in own.groups for ends in group.fits for numbers in ends.values()
    )
    return {
        "candidates": len(search.candidates()),
        "fits": riding + len(own.reasons) + len(own.failures),
        "riding": riding,
        "reasons": sorted({*own.reasons.values(), *map(str, own.failures.values())}),
        "programs": len(own.groups),
        "runs": len(own.parts),
        "forecast seconds": own.seconds,
        "forecast bytes": own.bytes,
    }


def audit(search: Search, fits: int) -> dict[str, Any]:
    """Return how many random fits agree with plain Keras; of none, if none rides."""
    riding = plan(search)["riding"]
    compared = make(search).audit(search.X, search.y, fits=fits) if riding else []
    largest = max((own.difference for own in compared), default=0.0)
    return {
        "fits": len(compared),
        "agree": sum(own.agrees for own in compared),
        # In words, since it is far below the digits that results are cut to.
        "difference": f"{largest:.1e}",
    }
