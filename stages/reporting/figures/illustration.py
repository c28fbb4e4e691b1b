"""A figure of the report before it is drawn, and what it shows in words."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

#: Values that a text alternative names one by one.
NAMED = 8


@dataclass(frozen=True)
class Illustration:
    """A figure to be drawn.

    Attributes
    ----------
    name : str
        Of its files.
    section : str
        Of the page.
    caption : str
    alternative : str
        What the figure shows, in words.
    draw : callable
        Returns the figure.
    """

    name: str
    section: str
    caption: str
    alternative: str
    draw: Callable[[], Figure]
