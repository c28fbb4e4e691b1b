"""What a study scores by, under one short name each: in columns, files, figures and words.

The name of one of scikit-learn's scorers is its own. Besides there are ``fbeta_2``, F-beta of beta
2, and ``neg_cost_fp1_fn5``, minus the mean cost of a row where a false positive costs 1 and a false
negative 5. ``_tuned`` behind a name means at a threshold that was tuned, as in ``f1_tuned``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

NUMBER = r"\d+(?:\.\d+)?(?:e[+-]\d+)?"

FBETA = re.compile(rf"fbeta_(?P<beta>{NUMBER})")
COST = re.compile(rf"neg_cost_fp(?P<fp>{NUMBER})_fn(?P<fn>{NUMBER})")
TUNED = "_tuned"

#: Folds inside the training rows that a threshold is tuned on, as many as scikit-learn takes.
INNER = 5

#: Scorers of predicted classes that a threshold can be tuned for, besides F-beta and costs. Recall
#: and precision are not among them: naming every row, or hardly any, has the highest.
TUNABLE = (
    "accuracy",
    "balanced_accuracy",
    "f1",
    "jaccard",
    "matthews_corrcoef",
)


@dataclass(frozen=True)
class Measure:
    """What a study scores by.

    Attributes
    ----------
    kind : str
        The name of a scorer of scikit-learn, ``fbeta`` or ``cost``.
    numbers : dict of str to float
        ``beta``, or ``fp`` and ``fn``.
    tuned : bool
        Whether the threshold is tuned.
    """

    kind: str
    numbers: dict[str, float] = field(default_factory=dict)
    tuned: bool = False

    @property
    def plain(self) -> str:
        """The name without the threshold."""
        own = {name: _text(value) for name, value in self.numbers.items()}
        if self.kind == "fbeta":
            return f"fbeta_{own['beta']}"
        return f"neg_cost_fp{own['fp']}_fn{own['fn']}" if self.kind == "cost" else self.kind

    @property
    def name(self) -> str:
        """The short name."""
        return self.plain + TUNED * self.tuned


def measure(name: str) -> Measure:
    """Return what a name means, the other way round than :attr:`Measure.name`."""
    tuned, plain = name.endswith(TUNED), name.removesuffix(TUNED)
    for kind, pattern in (("fbeta", FBETA), ("cost", COST)):
        if found := pattern.fullmatch(plain):
            numbers = {own: float(value) for own, value in found.groupdict().items()}
            return Measure(kind, numbers, tuned)
    return Measure(plain, tuned=tuned)


def tuned_among(names: Iterable[str]) -> list[str]:
    """Return which names mean a tuned threshold."""
    return [name for name in names if measure(name).tuned]


def fits_for(names: Iterable[str]) -> int:
    """Return how many networks are trained to be scored once by all of these."""
    return 1 + INNER * bool(tuned_among(names))


def _text(value: float) -> str:
    """Return a number in as few characters as tell it from others."""
    return str(int(value)) if value == int(value) and value < 1e15 else repr(float(value))
