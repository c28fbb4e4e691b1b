"""A study whose rows have groups, times or weights: its folds, fits and scores, by scikit-learn."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, average_precision_score, get_scorer, max_error
from sklearn.model_selection import (
    GroupKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from stages import cross_validate, diagnose, grid_search, holdout, nested_cv, preprocess, report
from stages.architecture import create_model
from stages.reporting.evidence.verdict import verdict
from stages.reporting.for_dvc.metrics import all_figures
from stages.reporting.pages.report import page
from stages.study import params
from stages.study.artifacts import (
    BEST,
    CROSS_VALIDATE,
    GRID_SEARCH,
    NESTED_CV,
    read_csv,
    read_parquet,
)
from stages.study.baselines import score_baselines
from stages.study.errors import InputError
from stages.study.estimator import make_estimator
from stages.study.prepared import Prepared, read_prepared
from stages.study.routing import asked_for, routing
from stages.study.split_checks import check_watched
from stages.study.splits import TimeFolds, make_folds, split_by

pytestmark = [pytest.mark.usefixtures("traced", "eager"), pytest.mark.xdist_group("rows")]

ROWS = 120
rng = np.random.default_rng(3)
#: Of very different sizes, and with names whose order is not that of the rows.
GROUPS = np.array(["c", "a10", "b", "a9", "d", "e", "f", "g"])[rng.integers(0, 8, ROWS) % 8]
DAYS = rng.integers(0, 28, ROWS) + 1
WEIGHTS = rng.uniform(0.2, 3, ROWS).round(2)
A, B = rng.normal(size=(2, ROWS)).round(3)
LABELS = (A + rng.normal(size=ROWS) > 0).astype(int)


@pytest.fixture
def table(workspace, edit):
    """Prepare a small table with a column that says something of rows."""

    def make(role: str, cells: Any, task: str = "classification") -> Prepared:
        y = LABELS if task == "classification" else (A + B).round(3)
        raw = pd.DataFrame({"a": A, "own": cells, "b": B, "y": y})
        raw.to_csv("data/raw/table.csv", index=False)
        data = {"path": "data/raw/table.csv", "target": "y", "task": task, role: "own"}
        edit("data", data)
        edit("cross_validate.folds", 3)
        edit("nested_cv", {"outer": 2, "permutations": 0})
        edit("diagnose.importance", 0)
        if task == "regression":
            edit("preprocess", {})
            edit("cross_validate.scoring", ["r2"])
            edit("grid_search.scoring", "r2")
        preprocess.main()
        return read_prepared()

    return make


def dates(days: np.ndarray) -> list[str]:
    return [f"2020-02-{day:02}" for day in days]


def rows_of_folds(folder: Path) -> list[np.ndarray]:
    """Return the test rows of each fold."""
    said = read_parquet(folder / "predictions.parquet")
    first = said[said["candidate"] == 0] if "candidate" in said else said
    return [own["row"].to_numpy() for _, own in first.groupby("fold")]


def told() -> tuple[str, dict[str, Any]]:
    """Return the page without its figures, and what it tells."""
    diagnose.main()
    holdout.main()
    content = report.read()
    content["verdict"] = verdict(content)
    return page(params.load(), content, [], Path()), content["verdict"]


def assert_folds(folder: Path, splits: Any) -> None:
    for ours, (_, theirs) in zip(rows_of_folds(folder), splits, strict=True):
        np.testing.assert_array_equal(np.sort(ours), np.sort(theirs))


def by_time(folds: int, days: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return what TimeSeriesSplit makes of the different days."""
    different = sorted(set(days))
    return [
        tuple(np.flatnonzero(np.isin(days, [different[own] for own in side])) for side in split)
        for split in TimeSeriesSplit(folds).split(different)
    ]


SPLITS = {
    "groups": lambda folds, rows: list(
        StratifiedGroupKFold(folds, shuffle=True, random_state=7).split(
            A[rows], LABELS[rows], GROUPS[rows]
        )
    ),
    "time": lambda folds, rows: by_time(folds, DAYS[rows]),
}
TOLD = {
    "groups": f"8 groups, the largest of {max(np.unique(GROUPS, return_counts=True)[1])} of 120",
    "time": f"Folds go by own, from 2020-02-01 to 2020-02-28 ({len(set(DAYS))} different times)",
}
CELLS = {"groups": GROUPS, "time": dates(DAYS)}


