"""What the report says of a study, from tables whose answer is known."""

import json
import math
import warnings

import numpy as np
import pandas as pd
import pytest
from small_tables import FOLDS, ROWS, study
from tiny import ROOT

from stages.reporting.evidence.decision import Decision, decide
from stages.reporting.evidence.scoring import limits
from stages.reporting.evidence.verdict import hyperparameters, verdict
from stages.reporting.pages import answer
from stages.reporting.words import candidates
from stages.reporting.words import sentences as words


def told(content):
    found = verdict(content)
    json.dumps(found, allow_nan=False)
    content["best"].setdefault("params", {})
    return found, words.sentences(found, content["best"])


def test_a_network_that_beats_the_linear_model():
    found, said = told(study(rival=0.6, outer=0.9))
    assert said[:2] == [
        (
            "The network is worth it: it beats logistic regression (difference in accuracy +0.300, "
            "95 % interval +0.261 to +0.339)."
        ),
        (
            f"Expect accuracy {found['nested_cv']['mean']:.3f} (95 % interval "
            f"{found['nested_cv']['low']:.3f} to {found['nested_cv']['high']:.3f}) of the network on new "
            "rows: the whole search was repeated inside 3 outer folds."
        ),
    ]
    assert found["nested_cv"]["inner_minus_outer"] == pytest.approx(0.05)
    assert "chose 2 different candidates: epochs 0 in 2." in said[2]
    assert said[3].endswith("(one-sided p = 0.250, the least that 3 permutations can show).")


@pytest.mark.parametrize(
    ("rival", "outer", "spread", "says"),
    [
        (0.9, 0.8, 0.02, "Use logistic regression: the network is worse ("),
        (0.81, 0.8, 0.2, "Too few folds to tell whether the network is better than always"),
        (0.8, 0.8, 0.012, "Use logistic regression: the network is no better ("),
        (0.78, 0.8, 0.06, "Too few folds to tell whether the network is better than logistic"),
        (0.7, 0.8, 0.0, "Not decided: the network is above logistic regression, which may be ch"),
    ],
)
def test_a_network_that_does_not(rival, outer, spread, says):
    _, said = told(study(rival=rival, outer=outer, spread=spread))
    assert said[0].startswith(says)


def test_without_a_nested_cross_validation_the_base_model_is_compared():
    content = study(outer=0.9, rival=0.5)
    content |= {"outer": None, "outer_baselines": None, "permutations": None}
    found, said = told(content)
    assert found["nested_cv"] is None
    assert found["chance"] is None
    assert said[0].startswith("The base model is worth it: it beats logistic regression (")
    assert said[1].startswith("Expect accuracy 0.9")
    assert said[1].endswith("the bootstrap takes out that it was chosen.")
    assert "beside the base model, not beside the winner: no nested cross-vali" in said[2]


def test_the_best_of_many_equals_is_corrected():
    found, _ = told(study(right=[0.5] * 60))
    corrected = found["bootstrap_corrected"]
    best = study(right=[0.5] * 60)["best"]["mean"]
    assert corrected["low"] < corrected["estimate"] < corrected["high"]
    assert corrected["estimate"] <= best + 1e-9


def test_variance_comes_with_the_hyperparameter_that_matters():
    found, said = told(study(right=(0.9, 0.6, 0.3)))
    assert found["shares"]["hyperparameters"]["epochs"] > 0.85
    assert sum(found["shares"]["hyperparameters"].values()) + sum(
        found["shares"][name] for name in ("higher", "fold", "candidate_by_fold")
    ) == pytest.approx(1, abs=1e-5)
    assert said[-1].startswith("Of what was searched epochs matters most (")
    shown = candidates.shown_shares(found["shares"])
    assert sum(share for _, share in shown) == pytest.approx(1)
    # Of one hyperparameter no three act together.
    assert not any("three" in name for name, _ in shown)


