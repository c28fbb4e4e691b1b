"""What the winner scores on the rows that were set aside, in a sentence."""

from typing import Any

from stages.reporting.spelling.formats import between, decimals, number, signed, title
from stages.study.counts import count


def held_out(found: dict[str, Any] | None) -> list[str]:
    """Return a sentence on the rows that were set aside, if any were."""
    if found is None:
        return []
    where = f"On {count(found['rows'], 'row')} set aside, which no stage but holdout has seen"
    scoring, name = title(found["scoring"]), title(found["rival"])
    if "missing" in found:
        return [f"{where}, the winner has no {scoring}: {found['missing']}."]
    places = decimals(found)
    rival = found["models"].get(found["rival"])
    said = f"{where}, the winner has {scoring} {number(found['mean'], places)} {between(found)}"
    if rival is None:
        return [f"{said}."]
    own = decimals(rival)
    gap = f"a difference of {signed(rival['difference'], own)}"
    # What is not known of both is said once.
    if "low" in rival:
        ends = f"{signed(rival['low'], own)} to {signed(rival['high'], own)}"
        gap += f" (95 % interval {ends})"
    elif rival.get("unknown") != found.get("unknown"):
        gap += f" {between(rival)}"
    return [f"{said}; {name} has {number(rival['mean'], places)} there, {gap}."]
