"""The section of the stage that looks closer at the winner."""

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from stages.study.yaml_sections import Section, Whole

#: More permutations of a column say nothing more: what is left of the noise is that of the folds.
MOST = 100

#: Points of a learning curve, each of which is trained on every fold.
POINTS = 10


def _increasing(shares: list[float]) -> list[float]:
    if any(later <= earlier for earlier, later in pairwise(shares)):
        raise ValueError("must increase")
    return shares


Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class Diagnose(Section):
    """What is asked of the winner once it is known.

    Attributes
    ----------
    importance
        How often each column is shuffled among test rows, to see what the winner leans on;
        0 for never.
    learning_curve
        Shares of the training rows on which the winner is trained again, such as ``[0.2,
        0.5, 1.0]``; null for none.
    """

    importance: Annotated[Whole, Field(ge=0, le=MOST)] = 5
    learning_curve: (
        Annotated[list[Share], Field(min_length=1, max_length=POINTS), AfterValidator(_increasing)]
        | None
    ) = None