@pytest.mark.parametrize("role", SPLITS)
def test_every_split_is_scikit_learns(table, role):
    data = table(role, CELLS[role])
    assert list(data.X) == ["a", "b"]
    for stage in (cross_validate, grid_search, nested_cv):
        stage.main()
    whole = np.arange(ROWS)
    folds, outer = SPLITS[role](3, whole), SPLITS[role](2, whole)
    assert_folds(CROSS_VALIDATE, folds)
    assert_folds(NESTED_CV, outer)
    assert_folds(GRID_SEARCH, outer)
    settings = params.load()
    estimator = make_estimator(settings.model, data, settings.seed)
    scores = read_csv(CROSS_VALIDATE / "scores.csv")
    plain = cross_val_score(estimator, data.X, data.y, cv=folds, scoring="roc_auc")
    np.testing.assert_allclose(scores["roc_auc"], plain, atol=1e-6)
    # The search of an outer fold saw the folds that scikit-learn makes of its training rows.
    nested = read_csv(NESTED_CV / "outer.csv")
    search = estimator.set_params(**settings.grid_search.network)
    for row, (train, test) in zip(nested.to_dict("records"), outer, strict=True):
        chosen = clone(search).set_params(activation=row["activation"])
        inner = SPLITS[role](2, train)
        own = data.X.iloc[train], data.y.iloc[train]
        np.testing.assert_allclose(
            row["inner_score"], cross_val_score(chosen, *own, cv=inner).mean(), atol=1e-6
        )
        said = clone(chosen).fit(*own).predict(data.X.iloc[test])
        np.testing.assert_allclose(row["score"], accuracy_score(data.y.iloc[test], said))
    table_of = read_csv(NESTED_CV / "baselines.csv").groupby("model")["score"]
    baseline = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    np.testing.assert_allclose(
        table_of.get_group("logistic_regression"),
        cross_val_score(baseline, data.X, data.y, cv=outer),
    )
    text, found = told()
    assert TOLD[role] in text
    assert ("low" in found["nested_cv"]) == (role == "groups")
    # What `compare` needs to know of folds of different sizes.
    sizes = np.array([len(rows) for rows in rows_of_folds(GRID_SEARCH)])
    if role == "groups":
        expected = np.mean(sizes / (ROWS - sizes))
        kept = all_figures(report.read() | {"verdict": found})["grid_search"]
        assert kept["test_by_training_rows"] == pytest.approx(expected, abs=1e-6)
    else:
        assert "test_by_training_rows" not in found


def test_rows_weigh_in_fits_scores_and_baselines(table, edit):
    data = table("weights", WEIGHTS)
    assert list(data.X) == ["a", "b"]
    # A scorer of one class is asked apart from the others.
    edit("data.positive", 1)
    edit("cross_validate.scoring", ["neg_log_loss", "accuracy", "average_precision"])
    preprocess.main()
    for stage in (cross_validate, grid_search, nested_cv):
        stage.main()
    settings = params.load()
    folds = StratifiedKFold(3, shuffle=True, random_state=7)
    with config_context(enable_metadata_routing=True):
        scorer = get_scorer("neg_log_loss").set_score_request(sample_weight=True)
        estimator = make_estimator(settings.model, data, settings.seed)
        estimator.set_fit_request(sample_weight=True)
        before = StandardScaler().set_fit_request(sample_weight=False)
        last = LogisticRegression().set_fit_request(sample_weight=True)
        options = {"cv": folds, "scoring": scorer, "params": {"sample_weight": WEIGHTS}}
        plain = cross_val_score(estimator, data.X, data.y, **options)
        baseline = cross_val_score(make_pipeline(before, last), data.X, data.y, **options)
    scores = read_csv(CROSS_VALIDATE / "scores.csv")
    np.testing.assert_allclose(scores["neg_log_loss"], plain, atol=1e-6)
    of_models = read_csv(CROSS_VALIDATE / "baselines.csv").set_index("model")
    np.testing.assert_allclose(of_models.loc["logistic_regression", "neg_log_loss"], baseline)
    assert of_models.notna().all().all()
    said = read_parquet(CROSS_VALIDATE / "predictions.parquet")
    for fold, own in said.groupby("fold"):
        weighted = accuracy_score(own["truth"], own["predicted"], sample_weight=WEIGHTS[own["row"]])
        np.testing.assert_allclose(scores.loc[fold, "accuracy"], weighted)
        precision = average_precision_score(
            own["truth"], own["probability_1"], sample_weight=WEIGHTS[own["row"]]
        )
        np.testing.assert_allclose(scores.loc[fold, "average_precision"], precision)
    nested = read_csv(NESTED_CV / "outer.csv")
    for fold, own in read_parquet(NESTED_CV / "predictions.parquet").groupby("fold"):
        weighted = accuracy_score(own["truth"], own["predicted"], sample_weight=WEIGHTS[own["row"]])
        np.testing.assert_allclose(nested.loc[fold, "score"], weighted)
    text, found = told()
    assert f"Rows weigh what own says, from {WEIGHTS.min():g} to {WEIGHTS.max():g}, in fits" in text
    assert "low" in found["bootstrap_corrected"]


