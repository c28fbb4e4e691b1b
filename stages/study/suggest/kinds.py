"""Which kind of feature a column is, and what in it is not of that kind."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.date_formats import ISO
from stages.study.suggest.missing import WORDS
from stages.study.suggest.paste import Paste
from stages.study.suggest.seen import Finding, Seen
from stages.study.suggest.words import LISTED, shown
from stages.study.tables import names
from stages.study.tables.cells import COMMA
from stages.study.tables.dates import no_offset, readings
from stages.study.tables.doubts import marker, may_be_id
from stages.study.tables.kinds import has_few_values
from stages.study.tables.no_numbers import may_mean_missing
from stages.study.tables.number_texts import number_texts
from stages.study.tables.thousands import mark_of

#: Categories of more values than this are many inputs.
CATEGORIES = 200

#: Numbers of so few values beside text are codes.
CODES = 10

#: Of fewer rows for each value nothing is learnt.
ROWS_PER_VALUE = 5

#: So many different texts say whether there are digits, as in all dates.
FIRST = 100

#: From this share of dates on, what is no date is a mistake.
MOSTLY = 0.8

#: A number of something, with a letter or two.
CODE = re.compile(r"[A-Za-z]{1,2}[-_]?\d{3,}|\d{3,}[-_]?[A-Za-z]{1,2}")

#: A number with a currency or a unit.
UNIT = re.compile(r"[<>~]?\s?[$€£¥]?\s?[+-]?\d[\d.,']*\s?([%‰$€£¥]|[A-Za-zµ°]{1,5})?")

#: A time of day, or hours, minutes and seconds.
CLOCK = re.compile(r"\d{1,2}:[0-5]\d(:[0-5]\d(\.\d+)?)?( ?[AaPp][Mm])?")


def of_number(seen: Seen) -> Finding | None:
    """Find codes among numbers, and cells that are none; None if the column is not of numbers."""
    if not seen.is_number:
        return None
    bad = np.unique(seen.text[np.isnan(seen.numbers)].astype(str)).tolist()
    unknown = [cell for cell in bad if cell.casefold() not in WORDS]
    known = seen.numbers[~np.isnan(seen.numbers)]
    if what := _codes(seen, known, unknown):
        return _categories(seen, what)
    if unknown:
        return _mixed(seen, unknown)
    doubt, paste = _of_values(seen, known)
    return Finding(
        kind="number",
        markers=bad,
        gaps=bool(bad) or bool(seen.gaps.any()),
        ordered=names.is_time(seen.name) and seen.in_order(pd.Series(seen.numbers)),
        doubt=doubt,
        paste=paste,
    )


def _codes(seen: Seen, known: NDArray[np.float64], unknown: Sequence[str]) -> str:
    """Say which codes a column of numbers holds; empty if they are amounts."""
    different, cells = len(seen.different), len(seen.text)
    if any(cell[0] == "0" and len(cell) > 1 and cell.isdigit() for cell in seen.different):
        return "codes, some with zeros in front: "
    few = different <= min(CODES, cells / ROWS_PER_VALUE)
    alike = all(map(CODE.fullmatch, unknown)) and (known % 1 == 0).all()
    if unknown and (few or alike or names.is_id(seen.name)):
        return "codes, not all of them numbers: "
    few = names.is_id(seen.name) and has_few_values(different, cells)
    place = names.is_place(seen.name) and different <= min(CATEGORIES, cells / ROWS_PER_VALUE)
    return "an id: " if not unknown and (few or place) else ""


def _of_values(seen: Seen, known: NDArray[np.float64]) -> tuple[str, Paste | None]:
    """Say what numbers may be instead of amounts, and what to paste then."""
    found = marker(seen.name, known)
    if found is not None and seen.name not in seen.around.data.missing:
        said = f"{found}, far from all others; does it mean that nothing was measured?"
        if seen.may_be_missing(found.rows):
            return said, Paste(seen.name, markers=[found.value])
        return f"{said} if so, it is more than preprocess.max_missing allows", None
    if may_be_id(seen.name, known):
        said = f"{seen.name!r} has {seen.many}, all whole; if it is an id, exclude it"
        return said, Paste(seen.name, "exclude")
    return "", None


def _mixed(seen: Seen, unknown: Sequence[str]) -> Finding:
    """Return what to say of a column of numbers in which something else stands too."""
    cells = int(np.isin(seen.text.astype(str), unknown).sum())
    why = f"{cells} of {len(seen.text)} cells are no numbers: {shown(unknown)}"
    if all(COMMA.fullmatch(cell) for cell in unknown):
        way = f"{seen.name}: write decimals with points, and thousands without commas"
        if mark_of(unknown, seen.around.data.decimal):
            way = f"{seen.name}: {why}; --thousands , reads them, --decimal , if they are decimals"
        return Finding("exclude", why, undecided=way)
    return _if_missing(seen, why, unknown, cells, "number")


def _if_missing(
    seen: Seen, why: str, odd: Sequence[str], cells: int, use: str, form: str = ""
) -> Finding:
    """Return what to say of a column of which some cells may mean missing."""
    paste = None
    if len(odd) > LISTED or not all(map(may_mean_missing, odd)):
        what = "correct them in the file; codes are listed in data.categorical"
    elif not seen.may_be_missing(cells):
        what = "if they mean missing, it is more than preprocess.max_missing allows"
    else:
        paste = Paste(seen.name, use, form, [*odd])
        what = "do they mean missing?"
    return Finding("exclude", why, undecided=f"{seen.name}: {why}; {what}", paste=paste)


def of_text(seen: Seen) -> Finding | None:
    """Find dates and categories, and text that is neither; None if the column is not of text."""
    if seen.kind is not None:
        return None
    if (found := _dates(seen)) is not None:
        return found
    found = _categories(seen, "")
    clocks = [cell for cell in seen.different if CLOCK.fullmatch(cell)]
    if found.key == "exclude" and len(clocks) >= MOSTLY * len(seen.different):
        way = f"{seen.name}: times of day, such as {clocks[0]}; write them as hours, 14.5 for 14:30"
        return Finding("exclude", f"times of day, such as {clocks[0]}", undecided=way)
    units = [cell for cell in seen.different if UNIT.fullmatch(cell)]
    odd = number_texts(seen.text, ~np.isnan(seen.numbers), seen.around.data.decimal)
    if odd or (found.key == "exclude" and len(units) >= MOSTLY * len(seen.different)):
        such = repr(odd.example if odd else units[0])
        why = f"numbers with something around them, such as {such}"
        way = f"{seen.name}: write numbers alone, not as in {such}"
        if odd and odd.marks:
            decimal, mark = odd.marks
            told = f'--thousands "{mark}"' + f' --decimal "{decimal}"' * (
                decimal != seen.around.data.decimal
            )
            way = f"{seen.name}: numbers written as {such}; {told} reads them"
        return Finding("exclude", why, undecided=way)
    return found


def _dates(seen: Seen) -> Finding | None:
    """Find dates, also such as can be read in two ways, and those among which something else is."""
    cells = pd.Series(seen.different)
    if not cells[:FIRST].str.contains(r"\d").any():
        return None
    read = {form: own for form, own in readings(cells).items() if own.notna().mean() >= MOSTLY}
    if ISO in read and not cells[read[ISO].notna()].str.contains("-").all():
        # Digits are dates to ISO 8601.
        del read[ISO]
    if not read:
        return None
    best = max(read, key=lambda form: read[form].notna().sum())
    bad = cells[read[best].isna()].tolist()
    if bad:
        rows = int(np.isin(seen.text.astype(str), bad).sum())
        return _if_missing(seen, f"dates, but for {shown(bad)}", bad, rows, "dates", best)
    others = [
        form for form, own in read.items() if own.notna().all() and not own.equals(read[best])
    ]
    if others:
        why = f"dates that can be read as {best} or as {others[0]}"
        way = f"{seen.name}: {why}; is it the first?"
        return Finding("exclude", why, undecided=way, paste=Paste(seen.name, "dates", best))
    times = pd.Series(seen.text).map(dict(zip(cells, read[best], strict=True)))
    why = f"written as {best}, such as {cells[0]}"
    if "%y" in best:
        why += f"; years from {read[best].min():%Y} to {read[best].max():%Y}"
    doubt = "".join(no_offset(seen.column, seen.gaps))
    gaps = bool(seen.gaps.any())
    return Finding("dates", why, gaps=gaps, ordered=seen.in_order(times), doubt=doubt)


def _categories(seen: Seen, what: str) -> Finding:
    different, cells = len(seen.different), len(seen.text)
    if different * ROWS_PER_VALUE > cells:
        return Finding("exclude", f"{what or 'text: '}{seen.many}")
    if different <= CATEGORIES:
        return Finding("categorical", f"{what}{different} values")
    return Finding(
        "exclude",
        f"{what}{different} values, each an input",
        doubt=f"{seen.name!r} has {seen.many}; to use it, list it in data.categorical, and set "
        "model.categorical: target",
    )
