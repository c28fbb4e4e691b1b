"""Markdown tables."""

from typing import Any

from tabulate import tabulate


def table(rows: list[list[Any]], headers: list[str], **settings: Any) -> str:
    """Return rows as a table; numbers stay as they are unless there are settings."""
    return tabulate(rows, headers, tablefmt="github", disable_numparse=not settings, **settings)
