"""Scores of baselines come from the store only where all that they depend on is the same."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridlanes.store.store import Store
from stages.study import baseline_folds
from stages.study.baseline_folds import Fit
from stages.study.baseline_store import KeptScores
from stages.study.baselines import pipelines, score_baselines
from stages.study.prepared import Prepared
from stages.study.routing import routing
from stages.study.sections.model import Model
from stages.study.splits import make_folds, split_by

SETTINGS = {"imputer": "median", "scaler": "none", "categorical": "target", "network": {}}
MODEL = Model.model_validate(SETTINGS)
ROWS = 90
SCORING = ["accuracy", "f1", "neg_brier_score"]


def table(**roles) -> Prepared:
    draw = np.random.default_rng(0)
    X = pd.DataFrame(draw.normal(size=(ROWS, 2)), columns=["a", "b"])
    X["c"] = pd.Series(draw.choice(["x", "y", None], ROWS), dtype="str")
    y = pd.Series((X["a"] > 0).astype(int), name="y")
    return Prepared(X, y, {"task": "classification", "classes": []}, **roles)


DATA = table()
WEIGHTS = pd.Series(np.linspace(0.5, 2, ROWS))
GROUPS = pd.Series(np.arange(ROWS) // 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> tuple[Path, pd.DataFrame]:
    """A store of the table's scores, and these."""
    path = tmp_path_factory.mktemp("kept") / "store.sqlite"
    return path, told(path)


@pytest.fixture
def first(kept, path: Path) -> pd.DataFrame:
    """Have those scores in a store of one's own, and return them."""
    shutil.copy(kept[0], path)
    return kept[1]


def told(path, data=DATA, model=MODEL, folds=3, scoring=SCORING, seed=7):
    with routing(data):
        return score_baselines(
            data, model, make_folds(data, folds, seed), scoring, seed, memory=path
        )


def found(path, data=DATA, model=MODEL, folds=3, scoring=SCORING, seed=7) -> int:
    """Return how many of the fits are in a store."""
    with routing(data):
        splits = make_folds(data, folds, seed).split(data.X, data.y, split_by(data))
        rivals = pipelines(data, model, seed)
        fits = {
            (name, number): Fit(rival, split)
            for number, split in enumerate(splits)
            for name, rival in rivals.items()
        }
        with closing(KeptScores(path, fits, data, scoring)) as kept:
            return len(kept.find())


def changed(column: str, value) -> Prepared:
    X = DATA.X.copy()
    X.loc[5, column] = value
    return replace(DATA, X=X)


def other_target() -> Prepared:
    y = DATA.y.copy()
    y[5] = 1 - y[5]
    return replace(DATA, y=y)


@pytest.mark.parametrize(
    "data",
    [DATA, table(weights=WEIGHTS), table(groups=GROUPS), replace(DATA, profile={**DATA.profile, "positive": 1})],
    ids=["rows", "weights", "groups", "positive class"],
)  # fmt: skip
def test_what_was_scored_is_found_to_the_digit(path, data):
    first = told(path, data)
    assert found(path, data) == 15
    pd.testing.assert_frame_equal(told(path, data), first, check_exact=True)
    pd.testing.assert_frame_equal(told(None, data), first, check_exact=True)
    # As the nested cross-validation asks.
    assert found(path, data, scoring=["accuracy"]) == 15


OTHERS = {
    "a number": {"data": changed("a", 0.125)},
    "a gap": {"data": changed("a", np.nan)},
    "a category": {"data": changed("c", "z")},
    "no category": {"data": changed("c", None)},
    "a label": {"data": other_target()},
    "a name": {"data": replace(DATA, X=DATA.X.rename(columns={"a": "d"}))},
    "a type": {"data": replace(DATA, X=DATA.X.astype({"a": "float32"}))},
    "weights": {"data": table(weights=WEIGHTS)},
    "the positive class": {"data": replace(DATA, profile={**DATA.profile, "positive": 0})},
    "the folds": {"folds": 4},
    "the seed": {"seed": 8},
    "the imputer": {"model": Model.model_validate({**SETTINGS, "imputer": "mean"})},
    "the encoder": {"model": Model.model_validate({**SETTINGS, "categorical": "onehot"})},
    "a scorer": {"scoring": ["roc_auc"]},
}


@pytest.mark.usefixtures("first")
def test_nothing_is_found_where_anything_differs(path):
    assert found(path) == 15
    assert {name: found(path, **own) for name, own in OTHERS.items()} == dict.fromkeys(OTHERS, 0)
    # What the network alone is given counts for nothing.
    own = Model.model_validate({**SETTINGS, "scaler": "robust", "network": {"epochs": 3}})
    assert found(path, model=own) == 15


def test_damage_is_a_line_and_computed_anew(path, first, capsys):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE fits SET data = zeroblob(length(data)) WHERE id IN (3, 4)")
    connection.close()
    pd.testing.assert_frame_equal(told(path), first, check_exact=True)
    assert capsys.readouterr().err == (
        f"warning: store {path}: damaged fits: 2 of 45 asked for; they are trained again\n"
    )
    assert found(path) == 15
    path.write_bytes(b"no database" * 1000)
    pd.testing.assert_frame_equal(told(path), first, check_exact=True)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "file is not a database; going on without it" in said


def test_a_score_that_is_missing_is_not_kept(path):
    """Gradient boosting takes gaps, as does who looks at no number; the others do not."""
    data, model = changed("a", np.nan), Model.model_validate({**SETTINGS, "imputer": "none"})
    first = told(path, data, model).set_index("model")
    assert first["f1"].isna().groupby(level=0).all().to_dict() == {
        "majority_class": False,
        "logistic_regression": True,
        "linear_discriminant_analysis": True,
        "naive_bayes": True,
        "gradient_boosting": False,
    }
    assert found(path, data, model) == 6


@pytest.mark.usefixtures("first")
def test_other_code_finds_nothing(path, monkeypatch):
    """Also where it is called by what scores."""
    monkeypatch.setattr(baseline_folds, "asked_for", lambda *_: {})
    assert found(path) == 0


def test_two_at_once_share_a_store(path):
    """What one has kept meanwhile, the other may keep too."""
    with Store(path) as other:
        first = told(path)
        assert {own.architecture for own in other.holdings()} == {
            f"baseline {name}" for name in first["model"]
        }
        pd.testing.assert_frame_equal(told(path), first, check_exact=True)
