"""What the winner leans on and what more rows would bring, beside scikit-learn's own functions."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.inspection import permutation_importance
from sklearn.model_selection import learning_curve

from stages import cross_validate, diagnose, grid_search, preprocess
from stages.study import importance, params
from stages.study.artifacts import DIAGNOSE, GRID_SEARCH, read_csv, read_json, write_json
from stages.study.learning_curve import subset
from stages.study.prepared import Prepared, read_prepared
from stages.study.routing import routing
from stages.study.scorers import scorer
from stages.study.split_checks import every_fold
from stages.study.thresholds import with_thresholds
from stages.study.winner_fits import winner_untrained

pytestmark = [pytest.mark.usefixtures("traced", "eager"), pytest.mark.xdist_group("rows")]

ROWS, REPEATS, SHARES = 90, 2, [0.4, 1.0]
draw = np.random.default_rng(6)
A, B = draw.normal(size=(2, ROWS)).round(3)
TEXT = draw.choice(["north", "south", "west"], ROWS)
DATES = [f"2020-{month:02}-{day:02}" for month, day in draw.integers(1, 13, (ROWS, 2))]
LABELS = (A + draw.normal(size=ROWS) > 0.4).astype(int)
GROUPS = np.array([f"g{own}" for own in draw.integers(0, 15, ROWS)])
WEIGHTS = draw.uniform(0.2, 3, ROWS).round(2)


@pytest.fixture
def searched(workspace, edit):
    """Run a search over a small table, and say what is asked of its winner."""

    def make(task: str = "classification", own: Any = (), **columns: Any) -> Prepared:
        y = LABELS if task == "classification" else (A + B).round(3)
        raw = pd.DataFrame({"a": A, "b": B, "town": TEXT, "at": DATES, "y": y, **columns})
        raw.to_csv("data/raw/table.csv", index=False)
        data = {"path": "data/raw/table.csv", "target": "y", "task": task}
        data |= {"categorical": ["town"], "dates": ["at"], **{role: role for role in columns}}
        edit("data", data | ({"positive": 1} if task == "classification" else {}))
        edit("preprocess", {})
        # Enough to learn something.
        edit("model.network.epochs", 3)
        edit("model.network.batch_size", 32)
        edit("grid_search.network", {"hidden": [4], "optimizer__learning_rate": 0.1})
        edit("diagnose", {"importance": REPEATS, "learning_curve": SHARES})
        # Its folds and permutations are not what is looked at here.
        edit("nested_cv", {"outer": 0})
        if task == "regression":
            edit("cross_validate.scoring", ["r2"])
            edit("grid_search.scoring", "r2")
        for key, value in dict(own).items():
            edit(key, value)
        preprocess.main()
        grid_search.main()
        return read_prepared()

    return make


def untrained() -> tuple[params.Params, Any]:
    settings = params.load()
    best = read_json(GRID_SEARCH / "best.json")
    return settings, winner_untrained(settings, read_prepared(), best)


TUNED = {"f1": {"threshold": "tuned"}}
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "plain": ("classification", {}, {}),
    "probabilities, seeds": (
        "classification",
        {"grid_search.scoring": ["neg_log_loss", "accuracy"], "grid_search.seeds": [1, 4]},
        {},
    ),
    "regression in order of time": ("regression", {}, {"time": np.arange(ROWS)[::-1] // 2}),
    "probabilities, seeds, groups, weights": (
        "classification",
        {
            "grid_search.scoring": ["neg_log_loss", "accuracy"],
            "grid_search.seeds": [1, 4],
            "grid_search.split": {"kind": "group"},
        },
        {"groups": GROUPS, "weights": WEIGHTS},
    ),
    "groups, weights, repeats": (
        "classification",
        {"grid_search.split": {"kind": "group", "repeats": 2}},
        {"groups": GROUPS, "weights": WEIGHTS},
    ),
    "tuned": ("classification", {"grid_search.scoring": TUNED}, {}),
}


class OfRawColumns(BaseEstimator):
    """A fitted model for rows that have the raw columns, each date as the number of its row."""

    def __init__(self, model: Any, X: pd.DataFrame) -> None:
        self.model, self.X = model, X

    def __sklearn_tags__(self) -> Any:
        return self.model.__sklearn_tags__()

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def fit(self, *_: Any) -> Any:
        raise NotImplementedError

    def predict(self, raw: pd.DataFrame) -> Any:
        return self.model.predict(self._features(raw))

    def predict_proba(self, raw: pd.DataFrame) -> Any:
        return self.model.predict_proba(self._features(raw))

    def _features(self, raw: pd.DataFrame) -> pd.DataFrame:
        parts = [own for own in self.X if own.startswith("at_")]
        dates = self.X[parts].iloc[raw["at"].astype(int)].set_axis(raw.index)
        return pd.concat([raw[["a", "b", "town"]], dates], axis=1)[list(self.X)]


def drops_of(model: Any, tested: Prepared, name: str, seed: int) -> np.ndarray:
    raw = tested.X[["a", "b", "town"]].reset_index(drop=True)
    raw["at"] = np.arange(len(raw))
    found = permutation_importance(
        OfRawColumns(model, tested.X.reset_index(drop=True)),
        raw,
        tested.y,
        scoring=scorer(name, tested),
        n_repeats=REPEATS,
        random_state=seed,
        sample_weight=None if tested.weights is None else tested.weights.to_numpy(),
    )
    return found.importances


#: What goes other ways through our code; `make soak` has all cases.
SHORT = {"regression in order of time", "probabilities, seeds, groups, weights"}


@pytest.mark.parametrize(
    "case", [own if own in SHORT else pytest.param(own, marks=pytest.mark.soak) for own in CASES]
)
def test_scikit_learn_says_the_same(searched, capsys, case):
    task, own, columns = CASES[case]
    data = searched(task, own, **columns)
    capsys.readouterr()
    diagnose.main()
    said = capsys.readouterr().out
    drops, scores = [], []
    with routing(data) as given:
        settings, winner = untrained()
        section = settings.grid_search
        name, seeds = section.chooser, section.seeds or [settings.seed]
        folds = every_fold(data, section.cv, settings.seed, section.split)
        # The search has trained them.
        assert said.count(" 0 trained in") == len(seeds)
        own = {role: of for role, of in given.items() if role == "sample_weight"}
        for seed in seeds:
            network = clone(winner).set_params(random_state=seed)
            if own:
                network.set_partial_fit_request(sample_weight=True)
            model = with_thresholds(network, [name], data, settings.seed)
            for fold, (train, test) in enumerate(folds):
                weights = {role: of[train] for role, of in own.items()}
                fitted = clone(model).fit(data.X.iloc[train], data.y.iloc[train], **weights)
                drops.append(drops_of(fitted, data.rows(test), name, settings.seed + fold))
                few = subset(train, SHARES[0], data, settings.seed)
                _, _, score = learning_curve(
                    clone(model),
                    data.X,
                    data.y,
                    cv=[(few, test)],
                    train_sizes=[1.0],
                    scoring=scorer(name, data),
                    **({"params": own} if own else {}),
                )
                scores.append(score.item())
    found = read_csv(DIAGNOSE / "importance.csv")
    shape = len(seeds), len(folds), 4, REPEATS
    expected = np.reshape(drops, shape).mean(axis=0).transpose(1, 0, 2)
    assert found["feature"].unique().tolist() == ["a", "b", "town", "at"]
    np.testing.assert_allclose(
        found["drop"].to_numpy().reshape(expected.shape), expected, atol=2e-6
    )
    assert np.abs(expected).max() > 0.01
    curve = read_csv(DIAGNOSE / "learning_curve.csv")
    assert curve["share"].unique().tolist() == SHARES
    few, all_rows = (own["score"] for _, own in curve.groupby("share"))
    np.testing.assert_allclose(few, np.reshape(scores, shape[:2]).mean(axis=0), atol=2e-6)
    # With all rows it is the winner of the search.
    table = read_csv(GRID_SEARCH / "cv_results.csv")
    row = table.loc[read_json(GRID_SEARCH / "best.json")["candidate"]]
    np.testing.assert_allclose(all_rows.mean(), row["mean_test_score"], atol=2e-6)
    total = sum(len(test) for _, test in folds)
    summary = {"repeats": REPEATS, "rows": total, "scoring": name}
    assert read_json(DIAGNOSE / "summary.json") == {"importance": summary, "learning_curve": SHARES}


def test_rows_of_large_tables_are_drawn_and_copies_made_in_pieces(searched, monkeypatch):
    data = searched(own={"grid_search.cv": 3, "diagnose.learning_curve": None})
    diagnose.main()
    whole = (DIAGNOSE / "importance.csv").read_bytes()
    monkeypatch.setattr(importance, "AT_ONCE", 4 * 30 * data.X.shape[1])
    diagnose.main()
    assert (DIAGNOSE / "importance.csv").read_bytes() == whole
    monkeypatch.setattr(importance, "ROWS", 45)
    monkeypatch.setattr(importance, "FEWEST", 10)
    diagnose.main()
    assert read_json(DIAGNOSE / "summary.json")["importance"]["rows"] == 45
    assert (DIAGNOSE / "importance.csv").read_bytes() != whole


def test_too_many_columns_are_not_shuffled(searched, monkeypatch, capsys):
    searched(own={"diagnose.learning_curve": None})
    monkeypatch.setattr(importance, "COPIES", 15)
    diagnose.main()
    assert (
        "diagnose.importance: not measured, since 4 columns shuffled 2 times for each of 2 networks "
        "would take too long; together at most 15"
    ) in capsys.readouterr().err
    assert read_json(DIAGNOSE / "summary.json") == {"importance": None, "learning_curve": None}


@pytest.mark.parametrize("winner", [None, 0])
def test_without_a_winner_or_a_question_nothing_is_measured(workspace, edit, winner):
    edit("diagnose.importance", 2 * (winner is None))
    GRID_SEARCH.mkdir(parents=True)
    write_json({"candidate": winner, "params": {}}, GRID_SEARCH / "best.json")
    diagnose.main()
    assert read_json(DIAGNOSE / "summary.json") == {"importance": None, "learning_curve": None}
    assert [path.name for path in DIAGNOSE.iterdir()] == ["summary.json"]


def prepared_rows(**roles: Any) -> Prepared:
    X, y = pd.DataFrame({"a": A}), pd.Series(LABELS)
    named = {role: pd.Series(own) for role, own in roles.items()}
    return Prepared(X, y, {"task": "classification"}, **named)


def test_subsets_have_all_classes_and_lie_in_larger_ones():
    train, data = np.arange(10, ROWS), prepared_rows()
    parts = [subset(train, share, data, 3) for share in (0.1, 0.35, 1.0)]
    assert [len(own) for own in parts] == [8, 28, 80]
    assert set(parts[0]) < set(parts[1]) < set(parts[2]) == set(train)
    for own in parts:
        assert LABELS[own].mean() == pytest.approx(LABELS[train].mean(), abs=0.5 / len(own))
        assert np.all(np.diff(own) > 0)
    assert set(subset(train, 0.35, data, 4)) != set(parts[1])


def test_subsets_have_whole_groups_or_the_latest_times():
    train = np.arange(ROWS)
    own = subset(train, 0.5, prepared_rows(groups=GROUPS), 3)
    assert ROWS / 2 <= len(own) < ROWS * 0.7
    assert not set(GROUPS[own]) & set(np.delete(GROUPS, own))
    days = np.arange(ROWS)[::-1] // 3
    own = subset(train, 0.5, prepared_rows(time=days), 3)
    assert set(days[own]) == set(range(15, 30))


REFUSED = {
    "no row": ({"diagnose.learning_curve": [0.02, 0.5]}, "params.yaml: diagnose.learning_curve[0]: 0.02 leaves fold 0 of the search 0 rows to train on; a larger share may help"),
    "one class": ({"diagnose.learning_curve": [0.03]}, "diagnose.learning_curve[0]: 0.03 leaves fold 0 of the search 1 row to train on, none of class 1; a larger share"),
    "a threshold": ({"grid_search.scoring": TUNED, "diagnose.learning_curve": [0.2]}, "diagnose.learning_curve[0]: 0.2 leaves fold 0 of the search 9 rows to train on: 5 parts to tune the threshold on have "),
    "rows to watch": ({"model.network.early_stopping": {"patience": 1}, "diagnose.learning_curve": [0.07]}, "rows to train on: model.network.early_stopping: no rows can be held out to watch: "),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_share_that_cannot_be_trained_on_is_told_before_anything_is_trained(
    workspace, edit, complaint, case
):
    own, says = REFUSED[case]
    raw = pd.DataFrame({"a": A, "b": B, "y": LABELS})
    raw.to_csv("data/raw/table.csv", index=False)
    edit(
        "data",
        {"path": "data/raw/table.csv", "target": "y", "task": "classification", "positive": 1},
    )
    edit("preprocess", {})
    for key, value in own.items():
        edit(key, value)
    preprocess.main()
    assert says in complaint(cross_validate)
