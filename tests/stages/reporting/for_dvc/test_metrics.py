"""What ``dvc metrics`` compares: few numbers, the one to expect first."""

import pytest
from small_tables import study

from stages.reporting.evidence.verdict import verdict
from stages.reporting.for_dvc.metrics import metrics


def figures(content):
    return metrics({**content, "verdict": verdict(content)})


def lines(found):
    """Return the names that ``dvc metrics diff`` lists, in its order."""
    return sorted(f"{group}.{name}" for group, own in found.items() for name in own)


def test_the_nested_estimate_comes_first():
    found = figures(study(rival=0.6, outer=0.9))
    assert lines(found)[:3] == ["answer.expected", "answer.expected_from", "answer.expected_to"]
    assert found["answer"]["expected"] == pytest.approx(0.9)
    assert found["answer"]["minus_logistic_regression"] == pytest.approx(0.3)
    assert found["search"]["failed_fits"] == 0
    assert found["chance"]["pvalue"] == 0.25


def test_there_are_no_more_than_a_screen_shows_however_many_scorers():
    content = study()
    for number in range(20):
        name = f"scorer_{number}"
        content["summary"][name] = content["summary"]["accuracy"]
        content["scores"][name] = content["scores"]["accuracy"]
        content["baselines"][name] = content["baselines"]["accuracy"]
    assert len(lines(figures(content))) == 15


def test_what_was_not_asked_for_is_left_out():
    nothing = dict.fromkeys(("outer", "outer_baselines", "outer_predictions", "permutations"))
    found = figures(study() | nothing)
    assert set(found) == {"base_model", "search"}
    assert found["base_model"] == pytest.approx({"accuracy": 0.8, "minus_logistic_regression": 0.1})


def test_a_search_without_a_score_has_none():
    content = study()
    content["best"] |= {"mean": None, "sd": None}
    found = metrics({**content, "verdict": verdict(study())})
    assert set(found["search"]) == {"corrected", "failed_fits"}
