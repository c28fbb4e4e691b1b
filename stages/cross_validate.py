"""Cross-validate the base model beside the baselines: scores, predictions, training curves."""

from typing import Any

import pandas as pd

from gridlanes import cross_validate
from stages.study import compute, params, training_curves
from stages.study.artifacts import CROSS_VALIDATE, FITS, write_csv, write_json, write_parquet
from stages.study.baselines import score_baselines
from stages.study.checks import check_data, check_finite, check_network, check_scoring
from stages.study.compute import Compute
from stages.study.distributions import Values
from stages.study.errors import run, say, warn
from stages.study.estimator import make_estimator
from stages.study.held_out import check_held_out, shares
from stages.study.params import Params
from stages.study.predictions import of_folds, with_repeats
from stages.study.prepared import Prepared, read_prepared
from stages.study.routing import routing, weighted
from stages.study.scorer_doubts import doubts
from stages.study.scorers import asked_by, scorers
from stages.study.search import check_candidates, checked
from stages.study.split_checks import as_values, check_splits, check_watched, warn_of_counting
from stages.study.splits import make_folds
from stages.study.threshold_checks import check_thresholds
from stages.study.thresholds import with_thresholds, without_threshold
from stages.study.training import training
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
        outcome = cross_validated(base, settings, data, given, workers)
        scores = score_table(outcome, section.scorers, section.split.repeats)
        for name in section.scorers:
            check_finite(scores[name].tolist(), name, "cross_validate.scoring")
        folds = make_folds(data, section.folds, settings.seed, section.split)
        baselines = score_baselines(
            data, settings.model, folds, section.scorers, settings.seed, memory=FITS
        )
    networks = map(without_threshold, outcome["estimator"])
    histories = (({"fold": n}, own.history_) for n, own in enumerate(networks))
    with writing(CROSS_VALIDATE) as folder:
        write_csv(scores, folder / "scores.csv")
        write_json(summary(scores), folder / "summary.json")
        write_csv(training_curves.of_fits(histories), folder / "curves.csv")
        tests = outcome["indices"]["test"]
        # By the likeliest class, or at the threshold that the first scorer looks at.
        asked = [asked_by(section.scorers[0], section.scorers, own) for own in outcome["estimator"]]
        said = of_folds(asked, tests, data, section.split.repeats)
        write_parquet(said, folder / "predictions.parquet")
        write_csv(baselines, folder / "baselines.csv")
    say(outcome["fit_report"])


def check(settings: Params, data: Prepared) -> tuple[Any, list[dict[str, Values]]]:
    """Check what needs no network, of the search too; return what it would train.

    What is wrong with it would otherwise be told when the base model has been trained.
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
    warn_of_counting(data, section.scorers, "cross_validate.scoring")
    for doubt in doubts(data.profile, section.scorers):
        warn(f"{params.PATH}: cross_validate.scoring: {doubt}")
    return searched


def cross_validated(
    base: Any, settings: Params, data: Prepared, given: dict[str, Any], workers: Compute | None
) -> dict[str, Any]:
    """Return scikit-learn's record of the cross-validation.

    Parameters
    ----------
    base : estimator
    settings : Params
    data : Prepared
    given : dict
        From :func:`stages.study.routing.routing`.
    """
    section = settings.cross_validate
    estimator = with_thresholds(base, section.scorers, data, settings.seed)
    fits = section.folds * section.split.repeats
    with training(fits, workers, "{fits} fits of the base model"):
        outcome: dict[str, Any] = cross_validate(
            estimator,
            data.X,
            data.y,
            cv=make_folds(data, section.folds, settings.seed, section.split),
            scoring=scorers(section.scorers, data),
            params=given,
            return_estimator=True,
            return_indices=True,
            return_fit_report=True,
            error_score="raise",
            memory=FITS,
        )
    return outcome


def score_table(outcome: dict[str, Any], scoring: list[str], repeats: int) -> pd.DataFrame:
    """Return a row for each fold, counted from 0, and a column for each scorer."""
    scores = {name: outcome[f"test_{name}"] for name in scoring}
    folds = [len(test) for test in outcome["indices"]["test"]]
    table = pd.DataFrame({"fold": range(len(folds)), "rows": folds, **scores})
    return with_repeats(table, len(folds), repeats)


def summary(scores: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return mean and standard deviation over folds (population, as in ``cv_results_``)."""
    return {
        name: {"mean": round(scores[name].mean(), 6), "sd": round(scores[name].std(ddof=0), 6)}
        for name in scores.columns.drop(["fold", "repeat", "rows"], errors="ignore")
    }


if __name__ == "__main__":
    run(main, __doc__)
