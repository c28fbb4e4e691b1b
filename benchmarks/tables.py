"""Markdown tables."""

from typing import Any

from tabulate import tabulate


def table(rows: list[list[Any]], headers: list[str], **settings: Any) -> str:
    """Return rows as a table; numbers stay as they are unless there are settings."""
    return tabulate(rows, headers, tablefmt="github", disable_numparse=not settings, **settings)


def seconds_told(seconds: float) -> str:
    """Return seconds with as many digits as they are worth."""
    digits = 2 if seconds < 10 else 1 if seconds < 100 else 0
    return f"{seconds:,.{digits}f}"
