"""Each line of docs/how-to/coming-from-kerastuner.md, and a search beside plain Keras."""

import functools
import re
import tempfile
import warnings

import keras
import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import log_loss
from sklearn.model_selection import ParameterSampler, PredefinedSplit, ShuffleSplit, StratifiedKFold
from tiny import ROOT
from tunable_cases import MODEL, X, Y, asked, build_model, classifier

import gridlanes
from gridlanes import GridSearchCV, ParameterError, RandomizedSearchCV, Tunable

# One process traces and searches for all lines.
pytestmark = [pytest.mark.usefixtures("traced", "eager"), pytest.mark.xdist_group("KerasTuner")]

#: What networks of one structure differ in.
FEW = {name: MODEL.param_distributions[name] for name in ("units_0", "lr")}


class Answers(dict):
    """An ``hp`` that says what it is told, and nothing else."""

    def ask(self, name, *rules, **options):
        return self[name]

    Int = Float = Choice = Boolean = ask


def randomized(estimator=None, values=FEW, **options):
    options = {
        "n_iter": 2,
        "cv": 2,
        "random_state": 0,
        "engine": "lanes",
        "refit": False,
        **options,
    }
    return RandomizedSearchCV(estimator or classifier(), values, **options)


@functools.cache
def searched():
    values, scoring = MODEL.param_distributions, ["accuracy", "neg_log_loss"]
    return randomized(values=values, n_iter=6, scoring=scoring, refit="neg_log_loss").fit(X, Y)


def says(pattern, use):
    with pytest.raises((ParameterError, TypeError), match=pattern):
        use()
    return True


def drawn(values, pull=1000):
    random = np.random.RandomState(0)
    return np.array([values.rvs(random_state=random) for _ in range(pull)])


def is_drawn_as(distribution, values):
    return stats.kstest(drawn(values), distribution.cdf).pvalue > 0.01


def scoped(hp):
    kind = hp.Choice("kind", ["a", "b"])
    with hp.conditional_scope("kind", ["b"]):
        depth = hp.Int("depth", 1, 2)
    return kind, depth, hp.Int("units", 2, 3, parent_name="depth", parent_values=2)


def branching(hp):
    if hp.Boolean("a") and hp.Choice("b", ["x", "y"]) == "y":
        hp.Int("c", 1, 2)
    return hp.values


def kept(hp):
    with hp.name_scope("block"):
        hp.Int("units", 2, 3)
        return hp.get("units"), hp["units"], "units" in hp, "other" in hp, hp.values


def halving():
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingRandomSearchCV

    options = {"resource": "epochs", "max_resources": 2, "factor": 2, "cv": 2, "refit": False}
    with warnings.catch_warnings():
        # A search over so little says that nothing is better.
        warnings.simplefilter("ignore")
        search = HalvingRandomSearchCV(classifier(), FEW, n_candidates=2, **options)
        return search.fit(X, Y)


def kept_in_a_store():
    with tempfile.TemporaryDirectory() as folder:
        first, again = [randomized(memory=folder).fit(X, Y).fit_report_ for _ in "ab"]
    return first.trained == again.found == 4


def choosing(hp):
    model = keras.Sequential([keras.layers.Dense(1, "sigmoid")])
    model.compile(hp.Choice("optimizer", ["adam", "sgd"]), hp.Fixed("loss", "mse"))
    hp.Int("epochs", 5, 9)
    return model


class HyperModel:
    def build(self, hp):
        return build_model(hp)


