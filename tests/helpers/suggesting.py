"""A study of which init suggests what params.yaml says, and what holds of every one."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from stages import preprocess
from stages.init import init
from stages.study import params
from stages.study.checks import check_data, check_scoring
from stages.study.prepared import Prepared
from stages.study.sections.data import Data
from stages.study.split_checks import check_inner_splits, check_permutations, check_splits
from stages.study.suggest.suggestion import Suggestion, suggest

#: As people write it: comments at every place.
PARAMS = """\
# The study.
seed: 7                         # of all

data:
  # Which table.
  path: data/raw/old.csv
  target: old
  features: all                 # or a list of columns
  task: classification          # classification | regression
  missing:                      # by column
    a: [0]
    # The last one.
    b: [0]

# What the file must be like.
preprocess:
  classes: [0, 1]               # or any
  max_missing: 0.5

model:
  imputer: median               # or mean
  scaler: minmax
  network: {hidden: [3], activation: relu, init: uniform, epochs: 2}   # flow

cross_validate:
  folds: 10
  # Scorers of scikit-learn.
  scoring: [accuracy, roc_auc]

grid_search:
  cv: 3
  scoring: accuracy
  seeds: null                   # or a list
  param_grid:
    optimizer:
    - adam
    - sgd
    learning_rate: [1e-3, 0.10]

nested_cv:
  outer: 10

report:
  title: "Old one"
"""

ROWS = np.arange(120)

Y = np.where(ROWS % 3 == 0, "no", "yes")


def cells(values: Any) -> Any:
    """Return a column of text of 120 rows, by what a number becomes."""
    return [values(int(row)) for row in ROWS]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data/raw").mkdir(parents=True)
    (tmp_path / "params.yaml").write_text(PARAMS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


Begin = Callable[..., params.Params]


@pytest.fixture
def begin(study: Path, capsys: pytest.CaptureFixture[str]) -> Begin:
    """Begin a study of a table, and check what holds of every one that begins."""

    def write(table: Any, target: str = "y", name: str = "table", **how: Any) -> params.Params:
        if not isinstance(table, str):
            frame = pd.DataFrame(table)
            table = f"data/raw/{name}.csv"
            frame.to_csv(study / table, index=False, **how)
        init(table, target, write=True)
        settings = params.load()
        with warnings.catch_warnings(action="ignore"):
            prepared = preprocess.prepare(settings.data, settings.preprocess)
        check_runs(prepared, settings)
        capsys.readouterr()
        init(table, target)
        assert "params.yaml: nothing to change" in capsys.readouterr().out
        return settings

    return write


def check_runs(prepared: Prepared, settings: params.Params) -> None:
    """Check what the training stages would, before they load TensorFlow."""
    folds, cv = settings.cross_validate.folds, settings.grid_search.cv
    outer, seed = settings.nested_cv.outer, settings.seed
    scoring = [settings.grid_search.scoring]
    check_data(prepared, settings.model, folds, "cross_validate.folds")
    check_scoring(settings.cross_validate.scoring, prepared, folds, "cross_validate.scoring")
    check_splits(prepared, folds, seed, settings.cross_validate.scoring, "cross_validate.folds")
    for number in (cv, outer or cv):
        check_data(prepared, settings.model, number, "grid_search.cv")
        check_scoring(scoring, prepared, number, "grid_search.scoring")
        splits = check_splits(prepared, number, seed, scoring, "grid_search.cv")
    if outer:
        check_inner_splits(prepared, splits, cv, seed, scoring)
    if settings.nested_cv.permutations:
        check_permutations(prepared)


def suggested(study: Path, table: Any, target: str = "y") -> Any:
    pd.DataFrame(table).to_csv(study / "data/raw/table.csv", index=False)
    return suggest("data/raw/table.csv", target, params.load())


def pasted(found: Suggestion, settings: params.Params) -> dict[str, Any]:
    """Return the columns of a table after all lines were pasted, as preprocess takes them."""
    own = settings.data.model_dump(exclude_defaults=True) | {
        key: value
        for line in found.pastes
        for key, value in YAML(typ="safe", pure=True).load(line).items()
    }
    with warnings.catch_warnings(action="ignore"):
        prepared = preprocess.prepare(Data(**own), settings.preprocess)
    columns = prepared.profile["columns"]
    return {name: own["kind"] for name, own in columns.items()}
