"""How the report writes names, numbers and intervals."""

import math
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

#: More decimals are in none of the stages' files.
MOST_DECIMALS = 6


def title(name: str) -> str:
    """Return a name with underscores as words, a scorer's with its costs and its threshold."""
    own = measure(name)
    costs = ":".join(f"{value:.10g}" for value in own.numbers.values())
    plain = f"neg cost {costs}" if own.kind == "cost" else own.plain.replace("_", " ")
    return f"{plain}{' (tuned threshold)' * own.tuned}"


def score_label(scoring: str) -> str:
    """Return a scorer's name with its unit, for an axis."""
    kind = measure(scoring).kind
    whole = kind if kind in UNITS else kind.rsplit("_", 1)[0]
    unit = UNITS.get(whole, "score")
    return f"{title(scoring)} ({unit})"


def number(value: float, places: int | None = None) -> str:
    """Return a score with as many digits as mean anything: if nothing is known of it, three."""
    # No number rounds to minus nothing.
    return f"{value:z.{_places(value, places)}f}"


def signed(value: float, places: int | None = None) -> str:
    """Return a difference as :func:`number` does a score, with its sign."""
    return f"{value:+.{_places(value, places)}f}"


def _places(value: float, places: int | None) -> int:
    if places is not None:
        return places
    return 3 if abs(value) < 100 else 1 if abs(value) < 1000 else 0


def pvalue(value: float) -> str:
    """Return a p-value; of the smallest only that they are small."""
    return f"{value:.3f}" if value >= 0.0005 else "< 0.001"


def decimals(figures: dict[str, Any]) -> int | None:
    """Return how many decimals an interval allows: two digits of half of it; None without one."""
    return decimals_of((figures["high"] - figures["low"]) / 2) if "low" in figures else None


def decimals_of(noise: float) -> int | None:
    """Return how many decimals a number with so much noise has: two digits of that."""
    return min(max(1 - math.floor(math.log10(noise)), 0), MOST_DECIMALS) if noise > 0 else None


def brief(value: float) -> str:
    """Return a number of any size in few digits: three after the point, of large ones none."""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def between(figures: dict[str, Any]) -> str:
    """Return an interval in brackets, or why there is none."""
    if "low" not in figures:
        return f"({figures.get('unknown', 'the folds hold no estimate of noise')})"
    places = decimals(figures)
    return f"(95 % interval {number(figures['low'], places)} to {number(figures['high'], places)})"


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
    """Return a share as a percentage; one that is not quite nothing or all shows that."""
    if share in (0, 1) or 0.01 <= share < 0.995:
        return f"{100 * share:.0f} %"
    return f"{min(100 * share, 99.9):.1f} %"


def distance(value: float) -> str:
    """Return a number in the target's unit, to three digits."""
    places = 2 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:.{max(places, 0)}f}" if places < 9 else f"{value:.3g}"