CASES = {
    "hp.Int": lambda: asked(lambda hp: hp.Int("units", 6, 9)) == {"units": [6, 7, 8, 9]},
    "hp.Float": lambda: is_drawn_as(
        stats.uniform(1, 2), asked(lambda hp: hp.Float("x", 1, 3))["x"]
    ),
    "hp.Choice": lambda: asked(lambda hp: hp.Choice("x", [2, 1], ordered=False)) == {"x": [2, 1]},
    "hp.Boolean": lambda: asked(lambda hp: hp.Boolean("x")) == {"x": [False, True]},
    "hp.Fixed": lambda: asked(lambda hp: hp.Fixed("x", 3)) == {"x": [3]},
    "step=": lambda: (
        asked(lambda hp: hp.Int("x", 6, 13, step=3))["x"] == [6, 9, 12]
        and np.allclose(asked(lambda hp: hp.Float("x", 0, 0.5, step=0.1))["x"], np.arange(6) / 10)
    ),
    'sampling="log"': lambda: (
        asked(lambda hp: hp.Int("x", 2, 32, 2, "log"))["x"] == [2, 4, 8, 16, 32]
        and asked(lambda hp: hp.Int("x", 1, 1000, 10, "log"))["x"] == [1, 10, 100, 1000]
        and np.allclose(
            asked(lambda hp: hp.Float("x", 1e-3, 10, 10, "log"))["x"], 10.0 ** np.arange(-3, 2)
        )
        and is_drawn_as(
            stats.loguniform(1, 9), asked(lambda hp: hp.Float("x", 1, 9, None, "log"))["x"]
        )
        and set(drawn(asked(lambda hp: hp.Int("x", 2, 5, None, "log"))["x"])) == {2, 3, 4, 5}
    ),
    'sampling="reverse_log"': lambda: (
        asked(lambda hp: hp.Int("x", 1, 8, 2, "reverse_log"))["x"] == [8, 7, 5, 1]
        and stats.kstest(
            10 - drawn(asked(lambda hp: hp.Float("x", 1, 9, None, "reverse_log"))["x"]),
            stats.loguniform(1, 9).cdf,
        ).pvalue
        > 0.01
        and set(drawn(asked(lambda hp: hp.Int("x", 2, 4, None, "reverse_log"))["x"])) == {2, 3, 4}
    ),
    "default=": lambda: (
        Tunable(lambda hp: [hp.Int("x", 1, 5, default=3), hp.Float("y", 1, 2)])() == [3, 1.0]
        and Tunable(lambda hp: [hp.Choice("x", "ab"), hp.Boolean("y")])() == ["a", False]
    ),
    'hp.Int("num layers")': lambda: (
        classifier(**{"num layers": 2}).fit(X, Y).model_.count_params() == 8 + 9
        and says("'model' has a meaning", lambda: asked(lambda hp: hp.Choice("model", ["cnn"])))
        and says("'a__b' has a meaning", lambda: asked(lambda hp: hp.Boolean("a__b")))
    ),
    'hp.Choice("optimizer", ...)': lambda: (
        type(classifier(Tunable(choosing), optimizer="sgd").fit(X, Y).model_.optimizer)
        is keras.optimizers.SGD
        and len(classifier(Tunable(choosing), epochs=3).fit(X, Y).history_["loss"]) == 3
    ),
    "a name asked for twice": lambda: (
        asked(lambda hp: [hp.Int("x", 1, 2), hp.Int("x", 1, 2)]) == {"x": [1, 2]}
        and says("in two ways", lambda: asked(lambda hp: [hp.Int("x", 1, 2), hp.Int("x", 1, 3)]))
    ),
    "hp.conditional_scope": lambda: (
        Tunable(scoped)(kind="a", depth=2) == ("a", None, None)
        and Tunable(scoped)(kind="b", depth=2, units=3) == ("b", 2, 3)
        and says("before what depends", lambda: asked(lambda hp: hp.conditional_scope("x", 1)))
    ),
    "parent_name=": lambda: Tunable(scoped)(kind="b", depth=1, units=3) == ("b", 1, None),
    "if, for": lambda: (
        {*MODEL.param_distributions} > {"units_1", "rate"} and len(asked(branching)) == 3
    ),
    "hp.name_scope": lambda: asked(kept) == {"block/units": [2, 3]},
    "hp.get": lambda: (
        Tunable(kept)(**{"block/units": 3}) == (3, 3, True, False, {"block/units": 3})
    ),
    "HyperModel": lambda: asked(HyperModel().build) == MODEL.param_distributions,
    "hyperparameters=": lambda: (
        "selu" in str(classifier(activation="selu").fit(X, Y).model_.get_config())
        and len(randomized(values={"lr": stats.loguniform(1e-3, 1)}).fit(X, Y).histories_) == 2
    ),
    "RandomSearch": lambda: searched().fit_report_.trained == 12,
    "GridSearch": lambda: (
        GridSearchCV(classifier(), {"units_0": FEW["units_0"]}, cv=2, refit=False)
        .fit(X, Y)
        .fit_report_.trained
        == 6
        and says(
            "'lr', whose values have no end", lambda: GridSearchCV(classifier(), FEW).fit(X, Y)
        )
    ),
    "Hyperband": lambda: "units_0" in halving().best_params_,
    "BayesianOptimization": lambda: not hasattr(gridlanes, "BayesSearchCV"),
    'objective="val_accuracy"': lambda: (
        (own := searched().cv_results_)
        and (own["mean_test_accuracy"] >= 0).all()
        and (own["mean_test_neg_log_loss"] < 0).all()
    ),
    "max_trials": lambda: len(searched().cv_results_["params"]) == 6,
    "executions_per_trial": lambda: (
        "split0_seed1_test_score" in randomized(n_iter=1, seeds=[0, 1]).fit(X, Y).cv_results_
    ),
    "seed": lambda: (
        searched().cv_results_["params"]
        == list(ParameterSampler(MODEL.param_distributions, 6, random_state=0))
    ),
    "directory": kept_in_a_store,
    "search": lambda: len(randomized(n_iter=1).fit(X, Y, epochs=3).histories_[0][0]["loss"]) == 3,
    "validation_data": lambda: all(
        randomized(n_iter=1, cv=cv).fit(X, Y).n_splits_ == 1
        for cv in (ShuffleSplit(1, random_state=0), PredefinedSplit([0] * 9 + [-1] * 21))
    ),
    "search_space_summary": lambda: (
        list(MODEL.param_distributions)
        == ["num layers", "units_0", "activation", "dropout", "lr", "units_1", "rate"]
    ),
    "results_summary": lambda: "param_num layers" in searched().cv_results_,
    "get_best_hyperparameters": lambda: searched().best_params_["units_0"] in (2, 4, 6),
    "hypermodel.build": lambda: (
        MODEL(**searched().best_params_).count_params()
        == searched().best_estimator_.model_.count_params()
    ),
    "get_best_models": lambda: isinstance(searched().best_estimator_.model_, keras.Model),
}


@pytest.mark.parametrize("line", CASES)
def test_a_line_of_the_page(line):
    assert CASES[line]()


def test_every_line_is_tried():
    page = (ROOT / "docs/how-to/coming-from-kerastuner.md").read_text()
    first = re.findall(r"^\| (.*?) \|", page, re.MULTILINE)
    assert [own.replace("`", "") for own in first if not re.match("-|KerasTuner", own)] == list(
        CASES
    )


def test_candidates_are_trained_in_lanes_as_plain_keras_trains_them():
    search = searched()
    assert not search.fit_report_.by_reference
    train, test = next(StratifiedKFold(2).split(X, Y))
    for number, values in enumerate(search.cv_results_["params"]):
        keras.utils.set_random_seed(1)
        model = build_model(Answers(values))
        for epoch in range(2):
            order = train[np.random.default_rng([1, epoch]).permutation(len(train))]
            for rows in np.split(order, range(8, len(order), 8)):
                model.train_on_batch(X[rows], Y[rows])
        score = -log_loss(Y[test], np.ravel(model(X[test])).astype(float))
        ours = search.cv_results_["split0_test_neg_log_loss"][number]
        assert ours == pytest.approx(score, abs=1e-5)
