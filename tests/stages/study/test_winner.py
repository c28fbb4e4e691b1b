"""The card of a winner shows what it is given as it is, whatever that is."""

import re

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from stages.study.artifacts import render
from stages.study.markdown import (
    code,
    pandas_call,
    plain_numbers,
    predict_command,
    without_comments,
)
from stages.study.winner import CARD
from stages.study.yaml_sections import in_flow

BEST = {"scoring": "r2", "mean": 0.5, "sd": 0.1, "folds": 3, "candidates": 2}
NASTY = [
    "a`b",
    "``",
    "a|b\nc",
    "<script>x</script>",
    " ",
    "",
    "*d* [e](f) @g",
    "\x1b[31m",
    "a'b\"c",
]


def card(text, positive=None, **changes):
    signature = {"task": "classification", "target": text, "features": [text], "logits": False}
    kinds = ("number", "category", "boolean", "date")
    columns = {
        f"{text}{kind}": {"kind": kind, "no": text, "yes": text, "format": text} for kind in kinds
    }
    own = {"classes": [0, 1], "missing": {text: [text]}, "columns": columns}
    own |= {"missing_default": [text]}
    profile = {
        "source": text,
        "unused": [f"{text} id"],
        "pandas": {"reader": "read_csv", "options": {"sep": ";"}},
    }
    own |= {"target_transformed": False, "inputs": {}, "others": [text, f"{text} id"]}
    return render(
        CARD,
        best={**BEST, "params": {text: text}},
        signature=signature | own | changes,
        positive=positive,
        watched=0,
        aside=False,
        rows=9,
        folds="3 folds",
        trusted="[]",
        opens=without_comments(profile),
        reads=pandas_call(profile),
        numbers=plain_numbers(profile),
        command=predict_command(profile, own["others"]),
        code=code,
        in_flow=in_flow,
    )


@pytest.mark.parametrize("text", NASTY)
def test_a_value_cannot_leave_its_place(text):
    plain, nasty = (MarkdownIt().enable("table").parse(card(own)) for own in ("plain", text))
    assert [token.type for token in nasty] == [token.type for token in plain]
    assert all(line.isprintable() for line in card(text).splitlines())


@pytest.mark.parametrize("text", NASTY)
def test_the_example_reads_the_path_that_it_is_given(text):
    (line,) = re.findall(r"read_csv\((.*), sep=\";\", dtype=str", card(text))
    assert eval(line) == text


@pytest.mark.parametrize(
    ("positive", "logits", "says"),
    [
        (None, False, "the probability of class `yes` (for a last layer of one unit)."),
        ("yes", False, "(for a last layer of one unit). That is the positive class."),
        ("no", False, "The positive class is `no`: its probability is 1 minus this number."),
        ("no", True, "The positive class is `no`: its logit is this number with the other sign."),
    ],
)
def test_it_says_how_to_get_at_the_positive_class(positive, logits, says):
    lines = card("y", positive, classes=["no", "yes"], logits=logits).splitlines()
    (out,) = [line for line in lines if line.startswith("- **Out**")]
    assert out.endswith(says)


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("1234.5", {}),
        ("1234,5", {"decimal": ","}),
        ("1.234,5", {"decimal": ",", "thousands": "."}),
        ("1\u202f234,5", {"decimal": ",", "thousands": " "}),
        ("1'234.5", {"thousands": "'"}),
        ("1\u2019234.5", {"thousands": "'"}),
    ],
)
def test_its_numbers_are_those_of_the_study(cell, options):
    """Which is read as text."""
    profile = {"source": "t", "pandas": {"reader": "read_csv", "options": options}}
    assert pandas_call(profile) == 'pandas.read_csv("t", dtype=str, keep_default_na=False)'
    own = {"cells": pd.Series([cell, None], dtype="str")}
    assert pd.to_numeric(eval(plain_numbers(profile), own)).dropna().tolist() == [1234.5]
