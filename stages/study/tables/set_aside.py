"""Which rows are set aside before anything is learnt from the others, to be tested by the winner.

They are drawn as folds are: whole groups, the last times, or as many of each class. Of numbers any.
What they hold is read by ``aside_rows.py``, when the others have told how.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit, StratifiedShuffleSplit

from stages.study.counts import count, listed
from stages.study.drawn_shares import why_not_drawn
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.prepared import Prepared
from stages.study.sections.data import Data, Holdout, Preprocess
from stages.study.tables.columns import check_column
from stages.study.tables.rows import roles, row_column
from stages.study.tables.table import bad_cells
from stages.study.tables.targets import has_target, read_target

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


def set_aside(text: pd.DataFrame, data: Data, expected: Preprocess) -> Rows:
    """Return which rows are set aside, before anything else is told of the table.

    Of the rows that have a target nothing is looked at but the column that says it, the groups,
    the times, or the classes, where a share of these is drawn.

    Parameters
    ----------
    text : DataFrame
        The table as text.
    data : Data
    expected : Preprocess

    Raises
    ------
    InputError
        If they cannot be told, or leave nothing to learn.
    """
    holdout = expected.holdout
    there = np.zeros(len(text), np.bool_)
    if holdout:
        there = has_target(text[data.target], data, expected)
    if not there.any():
        # Without any target there is nothing to set aside, which is said where they are read.
        return there
    if holdout.column is not None:
        aside = _named(text[holdout.column], there, data)
    else:
        aside = _drawn(text, there, data, expected)
    left = text[data.target][there & ~aside]
    if left.nunique() < 2 <= text[data.target][there].nunique():
        what = f"one {'class' if data.task == 'classification' else 'target'} alone"
        raise InputError(
            f"{where(holdout)}: would leave rows of {what} to learn from, {left.iloc[0]!r}"
        )
    return aside


def where(holdout: Holdout) -> str:
    """Return the place in params.yaml that says which rows are set aside."""
    return f"{WHERE}.{'share' if holdout.column is None else 'column'}"


def aside_profile(holdout: Holdout, aside: Rows) -> dict[str, Any]:
    """Return the entry of the profile that says how many rows are set aside, if any are.

    All are counted, those too that cannot be tested as they have no target.
    """
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


def _named(column: pd.Series, there: Rows, data: Data) -> Rows:
    """Return which rows a column sets aside; of those without a target it need not say it."""
    cells = column.str.lower()
    found = set(cells[there])
    pairs = [pair for pair in WORDS if found <= {*pair}]
    if not pairs:
        best = max(WORDS, key=lambda pair: int(cells.isin(pair).sum()))
        bad = ~cells.isin(best).to_numpy() & there
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
            f"all have {column[there].iloc[0]!r}"
        )
    return (cells == aside).to_numpy()


def _drawn(text: pd.DataFrame, there: Rows, data: Data, expected: Preprocess) -> Rows:
    """Return a share of the rows that have a target."""
    holdout, aside = expected.holdout, np.zeros(len(text), np.bool_)
    share = float(holdout.share or 0)
    if data.time:
        rows = text.loc[there, [*data.time]]
        aside[there] = _last(row_column(rows, "time", data), share)
        return aside
    classes = groups = None
    if data.groups is not None:
        groups = text.loc[there, data.groups].to_numpy(object)
    elif data.task == "classification":
        classes = read_target(text[data.target], data, expected).y
        there = text.index.isin(classes.index)
    places = np.flatnonzero(there)
    aside[places[_draw(holdout, len(places), groups, classes)]] = True
    return aside


def _draw(
    holdout: Holdout, rows: int, groups: NDArray[Any] | None, classes: pd.Series | None
) -> NDArray[np.int64]:
    """Return a share of so many rows: whole groups, as many of each class, or any."""
    share = float(holdout.share or 0)
    kinds: dict[bool, Any] = {True: ShuffleSplit, False: StratifiedShuffleSplit}
    kind = GroupShuffleSplit if groups is not None else kinds[classes is None]
    draw = kind(n_splits=1, test_size=share, random_state=holdout.seed)
    try:
        _, drawn = next(draw.split(np.zeros((rows, 1)), classes, groups))
    except ValueError:
        things, what = (rows, "row") if groups is None else (len({*groups}), "group")
        raise InputError(
            f"{WHERE}.share: cannot be set aside: {why_not_drawn(share, things, what, classes)}"
        ) from None
    return np.asarray(drawn)


def _last(times: pd.Series, share: float) -> Rows:
    """Return the last times, which together have nearest to a share of the rows."""
    sizes = times.value_counts().sort_index(ascending=False)
    far = np.abs(np.cumsum(sizes.to_numpy()) - share * len(times))
    first = sizes.index[int(far[:-1].argmin())]
    return np.asarray(times >= first, np.bool_)


def check_apart(left: Prepared, aside: Prepared, data: Data, holdout: Holdout) -> None:
    """Check that rows set aside are enough to test, and that nothing learnt leaks into them.

    Raises
    ------
    InputError
    """
    key, number = where(holdout), len(aside.y)
    if number < FEWEST:
        raise InputError(
            f"{key}: sets {count(number, 'row')} of {number + len(left.y)} aside; at least "
            f"{FEWEST} are needed to say anything"
        )
    if aside.weights is not None and not aside.weights.any():
        raise InputError(f"{key}: {data.weights}, which says how much a row counts, is 0 in all")
    absent = sorted({*left.y} - {*aside.y}) if data.task == "classification" else []
    if absent:
        help_ = "; another seed or share may help" if holdout.column is None else ""
        raise InputError(f"{key}: no row of class {absent[0]!r} would be set aside{help_}")
    both: set[str] = set()
    if left.groups is not None and aside.groups is not None:
        both = {*left.groups} & {*aside.groups}
    if both:
        raise InputError(
            f"{key}: would have rows of one {data.groups} set aside and left, so that what "
            f"is learnt of it leaks into the test; for example {min(both)!r}"
        )
    if left.time is not None and aside.time is not None and left.time.max() >= aside.time.min():
        raise InputError(
            f"{key}: with data.time all rows set aside must be later than all others, from which "
            "the winner learns"
        )
