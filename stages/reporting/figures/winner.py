"""Which figures show the winner, and what they show in words."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from stages.reporting.evidence.winner_leaning import by_feature
from stages.reporting.evidence.winner_rows import of_interest, winner_rows
from stages.reporting.evidence.winner_threshold import curve
from stages.reporting.figures import leaning, predictions, thresholds
from stages.reporting.figures.illustration import Illustration
from stages.reporting.spelling.formats import distance, number, percent, title
from stages.reporting.words.names import class_name, short
from stages.study.counts import listed
from stages.study.predictions import PROBABILITY


def of_winner(content: dict[str, Any]) -> Iterator[Illustration]:
    """Return the figures of the winner: none if no candidate won."""
    own, table = content["winner"], winner_rows(content)
    if own is None or table is None:
        return
    name = content["best"]["scoring"]
    if "right" in own:
        yield _of_classes(own, table, of_interest(content, table))
    else:
        yield _of_numbers(own, table, content["profile"]["target"])
    if own["threshold"] is not None:
        yield _of_thresholds(own["threshold"], table)
    if own["importance"] is not None:
        yield _of_importance(own["importance"], content["importance"], name)
    if own["learning_curve"] is not None:
        yield _of_rows(own["learning_curve"], content["learning_curve"], name)


def _of_classes(own: dict[str, Any], table: Any, label: Any) -> Illustration:
    said, areas = "", own["areas"]
    if areas is not None:
        said = (
            f" Of a row of {class_name(label)} and one that is not, it gives the first the "
            f"higher probability in {percent(areas['roc'])} of pairs: the area under the ROC curve "
            f"of all folds' rows together is {number(areas['roc'])}"
        )
        of_folds = areas.get("roc_folds")
        said += f", mean over folds {number(of_folds)}." if of_folds is not None else "."
        said += _on_average(table, label)
    return Illustration(
        "winner",
        "winner",
        "Out-of-fold predictions of the network that was chosen, all folds' rows together: ROC, "
        f"precision-recall, calibration (ten bins of as many rows each) and confusion.{said}",
        f"{own['right']} of {own['rows']} rows are classified rightly out of fold.",
        partial(predictions.of_classes, table, label),
    )


def _on_average(table: Any, label: Any) -> str:
    mean, share = table[f"{PROBABILITY}{label}"].mean(), (table["truth"] == label).mean()
    return (
        f" On average it gives {class_name(label)} a probability of {percent(mean)}, and "
        f"{percent(share)} of the rows are of it."
    )


def _of_numbers(own: dict[str, Any], table: Any, target: str) -> Illustration:
    rows, far = predictions.ROWS, own["distances"]
    drawn = f" ({rows} rows of {own['rows']}, drawn at random)" if own["rows"] > rows else ""
    bias = (table["predicted"] - table["truth"]).mean()
    side = "too high" if bias > 0 else "too low"
    return Illustration(
        "winner",
        "winner",
        f"Out-of-fold predictions of {short(target)} by the network that was chosen: predicted "
        f"against true, and residuals{drawn}. On average they are {distance(abs(bias))} {side}.",
        f"Half of the rows are predicted to within {distance(far['half'])}, 90 % to within "
        f"{distance(far['most'])}.",
        partial(predictions.of_numbers, table, target),
    )


def _of_thresholds(own: dict[str, Any], table: Any) -> Illustration:
    label, now, name = own["class"], own["now"], title(own["scoring"])
    said = table[f"{PROBABILITY}{label}"].to_numpy()
    by_threshold = curve((table["truth"] == label).to_numpy(), said, own["scoring"])
    how = ", tuned on training rows" if own["tuned"] else ""
    return Illustration(
        "threshold",
        "threshold",
        f"Precision, recall and {name} by the probability from which on {class_name(label)} is "
        f"named; a line at {own['at']:.2g}{how}.",
        f"At the line precision is {number(now['precision'])}, recall {number(now['recall'])} and "
        f"{name} {number(now['score'])}.",
        partial(thresholds.thresholds, by_threshold, label, own["at"]),
    )


def _of_importance(own: dict[str, Any], drops: Any, name: str) -> Illustration:
    more = own["of"] - len(own["columns"])
    which = f", the first {len(own['columns'])} of {own['of']} columns" if more else ""
    largest = [f"{short(column)} {number(of['mean'])}" for column, of in own["columns"].items()]
    return Illustration(
        "importance",
        "leaning",
        f"By how much the {title(name)} falls when the values of one column are shuffled among the "
        f"rows out of fold{which}: the mean as a bar, each fold as a point.",
        f"Mean drops: {listed(largest, 8)}.",
        partial(leaning.importance, by_feature(drops), own["columns"], name),
    )


def _of_rows(own: dict[str, Any], table: Any, name: str) -> Illustration:
    said = [f"{number(of['mean'])} with {of['rows']} rows" for of in own["points"] if "mean" in of]
    return Illustration(
        "learning_curve",
        "more_rows",
        f"The {title(name)} by training rows: each fold as a point, and a line through the means.",
        f"Means: {', '.join(said)}.",
        partial(leaning.learning_curve, table, name),
    )
