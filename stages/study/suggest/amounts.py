"""Amounts that are no numbers to a program, in the column to predict."""

import numpy as np
import pandas as pd

from stages.study.errors import InputError
from stages.study.sections.data import Data
from stages.study.suggest.kinds import MOSTLY, UNIT
from stages.study.tables.cells import absent_and_numbers
from stages.study.tables.number_texts import number_texts


def check_no_amounts(known: pd.Series, data: Data) -> None:
    """Check that text of many values is not of amounts, written with signs or units.

    Raises
    ------
    InputError
    """
    different = known.drop_duplicates()
    _, found = absent_and_numbers(different, (), data.decimal)
    cells = different.to_numpy(object)
    odd = number_texts(cells, ~np.isnan(found), data.decimal)
    units = [cell for cell in cells[np.isnan(found)] if UNIT.fullmatch(cell)]
    if odd or (2 * len(cells) > len(known) and len(units) >= MOSTLY * len(cells)):
        raise InputError(
            f"{data.path}: column {known.name!r}: the target holds numbers with something around "
            f"them, such as {odd.example if odd else units[0]!r}; write numbers alone, or "
            "data.task: classification takes them for classes"
        )
