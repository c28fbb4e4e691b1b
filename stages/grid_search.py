"""Compare the candidates of the search: a table of all, and the winner refitted on all rows."""

import itertools
import math
import platform
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from gridlanes import GridSearchCV, __version__
from stages.study import compute, params, training_curves
from stages.study.artifacts import BEST, GRID_SEARCH, write_csv, write_json, write_parquet
from stages.study.checks import check_finite
from stages.study.errors import InputError, run, say, warn
from stages.study.measures import measure
from stages.study.nested_checks import check_nested
from stages.study.predictions import of_candidates, probability_names
from stages.study.prepared import Prepared, read_prepared
from stages.study.routing import routing
from stages.study.scorer_doubts import doubts
from stages.study.search import as_written, cells, make_search, search_fits
from stages.study.search_scores import as_of_one, of_others
from stages.study.sections.scoring import ONE_STANDARD_ERROR
from stages.study.sections.searching import GridSearch
from stages.study.splits import repeats_of
from stages.study.thresholds import (
    chosen_threshold,
    class_at,
    named_at,
    thresholds_of,
    without_threshold,
)
from stages.study.training import training
from stages.study.winner import write_winner
from stages.study.writing import writing

#: The packages that compute and score.
LIBRARIES = ("tensorflow", "keras", "scikit-learn", "numpy", "scipy", "pandas")


def main() -> None:
    """Run the stage."""
    settings, workers = params.load(), compute.load()
    data = read_prepared()
    for doubt in doubts(data.profile, settings.grid_search.scorers):
        warn(f"{params.PATH}: grid_search.scoring: {doubt}")
    with routing(data) as given:
        search = make_search(settings, data).set_params(return_predictions=True)
        # What is wrong with it would otherwise be told when the search has been run.
        check_nested(settings, data)
        with training(search_fits(settings), workers, "search, {fits} fits"):
            search.fit(data.X, data.y, **given)
    written = as_written(settings)
    table = candidates(search.cv_results_, written, settings.grid_search)
    best = winner(search, table, written, settings.grid_search)
    section = settings.grid_search
    at = chosen_threshold(search.best_estimator_, section.chooser, section.scorers, data)
    best |= {} if at is None else {"threshold": at}
    with writing(BEST) as folder:
        write_winner(without_threshold(search.best_estimator_), data, best, folder)
        with writing(GRID_SEARCH) as tables:
            write_csv(table, tables / "cv_results.csv")
            write_json(best, tables / "best.json")
            write_parquet(predictions(search, data, section), tables / "predictions.parquet")
            write_parquet(histories(search), tables / "curves.parquet")
    say(search.fit_report_)


def plan() -> None:
    """Print what would be trained how, without training."""
    settings, workers = params.load(), compute.load()
    data = read_prepared()
    with routing(data) as given:
        search = make_search(settings, data)
        with training(search_fits(settings), workers):
            say(search.plan(data.X, data.y, **given))


