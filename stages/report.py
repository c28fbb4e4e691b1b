"""Write the report: one HTML page, its figures, the metrics and the small tables DVC plots."""

import base64
from pathlib import Path
from typing import Any

import pandas as pd

from stages import figures, params
from stages.artifacts import (
    CROSS_VALIDATE,
    GRID_SEARCH,
    NESTED_CV,
    PREPARED,
    REPORTS,
    read_csv,
    read_json,
    read_parquet,
    render,
    write_json,
    writing,
)
from stages.errors import run
from stages.params import Report
from stages.plot_data import write_plot_data
from stages.verdict import hyperparameters, verdict
from stages.words import sentences, shown_shares


def main() -> None:
    """Run the stage."""
    settings = params.load().report
    content = read()
    content["verdict"] = verdict(content)
    with writing(REPORTS) as folder:
        captions = draw(content, folder / "figures")
        write_json(metrics(content), folder / "metrics.json")
        write_plot_data(content, folder / "plots")
        page = render("report.html.jinja", **page_content(settings, content, captions, folder))
        (folder / "report.html").write_text(page, encoding="utf-8")


def read() -> dict[str, Any]:
    """Return what the stages before this one left; None for what was not asked of them."""
    nested = read_json(NESTED_CV / "summary.json")
    outer, permuted = nested["outer"] > 0, nested["permutations"] > 0
    return {
        "profile": read_json(PREPARED / "profile.json"),
        "summary": read_json(CROSS_VALIDATE / "summary.json"),
        "scores": read_csv(CROSS_VALIDATE / "scores.csv"),
        "curves": read_csv(CROSS_VALIDATE / "curves.csv"),
        "baselines": read_csv(CROSS_VALIDATE / "baselines.csv"),
        "best": read_json(GRID_SEARCH / "best.json"),
        "candidates": read_csv(GRID_SEARCH / "cv_results.csv"),
        "predictions": read_parquet(GRID_SEARCH / "predictions.parquet"),
        "nested": nested,
        "outer": read_csv(NESTED_CV / "outer.csv") if outer else None,
        "outer_baselines": read_csv(NESTED_CV / "baselines.csv") if outer else None,
        "outer_predictions": read_parquet(NESTED_CV / "predictions.parquet") if outer else None,
        "permutations": read_csv(NESTED_CV / "permutations.csv") if permuted else None,
    }


def draw(content: dict[str, Any], folder: Path) -> dict[str, str]:
    """Draw all figures and return what each shows, by the name of its files."""
    folder.mkdir()
    scoring = content["best"]["scoring"]
    scorers, measures = list(content["summary"]), _measures(content["curves"])
    captions = {
        "folds": f"Scores of the base model on each fold: {', '.join(scorers)}.",
        "curves": f"Training curves of the base model, folds together: {', '.join(measures)}.",
    }
    figures.save(figures.folds(content["scores"], scorers), folder, "folds")
    figures.save(figures.curves(content["curves"], measures), folder, "curves")
    for number, name in enumerate(hyperparameters(content["candidates"]), 1):
        # A hyperparameter may have any name, a file may not.
        captions[f"grid_{number}"] = f"Mean {scoring} of all candidates by {name}."
        figure = figures.violins(content["candidates"], name, scoring)
        figures.save(figure, folder, f"grid_{number}")
    return captions


def _measures(curves: pd.DataFrame) -> list[str]:
    """Return the measured columns of the training curves, the loss first."""
    columns = curves.columns.drop(["fold", "epoch"])
    return sorted((str(name) for name in columns), key=lambda name: (name != "loss", name))


def metrics(content: dict[str, Any]) -> dict[str, Any]:
    """Return the figures that ``dvc metrics`` compares; what could not be computed is left out."""
    best, found = content["best"], content["verdict"]
    search = {
        "best_mean": best["mean"],
        "best_sd": best["sd"],
        "bootstrap_corrected": found["bootstrap_corrected"],
        "not_distinguishable": found["not_distinguishable"],
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


def page_content(
    settings: Report, content: dict[str, Any], captions: dict[str, str], folder: Path
) -> dict[str, Any]:
    """Return what the template of the page shows."""
    table = content["candidates"].sort_values(["rank_test_score", "candidate"])
    images = {
        name: base64.b64encode((folder / "figures" / f"{name}.svg").read_bytes()).decode()
        for name in captions
    }
    return {
        "title": settings.title,
        "names": hyperparameters(table),
        "rows": table.head(settings.best).to_dict("records"),
        "folds": content["scores"].to_dict("records"),
        "captions": captions,
        "images": images,
        "shares": shown_shares(content["verdict"]["shares"]),
        "lead": sentences(content["verdict"], content["best"]),
        **{name: content[name] for name in ("profile", "summary", "best", "verdict")},
    }


if __name__ == "__main__":
    run(main, __doc__)
