"""Numbers and lists as people write them."""

from collections.abc import Iterable

#: From here on nobody reads what is behind the decimal mark, and from there on all digits.
LARGE, LARGEST = 1e6, 1e15


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural but for one."""
    return f"{number} {noun}{'s' * (number != 1)}"


def folds_in_words(folds: int, repeats: int = 1, noun: str = "fold") -> str:
    """Return how many folds there are, of all repeats together."""
    if repeats == 1:
        return count(folds, noun)
    return f"{repeats} repeats of {count(folds // repeats, noun)}"


def listed(parts: Iterable[str], most: int) -> str:
    """Return parts of a sentence, so many at the most, and how many more there are."""
    own = list(parts)
    more = f" and {len(own) - most} more" if len(own) > most else ""
    return ", ".join(own[:most]) + more


def in_digits(number: float | None) -> str:
    """Return a number from a table as people write it: whole ones, and large ones, in digits only.

    Others stand as they are, rounded where they were.
    """
    if number is None:
        return ""
    if abs(number) < LARGEST and (float(number).is_integer() or abs(number) >= LARGE):
        return f"{number:.0f}"
    return str(number)
