"""What the report says of designs that not every study has, in sentences."""

from small_tables import study

from stages.reporting import words
from stages.reporting.verdict import verdict

HOLDOUT = {
    "rows": 36,
    "scoring": "accuracy",
    "rival": "logistic_regression",
    "mean": 0.75,
    "low": 0.6,
    "high": 0.9,
    "models": {},
}


def told(**changed):
    """Return the answer and the sentences below it."""
    content = study(**changed)
    found, best = verdict(content), content["best"]
    return " ".join(words.answer(found, best) + words.sentences(found, best))


def test_rows_set_aside_are_those_that_no_stage_but_holdout_has_seen():
    content = study()
    found = verdict(content) | {"holdout": HOLDOUT}
    said = words.answer(found, content["best"])[2]
    assert said == (
        "On 36 rows set aside, which no stage but holdout has seen, the winner has accuracy 0.750 "
        "(95 % interval 0.600 to 0.900)."
    )
