"""For whom the winner misses a class or raises false alarms, in sentences."""

from typing import Any

from stages.reporting.spelling.formats import percent
from stages.reporting.words.names import NAMED, class_name, short
from stages.study.counts import count


def of_class(own: dict[str, Any] | None, label: Any) -> list[str]:
    """Return how many rows of a class are missed, how many others are taken for it, and where."""
    if own is None:
        return []
    missed, alarms, name = own["missed"], own["false_alarms"], class_name(label)
    said = (
        f"Of {count(missed['rows'], 'row')} of {name} it misses {missed['wrong']} "
        f"({percent(missed['share'])}); of the {count(alarms['rows'], 'other row')} it takes "
        f"{alarms['wrong']} for it ({percent(alarms['share'])})."
    )
    if not own["looked_at"]:
        return [f"{said} Too few rows to compare groups by either."]
    where = [
        f"{verb} where {_groups(side['worse'])}"
        for verb, side in ((f"misses more of {name}", missed), ("raises more false alarms", alarms))
        if side["worse"]
    ]
    among = f"by more than chance would give among {count(own['looked_at'], 'group')}"
    if not where:
        return [f"{said} In no group does it miss more or raise more false alarms {among}."]
    return [f"{said} It {' and '.join(where)} than elsewhere, {among}."]


def _groups(worse: list[dict[str, Any]]) -> str:
    told = [
        f"{short(of['column'])} is {short(of['kind'])} ({percent(of['error'])} of {of['rows']})"
        for of in worse[:NAMED]
    ]
    more = len(worse) - NAMED
    return " or ".join(told) + f" and in {count(more, 'other group')}" * (more > 0)
