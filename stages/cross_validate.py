"""Cross-validate the base model beside the baselines: scores, predictions, training curves."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from stages.study import compute, params, training_curves
from stages.study.artifacts import CROSS_VALIDATE, FITS, write_csv, write_json, write_parquet
from stages.study.baselines import score_baselines
from stages.study.checks import check_data, check_finite, check_network, check_scoring
from stages.study.compute import Compute
from stages.study.diagnosis_checks import check_curve
from stages.study.distributions import Values
from stages.study.errors import run, say, warn
from stages.study.estimator import make_estimator
from stages.study.fold_fits import fitted_on
from stages.study.nested_checks import check_nested
from stages.study.params import Params
from stages.study.predictions import of_folds, with_repeats
from stages.study.prepared import Prepared, read_prepared
from stages.study.routing import routing, weighted
from stages.study.scorer_doubts import doubts
from stages.study.scorers import asked_by
from stages.study.search import check_candidates, checked
from stages.study.sections.searching import CrossValidate
from stages.study.split_checks import as_values, check_splits, check_watched, warn_of_counting
from stages.study.splits import make_folds
from stages.study.threshold_checks import check_thresholds
from stages.study.thresholds import without_threshold
from stages.study.training import training
from stages.study.watched_rows import check_held_out, shares
from stages.study.writing import writing


def main() -> None:
    """Run the stage."""
    settings, workers = params.load(), compute.load()
    section = settings.cross_validate
    data = read_prepared()
    network, grids = check(settings, data)
    with routing(data) as given:
        base = weighted(make_estimator(settings.model, data, settings.seed), data)
        check_network(base, data, "model.network")
        check_candidates(weighted(network, data), grids, settings, data)
        outcomes = cross_validated(base, settings, data, given, workers)
        scores = score_table(outcomes, section.scorers, section.split.repeats)
        for name in section.scorers:
            check_finite(scores[name].tolist(), name, "cross_validate.scoring")
        folds = make_folds(data, section.folds, settings.seed, section.split)
        baselines = score_baselines(
            data, settings.model, folds, section.scorers, settings.seed, memory=FITS
        )
    with writing(CROSS_VALIDATE) as folder:
        write_csv(scores, folder / "scores.csv")
        write_json(summary(scores), folder / "summary.json")
        write_csv(training_curves.of_fits(histories(outcomes)), folder / "curves.csv")
        write_parquet(predictions(outcomes, data, section), folder / "predictions.parquet")
        write_csv(baselines, folder / "baselines.csv")
    for seed, outcome in outcomes.items():
        say(f"{'' if seed is None else f'seed {seed}: '}{outcome['fit_report']}")


def check(settings: Params, data: Prepared) -> tuple[Any, list[dict[str, Values]]]:
    """Check what needs no network, of the other stages too; return what the search would train.

    What is wrong with them would otherwise be told when the base model has been trained.
    """
    section = settings.cross_validate
    check_data(data, settings.model, section.folds, "cross_validate.folds")
    check_scoring(section.scorers, data, section.folds, "cross_validate.scoring")
    # Its entries are read below.
    make_estimator(settings.model, data, settings.seed)
    how = section.folds, settings.seed, section.scorers
    check_splits(data, *how, "cross_validate.folds", section.split)
    check_thresholds(data, *how, "cross_validate.folds", section.split)
    check_watched(data, as_values(settings.model.network), "model.network")
    folds = make_folds(data, section.folds, settings.seed, section.split)
    check_held_out(data, settings.seed, shares(settings.model.network, "model.network"), [folds])
    searched = checked(settings, data, settings.grid_search.scorers)
    check_nested(settings, data)
    check_curve(settings, data)
    warn_of_counting(data, section.scorers, "cross_validate.scoring")
    for doubt in doubts(data.profile, section.scorers):
        warn(f"{params.PATH}: cross_validate.scoring: {doubt}")
    return searched


def cross_validated(
    base: Any, settings: Params, data: Prepared, given: dict[str, Any], workers: Compute | None
) -> dict[int | None, dict[str, Any]]:
    """Return scikit-learn's record of the cross-validation by seed; None is that of the study.

    Parameters
    ----------
    base : estimator
    settings : Params
    data : Prepared
    given : dict
        From :func:`stages.study.routing.routing`.
    """
    section = settings.cross_validate
    seeds: Sequence[int | None] = section.seeds or [None]
    fits = section.folds * section.split.repeats * len(seeds)
    with training(fits, workers, "{fits} fits of the base model"):
        folds = make_folds(data, section.folds, settings.seed, section.split)
        how = section.scorers, data, settings.seed, given
        return {seed: fitted_on(folds, _seeded(base, seed), *how) for seed in seeds}


def _seeded(base: Any, seed: int | None) -> Any:
    """Return the base model with another seed of weights and order; rows to watch stay the same."""
    return base if seed is None else clone(base).set_params(random_state=seed)


def score_table(
    outcomes: dict[int | None, dict[str, Any]], scoring: list[str], repeats: int
) -> pd.DataFrame:
    """Return a row for each fold, counted from 0: a column of means over seeds for each scorer."""
    first, *_ = outcomes.values()
    scores = {
        name: np.mean([own[f"test_{name}"] for own in outcomes.values()], axis=0)
        for name in scoring
    }
    folds = [len(test) for test in first["indices"]["test"]]
    table = pd.DataFrame({"fold": range(len(folds)), "rows": folds, **scores})
    return with_repeats(table, len(folds), repeats)


def histories(
    outcomes: dict[int | None, dict[str, Any]],
) -> Iterator[tuple[dict[str, Any], training_curves.History]]:
    """Yield the training curve of each fit: with seeds seed, and fold."""
    for seed, outcome in outcomes.items():
        for fold, own in enumerate(map(without_threshold, outcome["estimator"])):
            yield ({} if seed is None else {"seed": seed}) | {"fold": fold}, own.history_


def predictions(
    outcomes: dict[int | None, dict[str, Any]], data: Prepared, section: CrossValidate
) -> pd.DataFrame:
    """Return what the networks of all folds say of the rows that they test, seed by seed.

    The class that is predicted is the likeliest one, or that at the threshold of the first scorer.
    """
    tables = []
    for seed, outcome in outcomes.items():
        asked = [asked_by(section.scorers[0], section.scorers, own) for own in outcome["estimator"]]
        table = of_folds(asked, outcome["indices"]["test"], data, section.split.repeats)
        if seed is not None:
            table.insert(list(table).index("truth") + 1, "seed", seed)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def summary(scores: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return mean and standard deviation over folds (population, as in ``cv_results_``)."""
    return {
        name: {"mean": round(scores[name].mean(), 6), "sd": round(scores[name].std(ddof=0), 6)}
        for name in scores.columns.drop(["fold", "repeat", "rows"], errors="ignore")
    }


if __name__ == "__main__":
    run(main, __doc__)
