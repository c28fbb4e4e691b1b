"""What the page's section on the winner shows besides figures: its sentences and its tables."""

from functools import partial
from typing import Any

from stages.reporting.spelling.formats import distance, percent
from stages.reporting.spelling.values import in_words
from stages.reporting.words import winner as words

#: Rows of the table of classes: those that are found least.
CLASSES = 10


def section(content: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the template shows of the winner; None if no candidate won.

    Returns
    -------
    dict
        Sentences: ``how_wrong``, ``for_whom``, ``threshold``, ``leaning``, ``more_rows``. Rows of
        tables: ``classes`` (of so many ``of_classes``) and ``groups``, with ``is_share``, whether
        their errors are shares, ``all_rows``, the error of all, ``class``, that of two whose share
        is shown, or None, and ``has_ends``, whether there are intervals.
    """
    own, scoring = content["winner"], content["best"]["scoring"]
    if own is None:
        return None
    classes = sorted(own.get("classes", ()), key=lambda of: of["found"] / of["rows"])
    groups = own["groups"]["worse"]
    return {
        "how_wrong": words.how_wrong(own, content),
        "for_whom": words.for_whom(own),
        "threshold": words.of_thresholds(own["threshold"]),
        "leaning": words.leaning(own["importance"], scoring),
        "more_rows": words.more_rows(own["learning_curve"], scoring),
        "classes": [_class(of) for of in classes[:CLASSES]],
        "of_classes": len(classes),
        "groups": [_group(of, is_share="right" in own) for of in groups],
        "all_rows": _error(own["groups"]["error"], is_share="right" in own),
        "is_share": "right" in own,
        "class": in_words(own["class"]) if "class" in own else None,
        "has_ends": any("low" in of for of in groups),
    }


def _class(own: dict[str, Any]) -> dict[str, str]:
    named, taken = own["named"], own["taken_for"]
    return {
        "label": in_words(own["label"]),
        "rows": str(own["rows"]),
        "recall": f"{own['found']} ({percent(own['found'] / own['rows'])})",
        "precision": f"{own['found']} of {named} ({percent(own['found'] / named)})"
        if named
        else "never named",
        "taken_for": "" if taken is None else f"{in_words(taken)} ({own['times']})",
    }


def _error(error: float, *, is_share: bool) -> str:
    return percent(error) if is_share else distance(error)


def _group(own: dict[str, Any], *, is_share: bool) -> dict[str, str]:
    shown = partial(_error, is_share=is_share)
    return {
        "name": own["column"],
        "kind": own["kind"],
        "rows": str(own["rows"]),
        "error": shown(own["error"]),
        "share": percent(own["share"]) if "share" in own else "",
        "ends": f"{shown(own['low'])} to {shown(own['high'])}" if "low" in own else "",
        "pvalue": f"{own['pvalue']:.3f}" if own.get("pvalue", 0) >= 0.0005 else "< 0.001",
    }
