"""Read the raw table, check it against params.yaml, and write it typed, with a profile.

Nothing is fitted here: scaling and imputing happen inside each training fold.
"""

from pathlib import Path

from stages.study import params
from stages.study.artifacts import PREPARED, Prepared, write_prepared, writing
from stages.study.errors import InputError, run, say
from stages.study.params import Data, Preprocess
from stages.study.tables.columns import feature_columns, feature_table, kinds
from stages.study.tables.kinds import check_kinds
from stages.study.tables.profile import features_in_words, profile
from stages.study.tables.targets import class_target, regression_target
from stages.study.tables.text_table import read_text_table


def main() -> None:
    """Run the stage."""
    settings = params.load()
    prepared = prepare(settings.data, settings.preprocess)
    with writing(PREPARED) as folder:
        write_prepared(prepared, folder)
    say(features_in_words(prepared.profile))


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
    features = feature_columns(data, list(text.columns))
    check_kinds(data, features)
    columns = kinds(text, features, data)
    X = feature_table(text, columns, data, expected)
    if data.task == "classification":
        y = class_target(text[data.target], expected, path)
    else:
        y = regression_target(text[data.target], path)
    used = {*features, data.target}
    unused = [str(name) for name in text if name not in used]
    return Prepared(X, y, profile(X, y, data, columns, unused))


if __name__ == "__main__":
    run(main, __doc__)