def test_the_winner_is_what_keras_makes_of_the_weights(table, edit):
    data = table("weights", WEIGHTS)
    # Adam's first steps are as long whatever the loss is multiplied by.
    edit("model.network.optimizer", "sgd")
    edit("grid_search.param_grid", {"activation": ["tanh"]})
    grid_search.main()
    found = keras.models.load_model(BEST / "model.keras").get_weights()
    X = MinMaxScaler().fit_transform(data.X).astype("float32")
    meta = {"target_type_": "binary", "n_features_in_": 2, "n_outputs_": 1}
    far = []
    for weights in (WEIGHTS, np.ones(ROWS)):
        keras.utils.set_random_seed(7)
        network = create_model(meta, [2], activation="tanh")
        network.compile("sgd", "binary_crossentropy")
        for epoch in range(2):
            order = np.random.default_rng([7, epoch]).permutation(ROWS)
            rows = {"x": X[order], "y": LABELS[order], "sample_weight": weights[order]}
            network.fit(**rows, batch_size=128, shuffle=False, verbose=0)
        pairs = zip(network.get_weights(), found, strict=True)
        far.append(max(abs(one - other).max() for one, other in pairs))
    assert far[0] < 1e-6
    assert far[1] > 1e-4


def test_folds_of_a_regression_hold_whole_groups(table):
    data = table("groups", GROUPS, "regression")
    cross_validate.main()
    folds = GroupKFold(3, shuffle=True, random_state=7)
    assert_folds(CROSS_VALIDATE, list(folds.split(A, groups=GROUPS)))
    for train, test in make_folds(data, 3, 7).split(data.X, data.y, split_by(data)):
        assert not set(GROUPS[train]) & set(GROUPS[test])


def test_times_of_one_day_stay_together_and_none_is_later_than_what_is_tested():
    tested = []
    for train, test in TimeFolds(4).split(A, groups=DAYS):
        assert DAYS[train].max() < DAYS[test].min()
        tested += [test]
    assert TimeFolds(4).get_n_splits() == len(tested) == 4
    days = [set(DAYS[test]) for test in tested]
    assert sum(map(len, days)) == len(set().union(*days))
    assert DAYS[np.concatenate(tested)].max() == DAYS.max()


