"""The winner's figures in sentences: how wrong it is, for whom, and what it leans on.

None calls it a winner, which one that is worse than knowing nothing is not.
"""

from typing import Any

from stages.reporting.evidence.subgroups import FEWEST
from stages.reporting.spelling.formats import decimals, distance, number, percent, pvalue, title
from stages.reporting.words.class_errors import of_class
from stages.reporting.words.names import NAMED, class_name, short
from stages.study.counts import count, listed

#: p-values below this are called evidence.
ALPHA = 0.05

#: Figures of a regression, in the order in which they are told.
DISTANCES = ("mean", "median_says", "half", "most")


def how_wrong(own: dict[str, Any], content: dict[str, Any]) -> list[str]:
    """Return how often or how far the winner is off, and how much these rows flatter it."""
    chooser = content["best"]["scoring"]
    said = [_of_classes(own, chooser) if "right" in own else _of_numbers(own, content)]
    said += _never_found(own.get("classes", []))
    said += _flattered(content["best"], content["verdict"])
    if own["repeats"] > 1:
        said.append(f"Each row stands once here, as in the first of {own['repeats']} repeats.")
    if own["seeds"] > 1:
        said.append(
            f"Each row's prediction is the mean over {own['seeds']} seeds; a single network is, as "
            f"a rule, a little {'more often wrong' if 'right' in own else 'further off'}."
        )
    return said


def _of_classes(own: dict[str, Any], chooser: str) -> str:
    rows, right, most = own["rows"], own["right"], own["most"]
    against = f"always saying {class_name(most['label'])} would be right for {most['rows']}"
    than = ", no more than by knowing nothing: " if own["no_better"] else "; "
    other = right <= most["rows"] and not own["no_better"]
    asked = f", but that is not what {title(chooser)} asks for" * other
    return (
        f"Right for {right} of {count(rows, 'row')} ({percent(right / rows)}), each predicted by a "
        f"network that was not trained on it{than}{against} ({percent(most['rows'] / rows)})"
        f"{asked}."
    )


def _never_found(classes: list[dict[str, Any]]) -> list[str]:
    """Return which classes have no row that is found, which a share of right rows can hide."""
    none = [
        f"{class_name(own['label'])} ({count(own['rows'], 'row')})"
        for own in classes
        if not own["found"]
    ]
    return [f"It is never right for {listed(none, NAMED)}."] if none else []


def _of_numbers(own: dict[str, Any], content: dict[str, Any]) -> str:
    far, target = own["distances"], short(content["profile"]["target"])
    than = ", no less than by knowing nothing: " if own["no_better"] else "; "
    mean, median, half, most = map(distance, (far[name] for name in DISTANCES))
    return (
        f"Off by {mean} on average{than}always saying the median {target} would be off by "
        f"{median}. Half of {count(own['rows'], 'row')}, each predicted by a network that was not "
        f"trained on it, are predicted to within {half}, 90 % to within {most}."
    )


def _flattered(best: dict[str, Any], verdict: dict[str, Any]) -> list[str]:
    """Return how much the folds that chose flatter, if they did choose and it shows."""
    nested, corrected = verdict["nested_cv"], verdict["bootstrap_corrected"]
    if best["candidates"] == 1 or (nested is None and "estimate" not in corrected):
        return []
    expected, known = (
        (nested["mean"], nested) if nested is not None else (corrected["estimate"], corrected)
    )
    then, here = (number(own, decimals(known)) for own in (expected, best["mean"]))
    if expected >= best["mean"] or then == here:
        return []
    name = title(best["scoring"])
    return [f"Expect somewhat worse on new rows than on these: {name} {then} instead of {here}."]


def for_whom(own: dict[str, Any]) -> list[str]:
    """Return which groups of rows have more errors than the others."""
    found = own["groups"]
    if not found["looked_at"]:
        return [f"No group of {FEWEST} rows or more could be compared with the others."]
    said = [_worse(own) if found["worse"] else _none_worse(own)]
    return [*said, *of_class(own.get("of_class"), own.get("class")), *_sampled(found)]


def _worse(own: dict[str, Any]) -> str:
    found = own["groups"]
    names = [f"{short(group['column'])} is {short(group['kind'])}" for group in found["worse"]]
    more = len(names) + found["more"] - NAMED
    where = " or ".join(names[:NAMED]) + f" and in {count(more, 'other group')}" * (more > 0)
    errs = "It is wrong more often" if "right" in own else "It is further off"
    if not found["tested"]:
        return (
            f"{errs} where {where} than over all rows ({_error(own, found['error'])}); for rows in "
            "the order of time no test is known, so some of this may be chance."
        )
    return (
        f"{errs} where {where} than for the other rows, by more than chance would give among "
        f"{count(found['looked_at'], 'group')} from {count(found['columns'], 'column')}."
    )


def _none_worse(own: dict[str, Any]) -> str:
    found, highest = own["groups"], own["groups"]["highest"]
    errs = "wrong more often" if "right" in own else "further off"
    tested = " by more than chance would give" * found["tested"]
    where = f"where {short(highest['column'])} is {short(highest['kind'])}"
    return (
        f"For none of {count(found['looked_at'], 'group')} of rows that were compared is it {errs} "
        f"than for the others{tested}. The largest error, "
        f"{_error(own, highest['error'])} for the {count(highest['rows'], 'row')} {where}, may be "
        "chance."
    )


