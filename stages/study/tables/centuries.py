"""Years of two digits that may be of another century than they are taken for."""

from collections.abc import Iterator, Mapping

import pandas as pd

from stages.study.column_kinds import Column
from stages.study.counts import count
from stages.study.date_formats import as_dates
from stages.study.sections.data import Data
from stages.study.tables.table import place


def after_today(rows: pd.DataFrame, columns: Mapping[str, Column], data: Data) -> Iterator[str]:
    """Say which columns with ``%y`` hold dates that are still to come.

    It depends on the day, so that it is no part of what a stage leaves.

    Parameters
    ----------
    rows : DataFrame
        Of text.
    columns : mapping of str to Column
        Of the features.
    data : Data
    """
    forms = {name: own.format for name, own in columns.items() if own.kind == "date"}
    now = pd.Timestamp.now()
    for name, form in (forms | {name: form for name, form in data.time.items() if form}).items():
        if form is None or "%y" not in form:
            continue
        cells = rows[name]
        different = cells.drop_duplicates()
        late = cells.isin(different[as_dates(different, form) > now]).to_numpy()
        if late.any():
            row = int(late.argmax())
            date = as_dates(cells.iloc[[row]], form).iloc[0].date()
            yield (
                f"{place(cells, row)}: {cells.iloc[row]!r} is {date} by {form!r}, "
                f"{count(int(late.sum()), 'cell')} after today; %y takes 00 to 68 for years from "
                "2000 on, which four digits in the file put right"
            )