def test_seeds_are_averaged_and_told_apart():
    content = study()
    results = content["candidates"]
    for k in range(FOLDS):
        for seed, shift in ((4, -0.1), (5, 0.1)):
            results[f"split{k}_seed{seed}_test_score"] = results[f"split{k}_test_score"] + shift
    content["best"] |= {"seeds": [4, 5]}
    content["predictions"] = pd.concat(
        [
            own.assign(seed=seed)
            for _, own in content["predictions"].groupby("candidate")
            for seed in (4, 5)
        ]
    )
    found, said = told(content)
    without = verdict(study())
    assert hyperparameters(results) == ["epochs"]
    assert found["shares"]["seed"] > 0.2
    assert "the seed alone" in dict(candidates.shown_shares(found["shares"]))
    assert any("is a mean over 2 seeds (4, 5)" in own for own in said)
    assert found["bootstrap_corrected"]["estimate"] == pytest.approx(
        without["bootstrap_corrected"]["estimate"], abs=0.01
    )


def failed(content, candidates):
    content["candidates"].loc[candidates, ["split1_test_score", "mean_test_score"]] = math.nan
    rows = content["predictions"]["candidate"].isin(candidates) & (
        content["predictions"]["fold"] == 1
    )
    content["predictions"].loc[rows, ["probability_0", "probability_1"]] = math.nan
    return content


def test_failed_candidates_are_passed_over():
    found, said = told(failed(study(right=(0.6, 0.95, 0.5)), [2]))
    assert "failed fits" in found["shares"]["missing"]
    assert "was not computed" in said[-1]
    assert found["not_distinguishable"]["candidates"] >= 1
    assert found["bootstrap_corrected"]["estimate"] > 0.9


def test_a_network_that_learned_nothing():
    content = study(right=(0.5, 0.5), outer=0.5, spread=0, rival=0.5)
    found, said = told(content)
    assert said[0] == (
        "The network is no better than always predicting the majority class: do not use it "
        "(difference in accuracy +0.000; the folds hold no estimate of noise)."
    )
    # Nobody says of it that it won.
    assert not words.has_winner(found, content["best"])
    assert any("is ranked first, " in own for own in said)
    assert not any(" won" in own for own in said)
    content["candidates"]["epochs"] = [1, 2]
    for k in range(FOLDS):
        content["candidates"][f"split{k}_test_score"] = 0.5 + 0.01 * k
    assert (
        "No hyperparameter, nor any pair, comes with more than one percent" in told(content)[1][-1]
    )


def test_a_network_that_is_worse_than_nothing():
    _, said = told(study(right=(0.5, 0.5), outer=0.2, spread=0.01, rival=0.7))
    assert said[0].startswith("The network is worse than always predicting the majority class: do")
    assert not any(" won" in own for own in said)


def test_a_difference_that_is_the_same_on_all_folds_is_one():
    """No t-test can judge it, but a network that is always right has learned something."""
    _, said = told(study(right=(0.9, 0.9), outer=1.0, spread=0, rival=1.0))
    assert said[0].startswith("Use logistic regression: the network is no better (")


def test_scorers_are_not_mixed_in_one_figure():
    """Without a nested cross-validation the base model may have been scored by another first."""
    content = study(outer=0.8) | {"outer": None}
    found = verdict(content)
    best = content["best"]
    assert any("base model" in name for name, _ in answer.estimates(found, best))
    found["baselines"]["scoring"] = "roc_auc"
    assert not any("base model" in name for name, _ in answer.estimates(found, best))
    assert answer.baselines(found["baselines"], best) == []


def test_a_difference_is_within_what_scores_can_differ_by():
    content = study(spread=0.3, outer=0.6)
    rival = content["outer_baselines"]["model"] == "logistic_regression"
    content["outer_baselines"].loc[rival, "score"] = [1.0, 0.0, 0.5]
    for own in verdict(content)["baselines"]["models"].values():
        assert -1 <= own["low"] <= own["high"] <= 1


def test_candidates_that_predict_one_class_are_counted():
    content = study(right=(0.9, 0.6))
    own = content["predictions"]["candidate"] == 1
    content["predictions"].loc[own, ["probability_0", "probability_1"]] = [0.8, 0.2]
    assert verdict(content)["one_class"] == 1