def audit(fits: int) -> None:
    """Train so many random fits of the search again by plain Keras, and compare."""
    if fits < 1:
        raise InputError(f"--audit: must be at least 1; found {fits}")
    settings, workers = params.load(), compute.load()
    data = read_prepared()
    with routing(data) as given:
        # What is audited is networks, which no threshold changes.
        names = [measure(settings.grid_search.chooser).plain]
        search = make_search(settings, data, names)
        with training(fits, workers):
            audited = search.audit(data.X, data.y, fits, settings.seed, **given)
    written = as_written(settings)
    fits = search_fits(settings) // len(written)
    for one in audited:
        said = "agrees" if one.agrees else "DIFFERS"
        own = {**one.params, **written[one.number // fits]}
        say(f"{said} to {one.difference:.1e}  fit {one.number}  {own}")
    if not audited:
        raise InputError("no fit of the search ends in numbers that could be compared")
    worst = max(audited, key=lambda one: one.difference)
    agreeing = sum(one.agrees for one in audited)
    say(f"{agreeing} of {len(audited)} fits agree; largest difference {worst.difference:.1e}")
    if agreeing < len(audited):
        raise InputError(
            f"fit {worst.number} differs from plain Keras by {worst.difference:.1e}, "
            f"more than {worst.tolerance:.0e}"
        )


def candidates(
    results: dict[str, Any], written: list[dict[str, Any]], section: GridSearch
) -> pd.DataFrame:
    """Return ``cv_results_`` as a table: hyperparameters, scores, mean, sd, rank and size.

    Scores are those of the scorer that chooses; of others there are mean, sd and rank under their
    names. Times are left out, which would make every run differ.
    """
    others = of_others(results, [name for name in section.scorers if name != section.chooser])
    results = as_of_one(results, section.chooser)
    settings = pd.DataFrame([cells(item) for item in written]).sort_index(axis="columns")
    splits = [name for name in results if name.startswith("split") and name.endswith("test_score")]
    own = ["mean_test_score", "std_test_score", "rank_test_score", "n_weights", "n_steps"]
    scores = pd.DataFrame({name: results[name] for name in [*splits, *own]})
    table = pd.concat([settings, scores, others], axis=1)
    return table.rename_axis("candidate").reset_index()


def predictions(search: GridSearchCV, data: Prepared, section: GridSearch) -> pd.DataFrame:
    """Return what every candidate predicts; with the class, where that takes a tuned threshold."""
    table = of_candidates(search, data)
    at = thresholds_of(search.cv_results_, search.seeds, search.n_splits_)
    if at is None:
        return table
    classes: Any = search.predictions_.classes
    label = class_at(section.chooser, classes, data.positive)
    # A threshold is that of a fit, and so of a row in each run of all rows.
    of_rows = at[:, :, search.predictions_.splits].ravel()
    probabilities = table[probability_names(classes)].to_numpy()
    return table.assign(predicted=named_at(of_rows, probabilities, classes, label))


def versions() -> dict[str, str]:
    """Return the versions of gridlanes, Python and the packages that compute."""
    own = {"gridlanes": __version__, "python": platform.python_version()}
    return own | {name: version(name) for name in LIBRARIES}


def histories(search: GridSearchCV) -> pd.DataFrame:
    """Return the training curves of all fits: candidate, with several seeds seed, fold, epoch."""
    seeds, folds = search.seeds or [None], range(search.n_splits_)
    fits = (
        ({"candidate": number} | ({} if seed is None else {"seed": seed}) | {"fold": fold}, own)
        for number, of_candidate in enumerate(search.histories_)
        for (seed, fold), own in zip(itertools.product(seeds, folds), of_candidate, strict=True)
        if own is not None
    )
    table = training_curves.of_fits(fits)
    small = {"candidate": "int32", "fold": "int16", "epoch": "int32"}
    measured = dict.fromkeys(training_curves.measures(table), "float32")
    return table.astype(small | measured)


def winner(
    search: GridSearchCV, table: pd.DataFrame, written: list[dict[str, Any]], section: GridSearch
) -> dict[str, Any]:
    """Return the candidate that was chosen, and how many took part.

    Raises
    ------
    InputError
        If none could be scored.
    """
    row: Any = table.loc[search.best_index_]
    check_finite([row["mean_test_score"]], section.chooser, "grid_search.scoring")
    splits = table.filter(regex=r"^split\d+_test").to_numpy()
    repeats = repeats_of(search.cv)
    return {
        "candidate": int(search.best_index_),
        "params": written[search.best_index_],
        "scoring": section.chooser,
        "mean": round(float(row["mean_test_score"]), 6),
        "sd": round(float(row["std_test_score"]), 6),
        "candidates": len(table),
        "folds": search.n_splits_,
        **({"repeats": repeats} if repeats > 1 else {}),
        "seeds": search.seeds,
        "failed_fits": int(np.isnan(splits).sum()),
        **_chosen_otherwise(row, table, section),
        "versions": versions(),
    }


def _chosen_otherwise(row: Any, table: pd.DataFrame, section: GridSearch) -> dict[str, Any]:
    """Return what there is to say of a choice by a rule, and by one of several scorers."""
    found: dict[str, Any] = {}
    if section.takes_cheapest:
        highest = float(table["mean_test_score"].max())
        found["rule"] = {"name": ONE_STANDARD_ERROR, "highest": round(highest, 6)}
    others = [name for name in section.scorers if name != section.chooser]
    if others:
        found["others"] = {
            name: {
                "mean": rounded_or_none(row[f"mean_test_{name}"]),
                "sd": rounded_or_none(row[f"std_test_{name}"]),
                "rank": int(row[f"rank_test_{name}"]),
            }
            for name in others
        }
    return found


def rounded_or_none(score: float) -> float | None:
    """Return a score of six digits, None for one that is not defined."""
    return round(float(score), 6) if math.isfinite(score) else None


if __name__ == "__main__":
    run(main, __doc__, plan, audit)
