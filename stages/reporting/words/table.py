"""What the report says of the raw table: its file, and what was left out of it."""

from typing import Any

from stages.study.counts import count
from stages.study.tables.file_profile import left_out_in_words
from stages.study.tables.set_aside import aside_in_words

#: So many columns or reasons are named.
NAMED = 8


def of_table(profile: dict[str, Any]) -> list[str]:
    """Return sentences on how a table was read and what is not in it."""
    missing, left_out = profile["missing_found"], left_out_in_words(profile["left_out"])
    found = [f"Read as {profile['file']}: {profile['rows_read']} rows."]
    if left_out:
        found.append(f"{left_out}.")
    found += [f"{said}." for said in aside_in_words(profile)]
    if missing:
        # Of a file with types it is no text at all.
        cells = profile["file"].startswith(("text", "workbook"))
        empty = "an empty cell" if cells else "null"
        columns = [f"{name}: {_markers(counts, empty)}" for name, counts in missing.items()]
        found.append(f"What stood for missing values: {_listed(columns)}.")
    if profile["positive"] is not None:
        found.append(f"The positive class is {profile['positive']}.")
    return found


def _markers(counts: dict[str, int], empty: str) -> str:
    shown = [f"{text or empty} in {count(rows, 'row')}" for text, rows in counts.items()]
    return _listed(shown, " and ")


def _listed(parts: list[str], between: str = "; ") -> str:
    more = f"{between}{len(parts) - NAMED} more" if len(parts) > NAMED else ""
    return between.join(parts[:NAMED]) + more