def test_folds_come_first_where_scores_vary_most_with_them():
    content = study(right=(0.7, 0.7))
    for fold in range(FOLDS):
        content["candidates"][f"split{fold}_test_score"] = [0.5 + fold / 20, 0.51 + fold / 20]
    assert "; the folds matter more (" in told(content)[1][-1]


def test_all_candidates_alike():
    assert verdict(study(right=(0.6,) * 3))["not_distinguishable"]["candidates"] == 3


def test_one_candidate():
    found, said = told(study(right=(0.8,)))
    assert set(found["shares"]["hyperparameters"].values()) == {0}
    assert "Candidate 0 won, the only one; its mean accuracy is 0.800 over 3 folds" in " ".join(
        said
    )
    assert "flatters" not in " ".join(said)
    assert "There is no other candidate to compare it with." in said


def test_a_baseline_that_could_not_be_fitted():
    content = study()
    for name, column in (("outer_baselines", "score"), ("baselines", "accuracy")):
        table = content[name]
        table.loc[table["model"] == "logistic_regression", column] = math.nan
    _, said = told(content)
    assert said[0] == (
        "Not decided: logistic regression could not be fitted or scored on every fold."
    )


def test_a_regression():
    rng = np.random.default_rng(1)
    content = study()
    truth = rng.normal(size=ROWS)
    said = content["predictions"].drop(columns=["probability_0", "probability_1"])
    said["truth"] = np.tile(truth, 2)
    said["predicted"] = said["truth"] + rng.normal(size=2 * ROWS) * np.repeat([0.1, 1], ROWS)
    content |= {
        "predictions": said,
        "outer_predictions": said[:ROWS],
        "profile": {"task": "regression"},
    }
    for name in ("baselines", "outer_baselines"):
        content[name]["model"] = content[name]["model"].replace("logistic_regression", "ridge")
    content["best"]["scoring"] = content["nested"]["scoring"] = "r2"
    found, told_ = told(content)
    assert "ridge" in told_[0]
    assert found["bootstrap_corrected"]["estimate"] == pytest.approx(0.99, abs=0.01)


def test_no_warning_of_numpy_reaches_the_user():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for right in ((0.5,) * 4, (1.0, 0.0), (1.0,)):
            told(study(right=right, spread=0))


def test_nothing_in_the_report_of_the_study_exceeds_what_is_honest():
    """Above 0.80 in honest cross-validation means a leak, on the Pima data."""
    found = json.loads((ROOT / "reports/verdict.json").read_text())
    estimates = [
        found["cross_validate"]["accuracy"]["mean"],
        *(own["mean"] for own in found["cross_validate"]["accuracy"]["models"].values()),
        found["grid_search"]["best_mean"],
        found["grid_search"]["bootstrap_corrected"]["estimate"],
        found["grid_search"]["cheapest"]["mean"],
        found["nested_cv"]["mean"],
        *(own["mean"] for own in found["compared"]["models"].values()),
    ]
    assert max(estimates) < 0.80
    # Logistic regression and LDA near 0.77, the searched network 0.74 to 0.77, a fold's standard
    # deviation of four to five points at ten folds.
    linear = found["cross_validate"]["accuracy"]["models"]
    assert linear["logistic_regression"]["mean"] == pytest.approx(0.77, abs=0.01)
    assert linear["linear_discriminant_analysis"]["mean"] == pytest.approx(0.77, abs=0.01)
    assert 0.74 < found["nested_cv"]["mean"] < 0.775
    assert 0.03 < found["nested_cv"]["sd"] < 0.055
    decision = decide(found["compared"], {"mean": found["grid_search"]["best_mean"]})
    assert decision["decision"] == Decision.NO_BETTER


def test_intervals_stay_within_what_a_scorer_can_be():
    content = study(outer=0.95, spread=0.05)
    (own,) = verdict(content)["base_model"].values()
    assert own["high"] == 1
    assert limits("neg_log_loss") == (-math.inf, 0)
    assert limits("r2") == (-math.inf, 1)
    assert limits("max_error") == (-math.inf, math.inf)
