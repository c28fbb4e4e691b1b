"""What the best candidate is worth, beside what needs no search: estimates with their intervals."""

from typing import Any

from matplotlib.figure import Figure

from stages.reporting.figures.drawing import colours, panels, text
from stages.reporting.formats import score_label, title


def answer(verdict: dict[str, Any], best: dict[str, Any]) -> Figure:
    """Draw the estimates of the best candidate and the baselines, the most flattering first."""
    network, other = estimates(verdict, best), baselines(verdict["baselines"], best)
    own, plain = colours(2)
    figure, (axes,) = panels(1, width=7.5, height=0.9 + 0.36 * (len(network) + len(other)))
    names = []
    for row, (name, figures, colour, marker) in enumerate(
        [(*item, own, "o") for item in network] + [(*item, plain, "s") for item in other]
    ):
        names.append(name)
        if "low" in figures:
            axes.plot([figures["low"], figures["high"]], [row, row], color=colour, linewidth=2.5)
        axes.plot(figures["mean"], row, marker, color=colour, markersize=8)
        axes.annotate(f"{figures['mean']:.3f}", (figures["mean"], row), (0, 7), "data",
                      "offset points", ha="center", fontsize="small")  # fmt: skip
    axes.set(yticks=range(len(names)), xlabel=score_label(best["scoring"]))
    axes.set_yticklabels([text(name, 60) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.7)
    axes.grid(visible=False, axis="y")
    return figure


def estimates(verdict: dict[str, Any], best: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    """Return the estimates of the best candidate that there are, with their names."""
    corrected, nested = verdict["bootstrap_corrected"], verdict["nested_cv"]
    found = []
    if best["mean"] is not None:
        found.append((f"best of {best['candidates']}, as chosen", {"mean": best["mean"]}))
    if "missing" not in corrected:
        found.append(("corrected by the bootstrap", corrected | {"mean": corrected["estimate"]}))
    if nested is not None:
        found.append(("searched inside outer folds", nested))
    if verdict["holdout"] is not None and "mean" in verdict["holdout"]:
        found.append(("winner on rows set aside", verdict["holdout"]))
    compared = verdict["baselines"]
    if not compared["searched"] and compared["scoring"] == best["scoring"]:
        found.append(("base model, not searched", {"mean": compared["network"]}))
    return found


def baselines(compared: dict[str, Any], best: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    """Return the means of the baselines that could be fitted, the best first.

    None where they were scored otherwise than the search.
    """
    if compared["scoring"] != best["scoring"]:
        return []
    models = [
        (title(name), {"mean": own["mean"]})
        for name, own in compared["models"].items()
        if "missing" not in own
    ]
    return sorted(models, key=lambda item: -item[1]["mean"])
