"""Cells that may mean missing."""

import numpy as np
from numpy.typing import NDArray

from stages.study.yaml_sections import in_yaml

#: Words that mean missing in a column of numbers, whatever their case.
WORDS = {
    *("none", "nil", "unknown", "missing", "n.a.", "n/a", "na", "nan", "null", "not available"),
    *("not applicable", "not known", "undefined", "no data", "nd", "--", "---", ".", "..", "*"),
    *("#null!", "#div/0!", "#value!", "unbekannt", "k.a.", "keine angabe"),
}

#: Numbers that people write for "not measured".
SENTINELS = (-1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999)


#: Columns of fewer values are kinds of things rather than sizes.
VALUES = 10


def sentinels(name: str, numbers: NDArray[np.float64]) -> str:
    """Say which numbers may mean missing: they repeat, far from all others; empty if none does."""
    values, times = np.unique(numbers, return_counts=True)
    if len(values) < VALUES:
        return ""
    for end, others in ((0, values[1:]), (-1, values[:-1])):
        own, rows = float(values[end]), int(times[end])
        away = float(np.abs(others - own).min())
        far = away > others[-1] - others[0] or own < 0 <= others[0]
        if own in SENTINELS and rows > 1 and far:
            return _told(name, own, rows)
    # A size that is never zero, but where nobody took it.
    gap, usual = values[1] - values[0], np.median(np.diff(values))
    rows = int(times[0])
    if values[0] == 0 and 1 < rows < 0.5 * len(numbers) and gap > 5 * usual:
        return _told(name, 0, rows)
    return ""


def _told(name: str, value: float, rows: int) -> str:
    paste = f"missing: {{{in_yaml(name)}: [{value:g}]}}"
    return f"{name!r} is {value:g} in {rows} rows, far from all others; if that means none: {paste}"
