"""Cross-validate the base model: scores of each fold, out-of-fold predictions, training curves."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridlanes import cross_validate
from stages import params
from stages.artifacts import (
    CROSS_VALIDATE,
    FITS,
    Prepared,
    read_prepared,
    write_csv,
    write_json,
    write_parquet,
    writing,
)
from stages.checks import check_data, check_finite, check_network, check_scoring
from stages.errors import run
from stages.study import NETWORK, make_folds, make_pipeline, training


def main() -> None:
    """Run the stage."""
    settings = params.load()
    section = settings.cross_validate
    data = read_prepared()
    check_data(data, settings.model, section.folds, "cross_validate.folds")
    check_scoring(section.scoring, data, section.folds, "cross_validate.scoring")
    pipeline = make_pipeline(settings.model, data.task, settings.seed)
    check_network(pipeline, data, "model.network")
    with training(section.folds):
        outcome = cross_validate(
            pipeline,
            data.X,
            data.y,
            cv=make_folds(data.task, section.folds, settings.seed),
            scoring=section.scoring,
            return_estimator=True,
            return_indices=True,
            return_fit_report=True,
            error_score="raise",
            memory=FITS,
        )
    print(outcome["fit_report"])
    scores = score_table(outcome, section.scoring)
    for name in section.scoring:
        check_finite(scores[name].tolist(), name, "cross_validate.scoring")
    with writing(CROSS_VALIDATE) as folder:
        write_csv(scores, folder / "scores.csv")
        write_json(summary(scores), folder / "summary.json")
        write_csv(curves(outcome["estimator"]), folder / "curves.csv")
        write_parquet(predictions(outcome, data), folder / "predictions.parquet")


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


def curves(estimators: list[Any]) -> pd.DataFrame:
    """Return loss and metrics by fold and epoch (counted from 1), on the training rows."""
    return (
        pd.concat(
            [
                pd.DataFrame(estimator[NETWORK].history_)
                .rename_axis("epoch")
                .reset_index()
                .assign(epoch=lambda table: table["epoch"] + 1)
                .assign(fold=fold)
                for fold, estimator in enumerate(estimators)
            ]
        )
        .set_index(["fold", "epoch"], drop=True)
        .reset_index()
    )


def predictions(outcome: dict[str, Any], data: Prepared) -> pd.DataFrame:
    """Return what each row was predicted to be by the network that did not see it.

    Columns: row (counted from 0), fold, truth, predicted, and for a classification
    ``probability_LABEL`` for each class.
    """
    tables = [
        _fold_predictions(estimator, data, rows).assign(fold=fold, row=rows)
        for fold, (estimator, rows) in enumerate(
            zip(outcome["estimator"], outcome["indices"]["test"], strict=True)
        )
    ]
    table = pd.concat(tables).sort_values("row", ignore_index=True)
    return table[["row", "fold", *table.columns.drop(["row", "fold"])]]


def _fold_predictions(estimator: Any, data: Prepared, rows: NDArray[np.int64]) -> pd.DataFrame:
    X = data.X.iloc[rows]
    columns = {"truth": data.y.iloc[rows].to_numpy(), "predicted": estimator.predict(X)}
    if data.task == "classification":
        probabilities = estimator.predict_proba(X).T
        labels = (f"probability_{label}" for label in estimator.classes_)
        columns |= dict(zip(labels, probabilities, strict=True))
    return pd.DataFrame(columns)


if __name__ == "__main__":
    run(main, __doc__)
