"""Transformers by name: that they are scikit-learn's, and what does not suit a table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
    quantile_transform,
)

from stages.study.archives import write_pipeline
from stages.study.baselines import score_baselines
from stages.study.checks import check_data
from stages.study.column_checks import WIDEST
from stages.study.errors import InputError
from stages.study.prepared import Prepared
from stages.study.preprocessing import Transformers
from stages.study.routing import routing
from stages.study.sections.model import Model
from stages.study.splits import make_folds
from stages.study.winner import TRUSTED

CATEGORIES = "preprocessing__categories"
ROWS = 60
rng = np.random.default_rng(0)
NUMBERS = pd.DataFrame(
    {"a": rng.normal(5, 2, ROWS), "b": rng.integers(0, 9, ROWS)}, dtype="float64"
)
NUMBERS.loc[::7, "a"] = np.nan
WORDS = pd.Series(np.array(["x", "y", "z"])[rng.integers(0, 3, ROWS)], dtype="str")
WORDS[:2] = "rare"
WORDS[5] = WORDS[20] = None
MIXED = NUMBERS.assign(c=WORDS)
TARGETS = {
    "binary": pd.Series(np.where(rng.random(ROWS) > 0.6, "yes", "no"), name="y"),
    "multiclass": pd.Series(np.array(["p", "q", "r"])[rng.integers(0, 3, ROWS)], name="y"),
    "regression": pd.Series(rng.integers(1, 9, ROWS) * 1000.0, name="y"),
}


def prepared(X=MIXED, target="binary"):
    y = TARGETS[target]
    task = "regression" if target == "regression" else "classification"
    counts = y.value_counts()
    classes = [{"label": own, "rows": int(rows)} for own, rows in counts.items()]
    return Prepared(X, y, {"task": task, "classes": classes})


def model(imputer="median", scaler="minmax", network=None, **settings):
    return Model(imputer=imputer, scaler=scaler, network=network or {}, **settings)


def make(X=MIXED, target="binary", seed=0, **settings):
    return Transformers(model(**settings), prepared(X, target), seed)


PLAIN = {
    "as ever": ({}, make_pipeline(SimpleImputer(strategy="median"), MinMaxScaler())),
    "mean, standard": (
        {"imputer": "mean", "scaler": "standard"},
        make_pipeline(SimpleImputer(), StandardScaler()),
    ),
    "most_frequent, robust": (
        {"imputer": "most_frequent", "scaler": "robust"},
        make_pipeline(SimpleImputer(strategy="most_frequent"), RobustScaler()),
    ),
    "knn among scaled neighbours": (
        {"imputer": "knn"},
        make_pipeline(MinMaxScaler(), KNNImputer()),
    ),
    "indicator": (
        {"imputer": {"strategy": "median", "indicator": True}},
        make_pipeline(SimpleImputer(strategy="median", add_indicator=True), MinMaxScaler()),
    ),
    "no scaler": ({"scaler": "none"}, SimpleImputer(strategy="median")),
}


@pytest.mark.parametrize("case", PLAIN)
def test_numbers_are_prepared_by_scikit_learn(case):
    settings, plain = PLAIN[case]
    found = make(NUMBERS, **settings).before().fit_transform(NUMBERS)
    np.testing.assert_array_equal(found, plain.fit_transform(NUMBERS))


def test_quantiles_of_few_rows():
    found = make(NUMBERS, scaler="quantile").before().fit_transform(NUMBERS)
    filled = SimpleImputer(strategy="median").fit_transform(NUMBERS)
    expected = quantile_transform(filled, n_quantiles=ROWS // 4, copy=True)
    np.testing.assert_array_equal(found, expected)


def test_one_column_a_category_and_what_a_fold_lacks():
    before = make(categorical={"encoder": "onehot", "min_frequency": 3}).before()
    train, test = MIXED[8:], MIXED[:8]
    found = before.fit(train).transform(test)
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=3, sparse_output=False
    )
    expected = encoder.fit(train[["c"]]).transform(test[["c"]])
    np.testing.assert_array_equal(found.to_numpy()[:, 2:], expected)
    assert [name for name in found if name.startswith("categories__c_")]
    # Of two rows in all, that this fold does not have.
    assert not make().before().fit(train).transform(test).to_numpy()[0, 2:].any()


@pytest.mark.parametrize(
    "words",
    [
        {"a": ["b_c", "d"], "a_b": ["d", "c"]},
        {"a": ["nan", None], "b": ["d", "e"]},
        {"a": ["'='", "="], "a'='": ["=", "'"], "a_'": ["=_'", "="]},
    ],
)
def test_values_that_would_share_a_name_are_columns_of_their_own(words, tmp_path):
    X = pd.DataFrame({name: np.resize(own, ROWS) for name, own in words.items()}, dtype="str")
    encoder = make(X).before()
    found = encoder.fit_transform(X)
    assert found.columns.is_unique
    plain = OneHotEncoder(sparse_output=False).fit_transform(X)
    np.testing.assert_array_equal(found, plain)
    write_pipeline(encoder, tmp_path / "pipeline.skops")
    loaded = skops.io.load(tmp_path / "pipeline.skops", trusted=TRUSTED)
    pd.testing.assert_frame_equal(loaded.transform(X), found)


def test_codes_of_categories():
    train, test = MIXED[8:], MIXED[:8]
    before = make(categorical="ordinal").before().fit(train)
    said = before.transform(test)["categories__c"]
    expected = WORDS[:8].map({"x": 0.0, "y": 1.0, "z": 2.0, "rare": -1.0}).fillna(-2.0)
    np.testing.assert_array_equal(said, expected)
    # A fold without gaps does not know them.
    before.fit(train.dropna())
    assert before.transform(test)["categories__c"][5] == -1


@pytest.mark.parametrize("target", TARGETS)
def test_means_of_the_target(target):
    """Cross-fitted where they are learnt, and in the unit of the numbers beside them."""
    y = TARGETS[target]
    before = make(target=target, categorical="target", scaler="standard", seed=3).before()
    found = before.fit_transform(MIXED, y).to_numpy()[:, 2:]
    kind = {"regression": "continuous"}.get(target, target)
    folds = KFold(5, shuffle=True, random_state=3)
    plain = make_pipeline(TargetEncoder(target_type=kind, cv=folds), StandardScaler())
    np.testing.assert_array_equal(found, plain.fit_transform(MIXED[["c"]], y))
    assert found.shape[1] == (3 if target == "multiclass" else 1)
    new = MIXED.assign(c="never seen")
    np.testing.assert_array_equal(
        before.transform(new).to_numpy()[:, 2:], plain.transform(new[["c"]])
    )


def test_only_categories():
    X = MIXED[["c"]]
    assert make(X).before().fit_transform(X).shape == (ROWS, 5)


def test_names_become_transformers():
    own = make()
    grid = {
        "epochs": [1, 2],
        "preprocessing__numbers__scaler": ["none", "robust"],
        "preprocessing__numbers__imputer": ["mean"],
        "preprocessing__categories": ["ordinal"],
        "preprocessing__numbers__imputer__strategy": ["mean"],
    }
    made = own.grid(grid, "grid")
    kinds = {name: [type(value).__name__ for value in values] for name, values in made.items()}
    assert kinds == {
        "epochs": ["int", "int"],
        "preprocessing__numbers__scaler": ["str", "RobustScaler"],
        "preprocessing__numbers__imputer": ["SimpleImputer"],
        "preprocessing__categories": ["OrdinalEncoder"],
        "preprocessing__numbers__imputer__strategy": ["str"],
    }
    regression = make(target="regression")
    found = regression.grid({"target_transformer": ["none", "yeo_johnson"]}, "grid")
    assert found["target_transformer"][0] is None
    assert isinstance(found["target_transformer"][1], PowerTransformer)


def with_name(name, value, **settings):
    """Return what a study makes of the table with one name of its grid, and as its base model."""
    own = make(target="regression", seed=3, **settings)
    (made,) = own.grid({name: [value]}, "grid")[name]
    before = own.before().set_params(**{name.removeprefix("preprocessing__"): made})
    return before.fit_transform(MIXED, TARGETS["regression"])


INDICATOR, RARE = {"indicator": True}, {"min_frequency": 3}
KEPT = [
    ("preprocessing__numbers__imputer", "mean", "imputer",
     {"strategy": "median", **INDICATOR}, {"strategy": "mean", **INDICATOR}),
    ("preprocessing__numbers__imputer", "knn", "imputer",
     {"strategy": "knn", **INDICATOR}, {"strategy": "knn", **INDICATOR}),
    ("preprocessing__categories", "onehot", "categorical",
     {"encoder": "ordinal", **RARE}, {"encoder": "onehot", **RARE}),
    ("preprocessing__categories", "ordinal", "categorical",
     {"encoder": "onehot", **RARE}, {"encoder": "ordinal", **RARE}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "key", "base", "alone"), KEPT)
def test_a_name_on_the_grid_keeps_what_the_model_says_besides(name, value, key, base, alone):
    found = with_name(name, value, **{key: base})
    expected = make(target="regression", seed=3, **{key: alone}).before()
    pd.testing.assert_frame_equal(found, expected.fit_transform(MIXED, TARGETS["regression"]))


def test_means_of_the_target_have_a_scaler_of_their_own():
    found = with_name("preprocessing__categories__scaler", "standard", categorical="target")
    expected = with_name("preprocessing__numbers__scaler", "minmax", categorical="target")
    own = make(target="regression", seed=3, categorical="target", scaler="standard").before()
    own = own.fit_transform(MIXED, TARGETS["regression"])
    np.testing.assert_array_equal(found.iloc[:, 2], own.iloc[:, 2])
    np.testing.assert_array_equal(found.iloc[:, :2], expected.iloc[:, :2])


NOT_KEPT = [
    ("preprocessing__numbers__imputer", "knn", {}, "knn, but model.imputer is median, and knn"),
    ("preprocessing__numbers__imputer", "mean", {"imputer": "knn"}, "mean, but model.imputer is k"),
    ("preprocessing__categories", "target", {"categorical": {"encoder": "onehot", **RARE}},
     "target, but model.categorical has min_frequency"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "settings", "says"), NOT_KEPT)
def test_what_the_model_says_is_not_dropped_in_silence(name, value, settings, says):
    with pytest.raises(InputError) as caught:
        make(**settings).grid({name: [value]}, "grid")
    assert str(caught.value).startswith(f"params.yaml: grid.{name}[0]: {says}")
    assert "\n" not in str(caught.value)


GAPS = "none, but column 'a' has 9 missing values"
MISTAKES = [
    (MIXED, "preprocessing__numbers__scaler", "min-max", "must be none, minmax, standard, robust, quantile; found 'min-max'"),
    (MIXED, "preprocessing__numbers__scaler", ["minmax"], "must be none, minmax, standard, robust, quantile; found ['minmax']"),
    (MIXED, "preprocessing__numbers__imputer", "none", GAPS),
    (NUMBERS, "preprocessing__categories", "onehot", "the table has no categories among its features"),
    (MIXED[["c"]], "preprocessing__numbers__imputer__strategy", "mean", "the table has no numbers among its features"),
    (MIXED, "target_transformer", "log1p", "log1p is for the target of a regression"),
]  # fmt: skip


@pytest.mark.parametrize(("X", "name", "value", "says"), MISTAKES)
def test_what_does_not_suit_the_table_is_said_of_its_place(X, name, value, says):
    with pytest.raises(InputError) as caught:
        make(X).grid({name: ["minmax", value] if value == "min-max" else [value]}, "grid")
    place = 1 if value == "min-max" else 0
    assert str(caught.value).startswith(f"params.yaml: grid.{name}[{place}]: {says}")


def test_the_base_model_is_checked_against_the_table():
    check_data(prepared(), model(), 2, "folds")
    # A category that is missing is a category.
    check_data(prepared(MIXED[["c"]]), model(imputer="none"), 2, "folds")
    with pytest.raises(InputError, match=f"model.imputer: {GAPS}"):
        check_data(prepared(), model(imputer="none"), 2, "folds")
    with pytest.raises(InputError, match="model.target: standard is for the target of a regress"):
        check_data(prepared(), model(target="standard"), 2, "folds")
    below = Prepared(MIXED, TARGETS["regression"] - 3000, {"task": "regression"})
    with pytest.raises(
        InputError, match=r"log1p takes numbers above -1; column 'y' has \d+ others"
    ):
        check_data(below, model(target="log1p"), 2, "folds")


@pytest.mark.parametrize("role", ["groups", "time"])
def test_means_of_the_target_are_refused_where_rows_are_kept_apart(role):
    """Their inner folds would mix groups, and earlier rows with later ones."""
    rows = pd.Series(np.arange(ROWS) // 5)
    data = replace(prepared(), **{role: rows})
    says = f"means over rows whatever data.{role} says of them.*take onehot or ordinal"
    with pytest.raises(InputError, match=f"model.categorical: target takes {says}"):
        check_data(data, model(categorical="target"), 2, "folds")
    with pytest.raises(InputError, match=rf"grid.*categories\[1\]: target takes {says}"):
        Transformers(model(), data, 0).grid({CATEGORIES: ["onehot", "target"]}, "grid")
    check_data(data, model(categorical="ordinal"), 2, "folds")
    check_data(replace(data, X=NUMBERS), model(categorical="target"), 2, "folds")


def test_baselines_take_columns_for_codes_where_groups_are_kept_apart():
    data = replace(prepared(target="regression"), groups=pd.Series(np.arange(ROWS) // 5))
    own, folds = model(categorical="ordinal", scaler="none"), make_folds(data, 3, 0)
    with routing(data) as given:
        found = score_baselines(data, own, folds, ["r2"], 0).set_index("model")["r2"]
    before = make(target="regression", scaler="standard", categorical="onehot").before()
    plain = make_pipeline(before, Ridge(random_state=0))
    splits = list(folds.split(data.X, data.y, given["groups"]))
    expected = cross_val_score(plain, data.X, data.y, cv=splits, scoring="r2")
    np.testing.assert_allclose(found["ridge"], expected)


def test_boosting_does_not_watch_rows_of_the_groups_that_it_learns():
    """In a table in which scikit-learn would stop it early."""
    rows = 20_200
    noise = np.random.default_rng(0)
    X = pd.DataFrame({"a": noise.integers(0, 40, rows) * 1.0})
    y = pd.Series(noise.normal(size=rows), name="y")
    data = Prepared(X, y, {"task": "regression"}, groups=pd.Series(np.arange(rows) % 50))
    folds = make_folds(data, 2, 0)
    with routing(data) as given:
        found = score_baselines(data, model(), folds, ["r2"], 0).set_index("model")["r2"]
    plain = HistGradientBoostingRegressor(early_stopping=False, random_state=0)
    splits = list(folds.split(X, y, given["groups"]))
    expected = cross_val_score(plain, X, y, cv=splits, scoring="r2")
    np.testing.assert_allclose(found["gradient_boosting"], expected, rtol=1e-6)


def test_too_many_categories_for_a_column_each():
    rows = WIDEST + 1
    X = pd.DataFrame({"c": pd.Series([f"n{n}" for n in range(rows)], dtype="str")})
    data = Prepared(X, pd.Series(np.arange(rows) * 1.0, name="y"), {"task": "regression"})
    with pytest.raises(
        InputError, match="a column of each of the 1001 values of 'c'; at most 1000"
    ):
        check_data(data, model(), 2, "folds")
    for own in ("target", "ordinal", {"encoder": "onehot", "min_frequency": 2}):
        check_data(data, model(categorical=own), 2, "folds")


def test_baselines_see_the_same_columns_and_target():
    data = prepared(target="regression")
    folds = KFold(3)
    # A linear model would believe in the order of codes.
    for encoder, theirs in {"onehot": "onehot", "target": "target", "ordinal": "target"}.items():
        own = model(target="standard", scaler="none", categorical=encoder)
        found = score_baselines(data, own, folds, ["r2"], 0).set_index(["model", "fold"])["r2"]
        before = make(target="regression", scaler="standard", categorical=theirs).before()
        plain = make_pipeline(before, Ridge(random_state=0))
        outside = TransformedTargetRegressor(plain, transformer=StandardScaler())
        expected = cross_val_score(outside, data.X, data.y, cv=folds, scoring="r2")
        np.testing.assert_array_equal(found["ridge"], expected)
        assert found.notna().all()
