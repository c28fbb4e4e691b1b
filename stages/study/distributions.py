"""Distributions that params.yaml gives a random search to draw hyperparameters from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridlanes.errors import did_you_mean

#: Significant digits of what is drawn: tables of results hold ten, so that it is read as drawn.
DIGITS = 6

#: The largest number that an end may be.
LARGEST = 1e15

KINDS = ("uniform", "loguniform", "int")


@dataclass(frozen=True, repr=False)
class Distribution:
    """What a hyperparameter is drawn from; scikit-learn asks it for ``rvs``.

    Attributes
    ----------
    kind : {"uniform", "loguniform", "int"}
    low, high : int or float
        Both may be drawn.
    log : bool
        Whether small numbers are drawn as often as large ones, by their order of magnitude.
    """

    kind: str
    low: float
    high: float
    log: bool = False

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "Distribution":
        """Return the distribution that an entry of params.yaml means.

        Raises
        ------
        ValueError
            Saying what it should be like.
        """
        kind = _kind(written)
        low, high = _ends(kind, written[kind])
        if kind != "int" and f"{low:.{DIGITS}g}" == f"{high:.{DIGITS}g}":
            raise ValueError(
                f"{kind} is drawn from with {DIGITS} digits, in which its ends are the same; a "
                "list may hold both"
            )
        log = kind == "loguniform" or written.get("log", False)
        if log and low <= 0:
            raise ValueError(f"{kind} must begin above 0, to draw by orders of magnitude")
        return (
            cls(kind, low, high, log) if kind == "int" else cls(kind, float(low), float(high), log)
        )

    def rvs(self, random_state: Any = None) -> int | float:
        """Return a number, drawn as by ``scipy.stats``."""
        # Loaded by the few studies that draw.
        from scipy import stats

        if self.kind == "int" and not self.log:
            return int(stats.randint.rvs(self.low, self.high + 1, random_state=random_state))
        # The first and the last whole number have as much room as those between them.
        rim = 0.5 if self.kind == "int" else 0.0
        low, high = self.low - rim, self.high + rim
        own, ends = (stats.loguniform, high) if self.log else (stats.uniform, high - low)
        drawn = float(own.rvs(low, ends, random_state=random_state))
        shown = round(drawn) if self.kind == "int" else float(f"{drawn:.{DIGITS}g}")
        return min(max(shown, self.low), self.high)

    def ends_and_middle(self) -> list[int | float]:
        """Return what is checked of it before a search."""
        middle = math.sqrt(self.low * self.high) if self.log else (self.low + self.high) / 2
        inside = round(middle) if self.kind == "int" else float(f"{middle:.{DIGITS}g}")
        return list(dict.fromkeys([self.low, self.high, inside]))

    def __repr__(self) -> str:
        log = ", log: true" if self.kind == "int" and self.log else ""
        return f"{{{self.kind}: [{self.low}, {self.high}]{log}}}"


#: The values of a hyperparameter: each of a list, or what is drawn.
Values = Sequence[Any] | Distribution


def tried(values: Values) -> list[Any]:
    """Return the values of a hyperparameter that are checked before a search."""
    return values.ends_and_middle() if isinstance(values, Distribution) else list(values)


def place(key_path: str, values: Values, number: int) -> str:
    """Return where in params.yaml one of those that are tried stands."""
    if isinstance(values, Distribution):
        return f"{key_path}, at {tried(values)[number]}"
    return f"{key_path}[{number}]"


def _kind(written: Mapping[str, Any]) -> str:
    kinds = [name for name in written if name != "log"]
    if len(kinds) != 1 or kinds[0] not in KINDS:
        hint = did_you_mean(kinds[0], KINDS) if len(kinds) == 1 else ""
        raise ValueError(
            "must be a list of values, {uniform: [a, b]}, {loguniform: [a, b]}, {int: [a, b]} or "
            f"{{int: [a, b], log: true}}{hint}"
        )
    log = written.get("log", False)
    if type(log) is not bool or ("log" in written and kinds[0] != "int"):
        raise ValueError("log must be true or false, and is for int; loguniform is one already")
    return kinds[0]


def _ends(kind: str, ends: Any) -> tuple[Any, Any]:
    if not isinstance(ends, list) or len(ends) != 2 or not all(map(_is_number, ends)):
        raise ValueError(f"{kind} must have two numbers, the least and the largest")
    if kind == "int" and not all(isinstance(end, int) for end in ends):
        raise ValueError("int must have two whole numbers")
    if ends[0] >= ends[1]:
        raise ValueError(f"{kind} must go from a number to a larger one")
    if max(map(abs, ends)) > LARGEST:
        raise ValueError(f"{kind} must stay within {LARGEST:.0e}, of which tables hold all digits")
    return ends[0], ends[1]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
