"""What the report says of designs that not every study has, in sentences."""

import html
import re

import pytest
from made_up import make_up
from small_tables import study

from stages import report
from stages.reporting.evidence.decision import WORTHLESS
from stages.reporting.evidence.verdict import verdict
from stages.reporting.pages.report import page
from stages.reporting.words import sentences as words
from stages.study import params

HOLDOUT = {
    "rows": 36,
    "scoring": "accuracy",
    "rival": "logistic_regression",
    "mean": 0.75,
    "low": 0.6,
    "high": 0.9,
    "models": {},
}


def told(best=None, **changed):
    """Return the answer and the sentences below it."""
    content = study(**changed)
    content["best"] |= {"params": {}, **(best or {})}
    found = verdict(content)
    return words.answer(found, content["best"]), words.sentences(found, content["best"])


def test_rows_set_aside_are_those_that_no_stage_but_holdout_has_seen():
    content = study()
    content["best"]["params"] = {}
    said = words.answer(verdict(content) | {"holdout": HOLDOUT}, content["best"])[2]
    assert said == (
        "On 36 rows set aside, which no stage but holdout has seen, the winner has accuracy 0.75 "
        "(95 % interval 0.60 to 0.90)."
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "neg_cost_fp1_fn10_tuned",
            (
                "Neg cost 1:10 (tuned threshold) is minus the mean cost of a row, where a false "
                "positive costs 1 and a false negative 10, at a threshold tuned on training rows."
            ),
        ),
        (
            "fbeta_0.5",
            "Fbeta 0.5 is F-beta, where recall weighs 0.5 times as much as precision.",
        ),
        (
            "balanced_accuracy_tuned",
            "Balanced accuracy (tuned threshold) is balanced accuracy at a threshold tuned on training rows.",
        ),
        ("neg_log_loss", "Neg log loss is minus the log loss: more is better."),
    ],
)
def test_what_a_scorer_of_no_library_is_is_said_once(name, says):
    _, said = told()
    assert not any(
        " is " in own and own.endswith("threshold tuned on training rows.") for own in said
    )
    others = {name: {"mean": 0.5, "rank": 1}, "roc_auc": {"mean": 0.5, "rank": 1}}
    _, said = told(best={"others": others})
    assert said.count(says) == 1
    assert not any("roc auc is" in own.lower() for own in said)


def test_several_seeds_are_named():
    says = "Each score of a candidate on a fold is a mean over 2 seeds (0, 1)."
    assert says not in words.sentences(*_of({"seeds": None}))
    assert says in words.sentences(*_of({"seeds": [0, 1]}))


def _of(best):
    """Return a verdict of one run for each candidate, and a best that says otherwise."""
    content = study()
    return verdict(content), content["best"] | {"params": {}, **best}


@pytest.mark.parametrize(
    ("highest", "says"),
    [
        (0.9, "the best of 2 and the cheapest within one standard error of it"),
        (0.95, "the cheapest within one standard error of the best of 2"),
    ],
)
def test_the_winner_of_the_rule_may_be_the_best_itself(highest, says):
    best = {"mean": 0.9, "rule": {"name": "one_standard_error", "highest": highest}}
    _, said = told(best=best)
    assert any(f"won, {says}; its mean accuracy is 0.9" in own for own in said)


def text_of_page(content):
    """Return the text of a page without figures."""
    content["verdict"] = verdict(content)
    text = page(params.load(), content, [], None)
    return html.unescape(
        re.sub(r"<script.*?</script>|<style.*?</style>", "", text, flags=re.DOTALL)
    )


def test_captions_promise_intervals_where_there_are_some(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_up(tmp_path)
    promised = ("95 % intervals)", "corrected t-test of no difference", "its interval")
    content = report.read()
    text = text_of_page(content)
    assert all(own in text for own in promised)
    days = {"column": "day", "minimum": "2024-01-01", "maximum": "2024-02-01", "times": 9}
    content["profile"]["time"] = days
    text = text_of_page(content)
    assert not any(own in text for own in promised)
    assert "paired on the same 3 folds" in text


def test_both_ends_of_a_difference_have_a_sign():
    rival = {"mean": 0.7, "difference": 0.05, "low": -0.02, "high": 0.12}
    content = study()
    content["best"]["params"] = {}
    aside = HOLDOUT | {"models": {"logistic_regression": rival}}
    said = words.answer(verdict(content) | {"holdout": aside}, content["best"])[2]
    assert said.endswith("a difference of +0.050 (95 % interval -0.020 to +0.120).")


@pytest.mark.parametrize(
    ("searched", "scoring", "mean", "won"),
    [
        (True, "accuracy", 0.9, False),
        (False, "accuracy", 0.9, True),
        (False, "accuracy", 0.6, False),
        (False, "roc_auc", 0.9, False),
    ],
)
def test_a_base_model_that_learned_nothing_takes_no_win_from_a_candidate(
    searched, scoring, mean, won
):
    content = study()
    found = verdict(content)
    nothing = next(iter(found["baselines"]["models"]))
    found["decision"] |= {"decision": WORTHLESS[0], "against": nothing, "searched": searched}
    found["baselines"] |= {"scoring": scoring}
    found["baselines"]["models"][nothing]["mean"] = 0.65
    assert words.has_winner(found, content["best"] | {"mean": mean}) == won


def test_what_is_not_known_of_a_score_is_said_once():
    unknown = {"unknown": "no interval is known for rows that follow each other in time"}
    rival = {"logistic_regression": {"mean": 0.7, "difference": 0.05, **unknown}}
    found = {name: own for name, own in HOLDOUT.items() if name not in ("low", "high")}
    content = study()
    content["best"]["params"] = {}
    aside = found | unknown | {"models": rival}
    said = words.answer(verdict(content) | {"holdout": aside}, content["best"])[2]
    assert said.count("no interval is known") == 1
    assert said.endswith("logistic regression has 0.700 there, a difference of +0.050.")


@pytest.mark.parametrize(
    ("network", "searched", "stops"),
    [
        ({}, None, False),
        ({"early_stopping": {"patience": 2}}, None, True),
        ({"early_stopping": {"patience": 2}}, "None", False),
        ({}, "patience 2", True),
    ],
)
def test_steps_are_the_most_there_can_be_where_training_may_stop(network, searched, stops):
    content = study(network=network)
    if searched is not None:
        content["candidates"].insert(1, "early_stopping", searched)
    content["best"]["params"] = {}
    said = " ".join(words.sentences(verdict(content), content["best"]))
    assert ("at most 20 training steps" in said) == stops
    assert "20 training steps" in said
