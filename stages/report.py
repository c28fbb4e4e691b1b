"""Write the report: one HTML page, its figures, the metrics and the small tables DVC plots."""

from typing import Any

from stages.reporting.illustrations import draw
from stages.reporting.page import page
from stages.reporting.plot_data import write_plot_data
from stages.reporting.verdict import hyperparameters, verdict
from stages.reporting.words import sentences
from stages.study import params
from stages.study.artifacts import (
    CROSS_VALIDATE,
    GRID_SEARCH,
    NESTED_CV,
    PREPARED,
    REPORTS,
    read_csv,
    read_json,
    read_parquet,
    write_json,
    writing,
)
from stages.study.errors import run


def main() -> None:
    """Run the stage."""
    settings = params.load()
    content = read()
    content["verdict"] = verdict(content)
    with writing(REPORTS) as folder:
        illustrations = draw(content, folder / "figures")
        write_json(metrics(content), folder / "metrics.json")
        write_plot_data(content, folder / "plots")
        text = page(settings, content, illustrations, folder / "figures")
        (folder / "report.html").write_text(text, encoding="utf-8")


def read() -> dict[str, Any]:
    """Return what the stages before this one left; None for what was not asked of them."""
    nested = read_json(NESTED_CV / "summary.json")
    outer, permuted = nested["outer"] > 0, nested["permutations"] > 0
    return {
        "profile": read_json(PREPARED / "profile.json"),
        "summary": read_json(CROSS_VALIDATE / "summary.json"),
        "scores": read_csv(CROSS_VALIDATE / "scores.csv"),
        "curves": read_csv(CROSS_VALIDATE / "curves.csv"),
        "own_predictions": read_parquet(CROSS_VALIDATE / "predictions.parquet"),
        "baselines": read_csv(CROSS_VALIDATE / "baselines.csv"),
        "best": read_json(GRID_SEARCH / "best.json"),
        "candidates": read_csv(GRID_SEARCH / "cv_results.csv"),
        "predictions": read_parquet(GRID_SEARCH / "predictions.parquet"),
        "cell_curves": read_parquet(GRID_SEARCH / "curves.parquet"),
        "nested": nested,
        "outer": read_csv(NESTED_CV / "outer.csv") if outer else None,
        "outer_baselines": read_csv(NESTED_CV / "baselines.csv") if outer else None,
        "outer_predictions": read_parquet(NESTED_CV / "predictions.parquet") if outer else None,
        "permutations": read_csv(NESTED_CV / "permutations.csv") if permuted else None,
    }


def metrics(content: dict[str, Any]) -> dict[str, Any]:
    """Return the figures that ``dvc metrics`` compares; what could not be computed is left out."""
    best, found = content["best"], content["verdict"]
    search = {
        "best_mean": best["mean"],
        "best_sd": best["sd"],
        "bootstrap_corrected": found["bootstrap_corrected"],
        "not_distinguishable": found["not_distinguishable"],
        "one_class": found["one_class"] if found["one_class"] is not None else {"missing": ""},
        "cheapest": found["cheapest"],
        "variance": _few_shares(found["shares"], hyperparameters(content["candidates"])),
    }
    return {
        "in_words": sentences(found, best),
        "cross_validate": found["base_model"],
        "grid_search": {
            **{name: own for name, own in search.items() if not _is_missing(own)},
            "candidates": best["candidates"],
            "failed_fits": best["failed_fits"],
        },
        "compared": found["baselines"],
        **{name: found[name] for name in ("nested_cv", "chance") if found[name] is not None},
    }


def _few_shares(shares: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return shares of variance with all pairs as one: ``dvc metrics`` shows a line for each."""
    if _is_missing(shares):
        return shares
    effects = shares["hyperparameters"]
    pairs = sum(share for name, share in effects.items() if name not in names)
    own = {name: share for name, share in effects.items() if name in names}
    rest = {name: share for name, share in shares.items() if name != "hyperparameters"}
    return {"hyperparameters": own, "pairs": round(pairs, 6), **rest}


def _is_missing(figures: Any) -> bool:
    return isinstance(figures, dict) and "missing" in figures


if __name__ == "__main__":
    run(main, __doc__)
