"""Which rows are tested in which fold, as the predictions of a search say."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import StratifiedKFold

from stages.reporting.evidence.tested_rows import read_tested
from stages.study.artifacts import write_parquet


@pytest.mark.parametrize("seeds", [None, [3, 1]])
def test_rows_of_one_run_are_read(seeds, tmp_path):
    """Of more rows than are read at once, of folds that scikit-learn makes."""
    labels = np.tile(load_iris(return_X_y=True)[1], 600)
    fold = np.empty(len(labels), "int16")
    for number, (_, test) in enumerate(StratifiedKFold(3).split(labels, labels)):
        fold[test] = number
    one = {"row": np.arange(len(labels), dtype="int32"), "fold": fold, "truth": labels}
    runs = [{"candidate": n} | ({"seed": k} if seeds else {}) for n in (0, 1) for k in seeds or [0]]
    path = tmp_path / "predictions.parquet"
    write_parquet(pd.concat(pd.DataFrame(one).assign(**run) for run in runs), path)
    with path.open("rb") as file:
        found = read_tested(file)
    assert found.to_dict("list") == {name: own.tolist() for name, own in one.items()}


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "predictions.parquet"
    write_parquet(pd.DataFrame({"candidate": [0], "row": [0]}), path)
    with path.open("rb") as file, pytest.raises(KeyError):
        read_tested(file)
