"""The card of a winner shows what it is given as it is, whatever that is."""

import re

import pytest
from markdown_it import MarkdownIt

from stages.study.artifacts import render
from stages.study.markdown import code, pandas_call, predict_command, without_comments
from stages.study.winner import CARD

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


def card(text):
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
        signature=signature | own,
        rows=9,
        trusted="[]",
        opens=without_comments(profile),
        reads=pandas_call(profile),
        command=predict_command(profile, own["others"]),
        code=code,
    )


@pytest.mark.parametrize("text", NASTY)
def test_a_value_cannot_leave_its_place(text):
    plain, nasty = (MarkdownIt().enable("table").parse(card(own)) for own in ("plain", text))
    assert [token.type for token in nasty] == [token.type for token in plain]
    assert all(line.isprintable() for line in card(text).splitlines())


@pytest.mark.parametrize("text", NASTY)
def test_the_example_reads_the_path_that_it_is_given(text):
    (line,) = re.findall(r"read_csv\((.*), sep=\";\", na_values=missing", card(text))
    assert eval(line) == text
