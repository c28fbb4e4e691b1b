"""Which candidates know nothing of the rows, by what they say of them."""

from typing import Any

import numpy as np

from stages.reporting.evidence.scoring import said
from stages.study.measures import measure


def says_one_class(content: dict[str, Any]) -> Any:
    """Return which candidates say the same class of every row; None for a regression.

    Of many candidates it takes seconds, so ``stages.report`` keeps it in ``content``.
    """
    if "one_class" in content:
        return content["one_class"]
    best = content["best"]
    if content["profile"]["task"] != "classification":
        return None
    runs, tuned = best["candidates"] * len(best["seeds"] or [0]), measure(best["scoring"]).tuned
    own = said(content["predictions"], runs, tuned=tuned)
    alike = (own.predicted == own.predicted[:, :1]).all(axis=1) & ~own.failed
    return np.asarray(alike.reshape(best["candidates"], -1).all(axis=1))
