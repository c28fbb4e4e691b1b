"""Read the raw table, check it against params.yaml, and write it typed, with a profile.

Nothing is fitted here: scaling and imputing happen inside each training fold.
"""

from pathlib import Path

import pandas as pd

from stages.study import params
from stages.study.artifacts import PREPARED, Prepared, write_prepared, writing
from stages.study.errors import InputError, run
from stages.study.params import Data, Preprocess
from stages.study.tables.columns import feature, feature_columns
from stages.study.tables.profile import profile
from stages.study.tables.rows import check_roles, roles, row_columns, row_profile
from stages.study.tables.targets import class_target, regression_target
from stages.study.tables.text_table import read_text_table


def main() -> None:
    """Run the stage."""
    settings = params.load()
    prepared = prepare(settings.data, settings.preprocess)
    with writing(PREPARED) as folder:
        write_prepared(prepared, folder)


def prepare(data: Data, expected: Preprocess) -> Prepared:
    """Return the checked table of the study.

    Raises
    ------
    InputError
        If the file is not what params.yaml says.
    """
    path = Path(data.path)
    try:
        text = read_text_table(path)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; data.path in {params.PATH} names it") from None
    header = list(text.columns)
    check_roles(data, header)
    features = feature_columns(data, header, roles(data).values())
    own = row_columns(text, data)
    X = pd.DataFrame({name: feature(text[name], data, expected) for name in features})
    if data.task == "classification":
        y = class_target(text[data.target], expected, path)
    else:
        y = regression_target(text[data.target], path)
    return Prepared(X, y, profile(X, y, data) | row_profile(own, data), **own)


if __name__ == "__main__":
    run(main, __doc__)
