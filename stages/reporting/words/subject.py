"""What a study predicts, and from how much, in a sentence."""

from typing import Any

from stages.reporting.spelling.formats import percent
from stages.study.counts import count, in_digits, listed

#: Classes that are named.
NAMED = 4


def subject(profile: dict[str, Any]) -> str:
    """Return what is predicted, from how many columns and rows."""
    if "classes" in profile:
        own = (f"{of['label']}: {percent(of['share'])}" for of in profile["classes"])
        what = listed(own, NAMED)
    else:
        ends = profile["target_range"]
        what = f"from {in_digits(ends['minimum'])} to {in_digits(ends['maximum'])}"
    columns = count(len(profile["columns"]), "column")
    rows = count(profile["rows"], "row")
    return f"Predicted: {profile['target']} ({what}), from {columns} and {rows}."