def _error(own: dict[str, Any], error: float) -> str:
    return f"{percent(error)} wrong" if "right" in own else f"{distance(error)} on average"


def _sampled(found: dict[str, Any]) -> list[str]:
    said = []
    if found["rows"] < found["of_rows"]:
        said.append(f"Compared were {found['rows']} rows, drawn from {found['of_rows']}.")
    if found["columns"] < found["of_columns"]:
        said.append(f"Of {found['of_columns']} columns {found['columns']} were looked at.")
    return said


def of_thresholds(own: dict[str, Any] | None) -> list[str]:
    """Return what another threshold would bring, if that could be told."""
    other = (own or {}).get("other", {})
    if own is None or "low" not in other:
        return []
    name, label, now = title(own["scoring"]), class_name(own["class"]), own["now"]
    ends = f"95 % interval of the difference {other['low']:+.3f} to {other['high']:+.3f}"
    if other["low"] <= 0:
        said = (
            f"No other threshold for {label} raises the {name} by more than noise: naming the rows "
            "of each fold at the threshold that is best on the others changes it by "
            f"{other['difference']:+.3f} ({ends})."
        )
    else:
        said = (
            f"A threshold of about {other['at']:.2f} for {label} instead of {own['at']:.2f} raises "
            f"the {name} from {number(now['score'])} to {number(other['score'])} ({ends}; the rows "
            "of each fold are named at the threshold that is best on the others). Of the rows of "
            f"{label} it finds {percent(other['recall'])} instead of {percent(now['recall'])}; of "
            f"those it names, {percent(other['precision'])} instead of {percent(now['precision'])} "
            "are right."
        )
    return [said]


def leaning(own: dict[str, Any] | None, scoring: str) -> list[str]:
    """Return which columns the winner leans on, or why that cannot be told."""
    if own is None:
        return []
    name = title(scoring)
    if not own["tested"] or own["shuffles"] < own["enough"]:
        said = f"{_untold(own)}{_largest(own, name)}"
    elif own["leans"]:
        others = own["of"] - len(own["leans"])
        rest = f" What {count(others, 'other column')} cost{'s' * (others == 1)} may be chance."
        said = (
            f"Shuffling the values of one column among the rows lowers the {name} by so much, "
            f"which is more than chance would give among {_looked_at(own)}: "
            f"{_drops(own['leans'])}.{rest * (others > 0)}"
        )
    else:
        said = (
            f"It leans on no column that shows: shuffling the values of one among the rows lowers "
            f"the {name} by no more than chance may among {_looked_at(own)}.{_largest(own, name)}"
        )
    share = "Columns that go together share this: each may look unimportant alone, or as if it told"
    return [f"{said} {share} what the other does."]


def _looked_at(own: dict[str, Any]) -> str:
    return f"{count(own['of'], 'column')} (permutation test of the networks of the folds, Holm)"


def _untold(own: dict[str, Any]) -> str:
    """Return why no column can be told from chance."""
    if not own["tested"]:
        return (
            "For rows in groups, in the order of time or tested more than once no test of columns "
            "is known, so some of this may be chance."
        )
    return (
        f"Too few folds and shuffles to tell which columns it leans on: {own['folds']} folds with "
        f"{count(own['shuffles'], 'shuffle')} of each of {count(own['of'], 'column')} could show "
        f"no loss beyond chance, {own['enough']} shuffles could (diagnose.importance)."
    )


def _largest(own: dict[str, Any], name: str) -> str:
    """Return the columns that cost most, where that may be chance; nothing if none costs."""
    means = {column: of["mean"] for column, of in own["columns"].items() if of["mean"] > 0}
    if not means:
        return ""
    return f" The largest mean losses of {name} are {_drops(dict([*means.items()][:NAMED]))}."


def _drops(means: dict[str, float]) -> str:
    return listed((f"{short(column)} {drop:.2g}" for column, drop in means.items()), NAMED + 2)


def more_rows(own: dict[str, Any] | None, scoring: str) -> list[str]:
    """Return whether more rows would still help."""
    if own is None or "difference" not in own:
        return []
    one, last = own["points"][-2:]
    grown = (
        f"from {one['rows']} to {last['rows']} training rows the {title(scoring)} changes by "
        f"{own['difference']:+.3f}"
    )
    if "pvalue" not in own:
        return [f"For folds in the order of time no test is known: {grown}."]
    chance = "" if own["pvalue"] >= 0.9995 else f" (corrected t-test, p {_shown(own['pvalue'])})"
    if own["pvalue"] >= ALPHA:
        return [
            f"Whether more rows would help cannot be told: {grown}, which may be chance{chance}."
        ]
    helps = "would probably still help" if own["difference"] > 0 else "have not helped"
    return [f"More rows {helps}: {grown}{chance}."]


def _shown(value: float) -> str:
    return f"{'= ' * (value >= 0.0005)}{pvalue(value)}"
