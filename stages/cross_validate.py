"""Cross-validate the base model beside the baselines: scores, predictions, training curves."""

from typing import Any

import pandas as pd

from gridlanes import cross_validate
from stages.study import compute, params, training_curves
from stages.study.artifacts import (
    CROSS_VALIDATE,
    FITS,
    read_prepared,
    write_csv,
    write_json,
    write_parquet,
    writing,
)
from stages.study.baselines import score_baselines
from stages.study.checks import check_data, check_finite, check_network, check_scoring
from stages.study.errors import run, say, warn
from stages.study.estimator import make_estimator
from stages.study.predictions import of_folds
from stages.study.scorers import scorers, unbalanced
from stages.study.splits import make_folds
from stages.study.training import training


def main() -> None:
    """Run the stage."""
    settings, workers = params.load(), compute.load()
    section = settings.cross_validate
    data = read_prepared()
    check_data(data, settings.model, section.folds, "cross_validate.folds")
    check_scoring(section.scoring, data, section.folds, "cross_validate.scoring")
    if doubt := unbalanced(data.profile, section.scoring):
        warn(f"{params.PATH}: cross_validate.scoring: {doubt}")
    estimator = make_estimator(settings.model, data, settings.seed)
    check_network(estimator, data, "model.network")
    folds = make_folds(data.task, section.folds, settings.seed)
    with training(section.folds, workers):
        outcome = cross_validate(
            estimator,
            data.X,
            data.y,
            cv=folds,
            scoring=scorers(section.scoring, data.positive),
            return_estimator=True,
            return_indices=True,
            return_fit_report=True,
            error_score="raise",
            memory=FITS,
        )
    scores = score_table(outcome, section.scoring)
    for name in section.scoring:
        check_finite(scores[name].tolist(), name, "cross_validate.scoring")
    baselines = score_baselines(data, settings.model, folds, section.scoring, settings.seed)
    histories = (({"fold": n}, own.history_) for n, own in enumerate(outcome["estimator"]))
    with writing(CROSS_VALIDATE) as folder:
        write_csv(scores, folder / "scores.csv")
        write_json(summary(scores), folder / "summary.json")
        write_csv(training_curves.of_fits(histories), folder / "curves.csv")
        tests = outcome["indices"]["test"]
        write_parquet(of_folds(outcome["estimator"], tests, data), folder / "predictions.parquet")
        write_csv(baselines, folder / "baselines.csv")
    say(outcome["fit_report"])


def score_table(outcome: dict[str, Any], scoring: list[str]) -> pd.DataFrame:
    """Return a row for each fold, counted from 0, and a column for each scorer."""
    scores = {name: outcome[f"test_{name}"] for name in scoring}
    folds = [len(test) for test in outcome["indices"]["test"]]
    return pd.DataFrame({"fold": range(len(folds)), "rows": folds, **scores})


def summary(scores: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return mean and standard deviation over folds (population, as in ``cv_results_``)."""
    return {
        name: {"mean": round(scores[name].mean(), 6), "sd": round(scores[name].std(ddof=0), 6)}
        for name in scores.columns.drop(["fold", "rows"])
    }


if __name__ == "__main__":
    run(main, __doc__)
