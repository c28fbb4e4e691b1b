"""Why a share of rows cannot be drawn, in plain words."""

import math

import pandas as pd

from stages.study.counts import count


def why_not_drawn(share: float, things: int, what: str, classes: pd.Series | None) -> str:
    """Return why scikit-learn cannot draw a share.

    Parameters
    ----------
    share : float
    things : int
        How many there are to draw from.
    what : str
        One of them is a.
    classes : Series or None
        Of rows, if each class is to be on either side.
    """
    away = math.ceil(share * things)
    said = f"a share of {share:g} of {count(things, what)} is {away}, which leaves {things - away}"
    if classes is None:
        return said
    rows = classes.value_counts()
    if rows.min() < 2:
        rarest = rows.index.tolist()[int(rows.to_numpy().argmin())]
        return f"class {rarest!r} has 1 row, and one is needed on either side"
    return f"{said}; each part must have a row of all {len(rows)} classes"
