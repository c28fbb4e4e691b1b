"""What a study decides, from figures whose answer is known, and that it is told in one sentence."""

import pytest

from stages.reporting.evidence.decision import Decision, decide
from stages.reporting.words.decision import decided

BEST = {"mean": 0.8, "candidates": 3}


def model(mean, difference, half=None, pvalue=None, **more):
    """Return a baseline beside a network that is so much better, give or take."""
    own = {"mean": mean, "difference": difference, **more}
    if half is not None:
        own |= {"low": difference - half, "high": difference + half}
        own["pvalue"] = pvalue if pvalue is not None else 0.01 if abs(difference) > half else 0.5
    return own


def beside(network, best=BEST, *, searched=True, folds=10, scoring="accuracy", **models):
    compared = {"searched": searched, "folds": folds, "scoring": scoring, "network": network}
    compared |= {"rival": "logistic_regression", "models": models}
    return decide(compared, best)


NOTHING = model(0.6, 0.2, 0.05)
MISSING = {"missing": "it could not be fitted or scored on every fold"}


@pytest.mark.parametrize(
    ("models", "expected", "against", "says"),
    [
        (
            {"majority_class": NOTHING, "logistic_regression": model(0.75, 0.05, 0.02)},
            Decision.WORTH_IT, "logistic_regression",
            "The network is worth it: it beats logistic regression (difference in accuracy +0.050, 95 % interval +0.030 to +0.070).",
        ),
        (
            # It could be better by 0.15 of what the linear model gains at most.
            {"majority_class": NOTHING, "logistic_regression": model(0.8, 0.0, 0.029)},
            Decision.NO_BETTER, "logistic_regression",
            "Use logistic regression: the network is no better (difference in accuracy +0.000, 95 % interval -0.029 to +0.029; an advantage of up to 0.030 counts as none).",
        ),
        (
            {"majority_class": NOTHING, "logistic_regression": model(0.8, 0.0, 0.07)},
            Decision.TOO_FEW_ROWS, "logistic_regression",
            "Too few rows to tell whether the network is better than logistic regression (difference in accuracy +0.000, 95 % interval -0.070 to +0.070; an advantage of up to 0.030 counts as none): until more do, use logistic regression.",
        ),
        (
            {"majority_class": NOTHING, "logistic_regression": model(0.9, -0.1, 0.05)},
            Decision.WORSE, "logistic_regression",
            "Use logistic regression: the network is worse (difference in accuracy -0.100, 95 % interval -0.150 to -0.050).",
        ),
        (
            {"majority_class": model(0.9, -0.1, 0.05), "logistic_regression": model(0.7, 0.1, 0.05)},
            Decision.WORSE_THAN_NOTHING, "majority_class",
            "The network is worse than always predicting the majority class: do not use it (difference in accuracy -0.100, 95 % interval -0.150 to -0.050).",
        ),
        (
            # Of 6 % positives all models say that there are none.
            {"majority_class": model(0.94, 0.0), "logistic_regression": model(0.94, 0.001, 0.002)},
            Decision.NO_BETTER_THAN_NOTHING, "majority_class",
            "The network is no better than always predicting the majority class: do not use it (difference in accuracy +0.000; the folds hold no estimate of noise).",
        ),
        (
            {"majority_class": model(0.7, -0.1, 1), "logistic_regression": model(0.7, -0.1, 1)},
            Decision.TOO_FEW_ROWS, "majority_class",
            "Too few rows to tell whether the network is better than always predicting the majority class (difference in accuracy -0.1, 95 % interval -1.1 to +0.9; an advantage of up to 0.010 counts as none): do not use it yet.",
        ),
        (
            # The linear model is ahead of a network of which nothing is known.
            {"majority_class": model(0.6, 0.04, 0.1), "logistic_regression": model(0.675, -0.035, 0.1)},
            Decision.TOO_FEW_ROWS, "majority_class",
            "Too few rows to tell whether the network is better than always predicting the majority class (difference in accuracy +0.04, 95 % interval -0.06 to +0.14; an advantage of up to 0.011 counts as none): do not use it yet; logistic regression has 0.68, more than the network.",
        ),
        (
            {"majority_class": NOTHING, "logistic_regression": model(0.7, 0.1, unknown="no interval is known")},
            Decision.ABOVE, "logistic_regression",
            "Not decided: the network is above logistic regression, which may be chance (difference in accuracy +0.100; no interval is known).",
        ),
        (
            {"majority_class": NOTHING, "logistic_regression": model(0.9, -0.1, unknown="no interval is known")},
            Decision.NOT_ABOVE, "logistic_regression",
            "Use logistic regression: the network is not above it (difference in accuracy -0.100; no interval is known).",
        ),
        (
            {"majority_class": NOTHING, "logistic_regression": MISSING, "naive_bayes": model(0.5, 0.3, 0.1)},
            Decision.NOT_COMPARED, "logistic_regression",
            "Not decided: logistic regression could not be fitted or scored on every fold.",
        ),
        (
            # It beats the linear model, but another needs no search to be above it.
            {"majority_class": NOTHING, "logistic_regression": model(0.7, 0.1, 0.05), "gradient_boosting": model(0.81, -0.01, 0.02)},
            Decision.NO_BETTER, "gradient_boosting",
            "Use gradient boosting: the network is no better (difference in accuracy -0.010, 95 % interval -0.030 to +0.010; an advantage of up to 0.015 counts as none).",
        ),
        (
            {"majority_class": NOTHING, "logistic_regression": model(0.8, 0.0, 0.03), "gradient_boosting": model(0.9, -0.1, 0.02)},
            Decision.WORSE, "gradient_boosting",
            "Use gradient boosting: the network is worse (difference in accuracy -0.100, 95 % interval -0.120 to -0.080).",
        ),
        (
            # One of several is worse by chance soon: Holm.
            {
                "majority_class": NOTHING, "logistic_regression": model(0.8, 0.0, 0.02),
                "naive_bayes": model(0.84, -0.04, 0.039, 0.04), "gradient_boosting": model(0.7, 0.1, 0.2),
            },
            Decision.NO_BETTER, "logistic_regression",
            "Use logistic regression: the network is no better (difference in accuracy +0.000, 95 % interval -0.020 to +0.020; an advantage of up to 0.030 counts as none).",
        ),
    ],
)  # fmt: skip
def test_a_decision_and_its_sentence(models, expected, against, says):
    found = beside(0.8, **models)
    assert found["decision"] == expected
    assert found["against"] == against
    assert str(decided(found)) == says


