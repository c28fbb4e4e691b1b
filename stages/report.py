"""Write the report: one HTML page, its figures, the model card, metrics and tables DVC plots."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stages.reporting.evidence.drawn_values import named, spans
from stages.reporting.evidence.one_class import says_one_class
from stages.reporting.evidence.subgroups import columns_to_look_at
from stages.reporting.evidence.verdict import verdict
from stages.reporting.evidence.winner_errors import winner
from stages.reporting.figures.illustration import Illustration
from stages.reporting.figures.report import draw, illustrations
from stages.reporting.for_dvc.metrics import all_figures, metrics
from stages.reporting.for_dvc.plot_data import write_plot_data
from stages.reporting.pages.model_card import model_card
from stages.reporting.pages.report import page
from stages.reporting.words.decision import decided
from stages.study import params
from stages.study.artifacts import (
    CROSS_VALIDATE,
    DIAGNOSE,
    GRID_SEARCH,
    HOLDOUT,
    NESTED_CV,
    PREPARED,
    REPORTS,
    read_csv,
    read_json,
    read_parquet,
    write_json,
)
from stages.study.errors import run, say
from stages.study.prepared import read_rows
from stages.study.progress import phase
from stages.study.writing import writing


def main() -> None:
    """Run the stage."""
    phase("reading what the stages left")
    settings, content = params.load(), read()
    phase("weighing the evidence")
    content["one_class"] = says_one_class(content)
    content["verdict"] = verdict(content)
    with writing(REPORTS) as folder:
        write(folder, settings, content, list(illustrations(content)))
    say(decided(content["verdict"]["decision"]))


def write(
    folder: Path, settings: params.Params, content: dict[str, Any], shown: Sequence[Illustration]
) -> None:
    """Write a report of what was read, which shows these figures."""
    draw(shown, folder / "figures")
    phase("writing the page")
    write_json(all_figures(content), folder / "verdict.json")
    write_json(metrics(content), folder / "metrics.json")
    write_plot_data(content, folder / "plots")
    card = model_card(settings.report.title, content)
    (folder / "model_card.md").write_text(card, encoding="utf-8")
    text = page(settings, content, shown, folder / "figures")
    (folder / "report.html").write_text(text, encoding="utf-8")


def read() -> dict[str, Any]:
    """Return what the stages before this one left; None for what was not asked of them."""
    nested = read_json(NESTED_CV / "summary.json")
    outer, permuted = nested["outer"] > 0, nested["permutations"] > 0
    settings = params.load()
    axes = spans(settings.grid_search)
    profile, held_out = read_json(PREPARED / "profile.json"), _held_out()
    if held_out is not None:
        # What the other stages read does not depend on rows set aside.
        profile["sha256"] = held_out["summary"]["sha256"]
    content = {
        "profile": profile,
        "rows": read_rows(profile),
        "summary": read_json(CROSS_VALIDATE / "summary.json"),
        "scores": read_csv(CROSS_VALIDATE / "scores.csv"),
        "curves": read_csv(CROSS_VALIDATE / "curves.csv"),
        "own_predictions": read_parquet(CROSS_VALIDATE / "predictions.parquet"),
        "baselines": read_csv(CROSS_VALIDATE / "baselines.csv"),
        "best": read_json(GRID_SEARCH / "best.json"),
        "network": {**settings.model.network, **settings.grid_search.network},
        "spans": axes,
        "candidates": named(read_csv(GRID_SEARCH / "cv_results.csv"), axes),
        "predictions": read_parquet(GRID_SEARCH / "predictions.parquet"),
        "cell_curves": read_parquet(GRID_SEARCH / "curves.parquet"),
        "nested": nested,
        "outer": named(read_csv(NESTED_CV / "outer.csv"), axes) if outer else None,
        "outer_baselines": read_csv(NESTED_CV / "baselines.csv") if outer else None,
        "outer_predictions": read_parquet(NESTED_CV / "predictions.parquet") if outer else None,
        "permutations": read_csv(NESTED_CV / "permutations.csv") if permuted else None,
        "held_out": held_out,
        **_diagnosed(),
    }
    return content | _of_winner(content)


def _diagnosed() -> dict[str, Any]:
    found = read_json(DIAGNOSE / "summary.json")
    # What else lies there may be of another study.
    return {
        "diagnosed": found,
        **{
            name: read_csv(DIAGNOSE / f"{name}.csv") if found[name] else None
            for name in ("importance", "learning_curve")
        },
    }


def _of_winner(content: dict[str, Any]) -> dict[str, Any]:
    """Return the columns by which the winner's rows are grouped, and its figures."""
    columns = columns_to_look_at(content["profile"], content["importance"])
    features = read_parquet(PREPARED / "table.parquet", columns)
    return {"features": features, "winner": winner({**content, "features": features})}


def _held_out() -> dict[str, Any] | None:
    summary = read_json(HOLDOUT / "summary.json")
    if not summary["rows"]:
        return None
    return {"summary": summary, "predictions": read_parquet(HOLDOUT / "predictions.parquet")}


if __name__ == "__main__":
    run(main, __doc__)
