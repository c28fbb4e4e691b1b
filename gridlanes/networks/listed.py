"""Names for the columns of a list of arrays, by which each array is known from the next."""

from collections import Counter
from collections.abc import Sequence

#: What no column of a table is called.
PREFIX = "\x00list"


def in_list(widths: Sequence[int]) -> list[str]:
    """Return a name for each column of arrays of these widths, the same for those of one array."""
    return [f"{PREFIX}{n}" for n, width in enumerate(widths) for _ in range(width)]


def widths_in(columns: Sequence[str]) -> list[int]:
    """Return the widths of the arrays that some columns are of, none of those of a table."""
    return list(Counter(name for name in columns if name.startswith(PREFIX)).values())
