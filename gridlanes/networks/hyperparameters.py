"""What a build function asks for its hyperparameters, by the names and rules of KerasTuner's."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from gridlanes.errors import ParameterError


@dataclass(frozen=True)
class Range:
    """The numbers of an ``hp.Float`` or ``hp.Int`` without steps, as a distribution.

    Attributes
    ----------
    low, high : float
    sampling : {"linear", "log", "reverse_log"}
        "log" is uniform in the logarithm, "reverse_log" its mirror image, dense at ``high``.
    whole : bool
        Whether only whole numbers are drawn, ``high`` among them.
    """

    low: float
    high: float
    sampling: str
    whole: bool

    def rvs(self, random_state: Any = None) -> float:
        """Return a number drawn at random, as scikit-learn's searches ask for it."""
        share = float(check_random_state(random_state).uniform())
        low, high = self.low, self.high + self.whole
        if self.sampling == "linear":
            return low + share * (high - low)
        rising = low * (high / low) ** (share if self.sampling == "log" else 1 - share)
        drawn = rising if self.sampling == "log" else low + high - rising
        return max(self.low, min(int(drawn), self.high)) if self.whole else drawn


@dataclass(frozen=True)
class Asked:
    """A hyperparameter as a function asks for it.

    Attributes
    ----------
    values : list or Range
    default : Any
    conditions : list of (str, list)
        Others, each with the values of which it must have one.
    """

    values: list | Range
    default: Any
    conditions: list[tuple[str, list]]

    def is_active(self, active: Mapping[str, Any]) -> bool:
        """Return whether its conditions are met, given the values of those that are active."""
        return all(name in active and active[name] in own for name, own in self.conditions)

    @property
    def to_try(self) -> list:
        """Values on which it may depend what else is asked for: of numbers, the ends."""
        own = self.values
        values = [own.low, own.high] if isinstance(own, Range) else own
        numbers = all(isinstance(one, Real) and not isinstance(one, bool) for one in values)
        tried = [min(values), max(values)] if numbers else values
        return [value for value in tried if value != self.default]


class HyperParameters:
    """What a build function is given to ask for its hyperparameters, as KerasTuner's ``hp``.

    Parameters
    ----------
    who : str
        The build function, for messages.
    space : dict of str to Asked
        What is known to be asked for.
    given : dict
        Values; others have their defaults.
    learns : bool
        Whether what is not known is put into ``space``; otherwise it is an error.
    """

    def __init__(
        self, who: str, space: dict[str, Asked], given: Mapping[str, Any], *, learns: bool
    ) -> None:
        self._who, self._space, self._given, self._learns = who, space, given, learns
        self._scopes: list[str] = []
        self._conditions: list[tuple[str, list]] = []
        #: The values that were asked for.
        self.values: dict[str, Any] = {}

    def Int(self, name: str, *limits: Any, **options: Any) -> Any:  # noqa: N802 - KerasTuner's
        """Ask for a whole number: ``name, min_value, max_value, step, sampling, default``."""
        return self._number(int, name, *limits, **options)

    def Float(self, name: str, *limits: Any, **options: Any) -> Any:  # noqa: N802
        """Ask for a number, as :meth:`Int` for a whole one."""
        return self._number(float, name, *limits, **options)

    def Choice(  # noqa: N802
        self, name: str, values: Sequence, ordered: Any = None, default: Any = None, **parent: Any  # noqa: ARG002
    ) -> Any:  # fmt: skip
        """Ask for one of some values; ``ordered`` makes no difference here."""
        default = next(iter(values), None) if default is None else default
        if default not in values:
            raise self._error(f"hp.Choice({name!r}) among {values}, default={default!r}")
        return self._ask(name, list(values), default, **parent)

    def Boolean(self, name: str, default: bool = False, **parent: Any) -> Any:  # noqa: N802
        """Ask for True or False."""
        return self._ask(name, [False, True], default, **parent)

    def Fixed(self, name: str, value: Any, **parent: Any) -> Any:  # noqa: N802
        """Ask for one value."""
        return self._ask(name, [value], value, **parent)

    def name_scope(self, name: str) -> AbstractContextManager[None]:
        """Put ``name/`` before the names of what is asked for inside."""
        return _inside(self._scopes, name)

    def conditional_scope(self, parent_name: str, parent_values: Any) -> AbstractContextManager:
        """Answer None to what is asked for inside unless another has one of some values."""
        parent = self._scoped(parent_name)
        if parent not in self._space:
            raise self._error(f"ask for {parent!r} before what depends on it")
        return _inside(self._conditions, (parent, np.atleast_1d(parent_values).tolist()))

    def get(self, name: str) -> Any:
        """Return the value of what was asked for before, if it is active."""
        return self.values[self._scoped(name)]

    __getitem__ = get

    def __contains__(self, name: str) -> bool:
        return self._scoped(name) in self.values

    def _error(self, said: str) -> ParameterError:
        return ParameterError(f"{self._who}(): {said}")

    def _scoped(self, name: str) -> str:
        return "/".join([*self._scopes, str(name)])

    def _number(
        self, kind: type, name: str, min_value: Any, max_value: Any, step: Any = None,
        sampling: str = "linear", default: Any = None, **parent: Any,
    ) -> Any:  # fmt: skip
        """Ask for a number from ``min_value`` to ``max_value``, which can be drawn too."""
        low, high, logs = kind(min_value), kind(max_value), sampling in ("log", "reverse_log")
        step = 1 if step is None and kind is int and sampling == "linear" else step
        right = low == min_value <= max_value == high and (
            step is None or kind(step) == step > logs
        )
        if not right or not (sampling == "linear" or (logs and low > 0)):
            raise self._error(
                f"hp.{kind.__name__.title()}({name!r}) from {min_value} to {max_value}, "
                f"step={step}, sampling={sampling!r}; allowed: min_value <= max_value, whole "
                "in an Int, 'linear' with step > 0, 'log' and 'reverse_log' with step > 1 and "
                "min_value > 0"
            )
        values: list | Range = Range(low, high, sampling, kind is int)
        values = values if step is None else _stepped(low, high, kind(step), sampling)
        return self._ask(name, values, low if default is None else default, **parent)

    def _ask(
        self, name: str, values: Any, default: Any, parent_name: str = "", parent_values: Any = None
    ) -> Any:
        """Return the value of a hyperparameter, None if a condition of it is not met."""
        if parent_name:
            with self.conditional_scope(parent_name, parent_values):
                return self._ask(name, values, default)
        name, asked = self._scoped(name), Asked(values, default, list(self._conditions))
        if name not in self._space and not self._learns:
            raise self._error(
                f"asks for {name!r} in a branch that was not found, with {self.values}; let it ask "
                "before it branches"
            )
        if (known := self._space.setdefault(name, asked)) != asked:
            raise self._error(
                f"asks for {name!r} in two ways, of which each needs a name: {known}, {asked}"
            )
        if not asked.is_active(self.values):
            return None
        self.values[name] = self._given.get(name, default)
        return self.values[name]


@contextmanager
def _inside(scopes: list, scope: Any) -> Iterator[None]:
    scopes.append(scope)
    try:
        yield
    finally:
        scopes.pop()


def _stepped(low: Any, high: Any, step: Any, sampling: str) -> list:
    """Return numbers that are steps apart, a little more so that rounding leaves out none."""
    if sampling == "linear":
        return [low + i * step for i in range(int((high - low) / step + 1e-8) + 1)]
    rising = [low * step**i for i in range(int(math.log(high / low, step) + 1e-8) + 1)]
    return rising if sampling == "log" else [high + low - own for own in rising]