REFUSED = {
    "too few groups": (
        cross_validate,
        ("groups", GROUPS),
        {"cross_validate.folds": 9},
        "cross_validate.folds: must be at most 8, the groups of 'own'; found 9",
    ),
    "too few times": (
        grid_search,
        ("time", np.arange(ROWS) % 4),
        {"grid_search.cv": 4},
        "grid_search.cv: must be at most 3, the times but one of 'own'; found 4",
    ),
    "too few groups inside": (
        nested_cv,
        ("groups", np.arange(ROWS) % 4),
        {"grid_search.cv": 3},
        "grid_search.cv: must be at most 2, the groups of 'own'; found 3, in outer fold 0 of nest",
    ),
    "too few groups for outer folds, told before anything is trained": (
        cross_validate,
        ("groups", GROUPS),
        {"nested_cv.outer": 9},
        "nested_cv.outer: must be at most 8, the groups of 'own'; found 9",
    ),
    "too few groups inside, told before the search": (
        grid_search,
        ("groups", np.arange(ROWS) % 4),
        {"grid_search.cv": 3},
        "grid_search.cv: must be at most 2, the groups of 'own'; found 3, in outer fold 0 of nest",
    ),
    "a class that comes late": (
        cross_validate,
        ("time", np.where(LABELS, 100 + np.arange(ROWS), np.arange(ROWS))),
        {},
        "cross_validate.folds: fold 0 of 3 has no row of class 1 to train on",
    ),
    "a class in one group": (
        cross_validate,
        ("groups", np.where(LABELS, "all", GROUPS)),
        {},
        "has no row of class 1 to train on; fewer folds",
    ),
    "one class to test": (
        cross_validate,
        ("time", np.where(LABELS, np.arange(ROWS) % 3, np.arange(ROWS))),
        {},
        "'roc_auc' is not defined on its",
    ),
    "no weight": (
        cross_validate,
        ("weights", (np.arange(ROWS) == 5).astype(int)),
        {},
        "has only rows of weight 0 to ",
    ),
    "rows held out": (
        cross_validate,
        ("groups", GROUPS),
        {"model.network.validation_split": 0.1},
        "model.network.validation_split: holds out the last rows of the table, whatever data.grou",
    ),
    "rows held out on the grid": (
        grid_search,
        ("time", dates(DAYS)),
        {"grid_search.param_grid": {"validation_split": [0, 0.1]}},
        "grid_search.param_grid.validation_split: holds out the last rows of the table, whatever ",
    ),
    "permutations in time": (
        nested_cv,
        ("time", dates(DAYS)),
        {"nested_cv.permutations": 1},
        "nested_cv.permutations: must be 0 with data.time",
    ),
    "permutations of groups of several labels": (
        nested_cv,
        ("groups", GROUPS),
        {"nested_cv.permutations": 1},
        "nested_cv.permutations: must be 0: labels can be exchanged between groups of one label ",
    ),
}


@pytest.mark.parametrize(("stage", "own", "settings", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused(table, edit, complaint, stage, own, settings, says):
    table(*own)
    for key_path, value in settings.items():
        edit(key_path, value)
    assert f"params.yaml: {says}" in complaint(stage) or says in complaint(stage)


def test_rows_in_the_order_of_time_may_be_held_out(table, edit):
    data = table("time", np.arange(ROWS))
    check_watched(data, {"validation_split": [0.1]}, "model.network")
    with pytest.raises(InputError, match="must be 0"):
        check_watched(data.rows(np.arange(ROWS)[::-1]), {"validation_split": [0.1]}, "network")


def test_labels_are_exchanged_between_groups(table, edit):
    table("groups", np.char.add(GROUPS, LABELS.astype(str)))
    edit("nested_cv", {"outer": 0, "permutations": 2})
    nested_cv.main()
    assert read_csv(NESTED_CV / "permutations.csv")["best_score"].notna().all()


def test_weights_go_where_they_are_asked_for(table):
    """Partial least squares takes no weights, nor does the scorer."""
    data = table("weights", WEIGHTS, "regression")
    folds = make_folds(data, 3, 7)
    with routing(data):
        told = score_baselines(data, params.load().model, folds, ["neg_max_error"], 7).set_index(
            "model"
        )
        nobody = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False), PLSRegression()
        )
        assert asked_for(nobody, ["neg_max_error"], data) == {}
        assert "sample_weight" in asked_for(nobody, ["r2"], data)
    plain = []
    for train, test in folds.split(data.X):
        model = make_pipeline(StandardScaler(), Ridge())
        model.fit(data.X.iloc[train], data.y.iloc[train], ridge__sample_weight=WEIGHTS[train])
        plain.append(-max_error(data.y.iloc[test], model.predict(data.X.iloc[test])))
    np.testing.assert_allclose(told.loc["ridge", "neg_max_error"], plain)
