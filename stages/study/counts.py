"""Numbers with their nouns."""


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural but for one."""
    return f"{number} {noun}{'s' * (number != 1)}"
