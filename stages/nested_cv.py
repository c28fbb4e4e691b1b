"""Repeat the whole search inside each fold of an outer cross-validation: what its choice is worth.

And, if asked, on permuted labels: how high the best score climbs by chance.
"""

from typing import Any

import pandas as pd

from gridlanes import cross_validate, permuted_best_scores
from stages.study import compute, params
from stages.study.artifacts import FITS, NESTED_CV, write_csv, write_json, write_parquet
from stages.study.baselines import score_baselines
from stages.study.checks import check_finite
from stages.study.compute import Compute
from stages.study.counts import count
from stages.study.errors import run, say
from stages.study.nested_checks import check_nested
from stages.study.params import Params
from stages.study.predictions import of_folds, with_repeats
from stages.study.prepared import Prepared, read_prepared
from stages.study.routing import routing
from stages.study.search import as_written, cells, make_search, search_fits
from stages.study.splits import make_folds
from stages.study.training import training
from stages.study.writing import writing


def main() -> None:
    """Run the stage."""
    settings = params.load()
    section = settings.nested_cv
    if not (section.outer or section.permutations):
        # Nothing to train, so nothing to load either.
        with writing(NESTED_CV) as folder:
            write_json(summary(settings, None), folder / "summary.json")
        return
    workers, data = compute.load(), read_prepared()
    check_nested(settings, data)
    with routing(data) as given:
        search = make_search(settings, data, [settings.grid_search.chooser])
        outer = nested(search, settings, data, given, workers) if section.outer else None
        chance = permuted(search, settings, data, given, workers) if section.permutations else None
    with writing(NESTED_CV) as folder:
        write_json(summary(settings, outer), folder / "summary.json")
        if outer is not None:
            tests, repeats = outer["indices"]["test"], section.split.repeats
            table = outer_table(outer, as_written(settings))
            write_csv(with_repeats(table, len(tests), repeats), folder / "outer.csv")
            write_csv(outer["baselines"], folder / "baselines.csv")
            said = of_folds(outer["estimator"], tests, data, repeats)
            write_parquet(said, folder / "predictions.parquet")
        if chance is not None:
            write_csv(chance, folder / "permutations.csv")


def nested(
    search: Any, settings: Params, data: Prepared, given: dict[str, Any], workers: Compute | None
) -> dict[str, Any]:
    """Return scikit-learn's record of the nested cross-validation, and the baselines'."""
    scoring = settings.grid_search.chooser
    section = settings.nested_cv
    folds = make_folds(data, section.outer, settings.seed, section.split)
    outer = section.outer * section.split.repeats
    what = f"search in {count(outer, 'outer fold')}, {{fits}} fits"
    with training(search_fits(settings) * outer, workers, what):
        outcome: dict[str, Any] = cross_validate(
            search,
            data.X,
            data.y,
            cv=folds,
            params=given,
            return_estimator=True,
            return_indices=True,
            return_fit_report=True,
            error_score="raise",
        )
    say(f"nested: {outcome['fit_report']}")
    check_finite(outcome["test_score"].tolist(), scoring, "grid_search.scoring")
    baselines = score_baselines(data, settings.model, folds, [scoring], settings.seed, memory=FITS)
    return {**outcome, "baselines": baselines.rename(columns={scoring: "score"})}


def permuted(
    search: Any, settings: Params, data: Prepared, given: dict[str, Any], workers: Compute | None
) -> pd.DataFrame:
    """Return the best score of the search for each permutation of the labels."""
    wanted = settings.nested_cv.permutations
    options = {"permutations": wanted, "seed": settings.seed}
    what = f"search on {count(wanted, 'permutation')} of the labels, {{fits}} fits"
    with training(search_fits(settings) * wanted, workers, what):
        best = permuted_best_scores(
            search, data.X, data.y, groups=data.groups, params=given, **options
        )
    say(f"permuted: {wanted} searches of {search_fits(settings)} fits")
    return pd.DataFrame({"permutation": range(wanted), "best_score": best})


def outer_table(outcome: dict[str, Any], written: list[dict[str, Any]]) -> pd.DataFrame:
    """Return a row for each outer fold: its score, and what the search inside it chose."""
    rows = [
        {
            "fold": fold,
            "rows": len(test),
            "score": score,
            "inner_score": search.cv_results_["mean_test_score"][search.best_index_],
            "candidate": search.best_index_,
            **cells(written[search.best_index_]),
        }
        for fold, (search, score, test) in enumerate(
            zip(
                outcome["estimator"],
                outcome["test_score"],
                outcome["indices"]["test"],
                strict=True,
            )
        )
    ]
    return pd.DataFrame(rows)


def summary(settings: Params, outcome: dict[str, Any] | None) -> dict[str, Any]:
    """Return what was done, and the mean score with its standard deviation over outer folds."""
    section = settings.nested_cv
    done = {
        "outer": section.outer,
        "inner": settings.grid_search.cv,
        "permutations": section.permutations,
        "scoring": settings.grid_search.chooser,
    }
    if outcome is None:
        return done
    scores = outcome["test_score"]
    return {**done, "mean": round(float(scores.mean()), 6), "sd": round(float(scores.std()), 6)}


if __name__ == "__main__":
    run(main, __doc__)
