"""Which rows are set aside before anything is learnt from the others, to be tested by the winner.

They are drawn as folds are: whole groups, the last times, or as many of each class. Of numbers any.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit, StratifiedShuffleSplit

from stages.study.counts import count, listed
from stages.study.drawn import why_not_drawn
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.sections.data import Data, Holdout
from stages.study.tables.columns import check_column
from stages.study.tables.rows import roles
from stages.study.tables.table import bad_cells

WHERE = f"{PATH}: preprocess.holdout"

#: Fewer rows say next to nothing of a score.
FEWEST = 10

#: What a column says of rows that stay, and of those that are set aside, whatever its case.
WORDS = (("train", "test"), ("no", "yes"), ("false", "true"), ("0", "1"))

Rows = NDArray[np.bool_]


def check_holdout(holdout: Holdout, data: Data, columns: Sequence[str]) -> None:
    """Check that the column which says it is there, and nothing else besides.

    Raises
    ------
    InputError
    """
    name = holdout.column
    if name is None:
        return
    check_column("preprocess.holdout.column", name, columns, data.path)
    taken = {own: f"data.{role}" for role, own in roles(data).items()}
    taken |= {data.target: "data.target"}
    for key in ("categorical", "booleans", "dates"):
        named = getattr(data, key)
        taken |= {} if named == "auto" else dict.fromkeys(named, f"listed in data.{key}")
    taken |= (
        {} if data.features == "all" else dict.fromkeys(data.features, "listed in data.features")
    )
    if name in taken:
        raise InputError(
            f"{WHERE}.column: {name!r} is {taken[name]} too, and says which rows are set aside, "
            "nothing else"
        )


def set_aside(
    holdout: Holdout, text: pd.DataFrame, y: pd.Series, own: Mapping[str, pd.Series], data: Data
) -> Rows:
    """Return which rows are set aside.

    Parameters
    ----------
    holdout : Holdout
    text : DataFrame
        The table as text.
    y : Series
    own : mapping of str to Series
        What is known of rows besides: ``groups``, ``time``.
    data : Data

    Raises
    ------
    InputError
        If too few rows are set aside or left, or what is learnt from these leaks into those.
    """
    if not holdout:
        return np.zeros(len(y), np.bool_)
    if holdout.column is not None:
        key, aside = "column", _named(text[holdout.column], data)
    else:
        key, aside = "share", _drawn(holdout, y, own, data)
    _check_rows(aside, y, own, data, f"{WHERE}.{key}")
    return aside


def aside_profile(holdout: Holdout, aside: Rows) -> dict[str, Any]:
    """Return the entry of the profile that says how many rows are set aside, if any are."""
    if not holdout:
        return {}
    how = "share" if holdout.column is None else "column"
    return {"set_aside": {how: getattr(holdout, how), "rows": int(aside.sum())}}


def aside_in_words(profile: Mapping[str, Any]) -> list[str]:
    """Say how many rows are set aside, in a sentence if any are."""
    own = profile.get("set_aside")
    if own is None:
        return []
    how = f"as {own['column']} says" if "column" in own else f"a share of {own['share']:g}"
    whole = own["rows"] + profile["rows"]
    return [f"{count(own['rows'], 'row')} of {whole} set aside, {how}, to be tested by the winner"]


def _named(column: pd.Series, data: Data) -> Rows:
    """Return which rows a column sets aside."""
    cells = column.str.lower()
    found = set(cells)
    pairs = [pair for pair in WORDS if found <= {*pair}]
    if not pairs:
        best = max(WORDS, key=lambda pair: int(cells.isin(pair).sum()))
        bad = ~cells.isin(best).to_numpy()
        allowed = listed((f"{stays} or {aside}" for stays, aside in WORDS), len(WORDS))
        what = (
            f"({PATH}: preprocess.holdout.column) {allowed}, the second of which sets a row aside"
        )
        raise bad_cells(column, bad, Path(data.path), what)
    stays, aside = pairs[0]
    if len(found) < 2:
        what = "no row aside" if found == {stays} else "all rows aside"
        raise InputError(
            f"{data.path}: column {column.name!r}: {WHERE}.column: sets {what}; "
            f"all have {column.iloc[0]!r}"
        )
    return (cells == aside).to_numpy()


def _drawn(holdout: Holdout, y: pd.Series, own: Mapping[str, pd.Series], data: Data) -> Rows:
    """Return a share of the rows."""
    share = float(holdout.share or 0)
    if "time" in own:
        return _last(own["time"], share)
    options = {"n_splits": 1, "test_size": share, "random_state": holdout.seed}
    groups = own["groups"].to_numpy() if "groups" in own else None
    if groups is not None:
        draw: Any = GroupShuffleSplit(**options)
    elif data.task == "classification":
        draw = StratifiedShuffleSplit(**options)
    else:
        draw = ShuffleSplit(**options)
    try:
        _, drawn = next(draw.split(y.to_frame(), y, groups))
    except ValueError:
        things, what = (len(y), "row") if groups is None else (len(np.unique(groups)), "group")
        classes = y if groups is None and data.task == "classification" else None
        raise InputError(
            f"{WHERE}.share: cannot be set aside: {why_not_drawn(share, things, what, classes)}"
        ) from None
    aside = np.zeros(len(y), np.bool_)
    aside[drawn] = True
    return aside


def _last(times: pd.Series, share: float) -> Rows:
    """Return the last times, which together have nearest to a share of the rows."""
    sizes = times.value_counts().sort_index(ascending=False)
    far = np.abs(np.cumsum(sizes.to_numpy()) - share * len(times))
    first = sizes.index[int(far[:-1].argmin())]
    return np.asarray(times >= first, np.bool_)


def _check_rows(
    aside: Rows, y: pd.Series, own: Mapping[str, pd.Series], data: Data, where: str
) -> None:
    number = int(aside.sum())
    if number < FEWEST:
        raise InputError(
            f"{where}: sets {count(number, 'row')} of {len(y)} aside; at least {FEWEST} are needed "
            "to say anything"
        )
    if data.task == "classification":
        for rows, what in ((aside, "set aside"), (~aside, "left to learn from")):
            absent = sorted({*y} - {*y[rows]})
            if absent:
                help_ = "; another seed or share may help" if where.endswith("share") else ""
                raise InputError(f"{where}: no row of class {absent[0]!r} would be {what}{help_}")
    if "groups" in own:
        both = {*own["groups"][aside]} & {*own["groups"][~aside]}
        if both:
            raise InputError(
                f"{where}: would have rows of one {data.groups} set aside and left, so that what "
                f"is learnt of it leaks into the test; for example {min(both)!r}"
            )
    if "time" in own and own["time"][~aside].max() >= own["time"][aside].min():
        raise InputError(
            f"{where}: with data.time all rows set aside must be later than all others, from which "
            "the winner learns"
        )