@pytest.mark.parametrize(
    ("half", "folds", "few"), [(0.2, 3, "folds"), (0.031, 10, "folds"), (0.07, 10, "rows")]
)
def test_few_folds_are_not_few_rows(half, folds, few):
    """Those are too few whose number alone, at the same noise, leaves it open."""
    models = {"majority_class": NOTHING, "logistic_regression": model(0.8, 0.0, half)}
    found = beside(0.8, folds=folds, **models)
    assert str(decided(found)).startswith(f"Too few {few} to tell whether the network is better")


@pytest.mark.parametrize(
    ("models", "says"),
    [
        (
            {"majority_class": NOTHING, "logistic_regression": model(0.9, -0.1, 0.05)},
            "Not decided: the base model is worse than logistic regression (",
        ),
        (
            {"majority_class": NOTHING, "logistic_regression": model(0.8, 0.0, 0.01)},
            "Not decided: the base model is no better than logistic regression (",
        ),
        (
            {"majority_class": model(0.9, -0.1, 0.05), "logistic_regression": NOTHING},
            "Not decided: the base model is worse than always predicting the majority class (",
        ),
        (
            {"majority_class": NOTHING, "logistic_regression": model(0.8, 0.0, 0.2)},
            "Too few rows to tell whether the base model is better than logistic regression (",
        ),
    ],
)
def test_a_base_model_decides_nothing_of_the_winner(models, says):
    said = str(decided(beside(0.8, searched=False, **models)))
    assert said.startswith(says)
    assert not any(word in said for word in ("Use ", "use ", "network"))


def test_where_all_failed_there_is_nothing_to_use():
    models = {"majority_class": NOTHING, "logistic_regression": model(0.8, 0.0, 0.2)}
    for number, which in ((1, "The only candidate"), (12, "All 12 candidates")):
        found = beside(0.8, {"mean": None, "candidates": number}, **models)
        assert found["decision"] == Decision.ALL_FAILED
        assert str(decided(found)) == f"{which} failed: there is no network to use."


def test_a_margin_is_of_what_the_linear_model_gains_and_leaves():
    models = {"mean": model(-0.01, 0.5, 0.1), "logistic_regression": model(0.5, 0.0, 0.07)}
    assert beside(0.5, scoring="r2", **models)["decision"] == Decision.NO_BETTER
    # Where it leaves little to gain, little counts.
    models = {"majority_class": model(0.4, 0.5, 0.1), "logistic_regression": model(0.9, 0.0, 0.05)}
    assert beside(0.9, **models)["decision"] == Decision.TOO_FEW_ROWS
    # Where it gains nothing, no advantage is too small to count.
    models = {"mean": model(0.5, 0.5, 0.1), "logistic_regression": model(0.5, 0.0, 0.001)}
    assert beside(0.5, scoring="r2", **models)["decision"] == Decision.TOO_FEW_ROWS
    assert beside(0.5, **models)["decision"] == Decision.NO_BETTER
