"""How the report writes names, numbers and intervals."""

from typing import Any

from stages.study.measures import measure

#: In what scores are measured, by the end of a scorer's name.
UNITS = {
    "accuracy": "share of rows",
    "balanced_accuracy": "mean share of each class",
    "roc_auc": "area, 0 to 1",
    "average_precision": "area, 0 to 1",
    "f1": "0 to 1",
    "fbeta": "0 to 1",
    "cost": "mean of a row, negative",
    "precision": "share",
    "recall": "share",
    "neg_log_loss": "nats a row, negative",
    "neg_brier_score": "negative",
    "r2": "1 is perfect",
    "neg_mean_squared_error": "negative, target's unit squared",
    "neg_root_mean_squared_error": "negative, target's unit",
    "neg_mean_absolute_error": "negative, target's unit",
}


def title(name: str) -> str:
    """Return a name with underscores as words."""
    return name.replace("_", " ")


def score_label(scoring: str) -> str:
    """Return a scorer's name with its unit, for an axis."""
    kind = measure(scoring).kind
    whole = kind if kind in UNITS else kind.rsplit("_", 1)[0]
    unit = UNITS.get(whole, "score")
    return f"{title(scoring)} ({unit})"


def number(value: float) -> str:
    """Return a score with as many digits as mean anything."""
    return f"{value:.3f}"


def brief(value: float) -> str:
    """Return a number of any size in few digits: three after the point, of large ones none."""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def between(figures: dict[str, Any]) -> str:
    """Return an interval in brackets, nothing where there is none."""
    if "low" not in figures:
        return f"({figures.get('unknown', 'the folds hold no estimate of noise')})"
    return f"(95 % interval {number(figures['low'])} to {number(figures['high'])})"


def has_ends(verdict: dict[str, Any]) -> dict[str, bool]:
    """Return what of a verdict has intervals that a caption can speak of.

    Returns
    -------
    dict of str to bool
        ``answer``, the estimates of the best candidate; ``baselines``; ``base_model``.
    """
    estimates = (verdict[name] or {} for name in ("bootstrap_corrected", "nested_cv", "holdout"))
    of = {
        "answer": estimates,
        "baselines": verdict["baselines"]["models"].values(),
        "base_model": verdict["base_model"].values(),
    }
    return {name: any("low" in own for own in figures) for name, figures in of.items()}


def percent(share: float) -> str:
    """Return a share as a percentage."""
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else f"{100 * share:.1f} %"
