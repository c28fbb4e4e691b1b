"""Two outcomes of a grid side by side, without DVC: joining, testing, telling, escaping."""

import io
import math
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from scipy import stats

from stages.reporting.comparing.comparison import compare
from stages.reporting.comparing.rendering import as_text, content, markdown, page
from stages.reporting.comparing.snapshot import Snapshot
from stages.reporting.spelling.parameters import canonical, changes

NASTY = "a|b\n`c` <script>alert(1)</script> **d** [e](f) @g \x1b[31m\u202eh _i_ $j$ \\"


#: What three folds tested.
TESTED = pd.DataFrame({"row": range(6), "fold": [0, 1, 2] * 2, "truth": [0, 0, 0, 1, 1, 1]})


def snapshot(name="then", cells=None, scores=None, **changed: Any) -> Snapshot:
    """Return a snapshot; ``changed`` are key paths of params.yaml with ``__`` for the dot."""
    params: dict[str, Any] = {
        "seed": 7,
        "data": {"path": "a.csv", "target": "y", "task": "classification"},
        "preprocess": {},
        "model": {"network": {"hidden": [30, 15], "activation": "relu", "epochs": 10}},
        "grid_search": {"network": {"hidden": [12, 8]}, "cv": 3, "scoring": "accuracy"},
    }
    table = changed.pop("table", "digest")
    outcome = {name: changed.pop(name, None) for name in ("nested", "verdict", "ratio")}
    tested = changed.pop("tested", TESTED)
    code = changed.pop("code", {})
    for path, value in changed.items():
        *sections, last = path.split("__")
        section = params
        for one in sections:
            section = section[one]
        section[last] = value
    cells = [{"activation": "relu"}, {"activation": "tanh"}] if cells is None else cells
    if scores is None:
        scores = [[0.5, 0.6, 0.7]] * len(cells)
    texts = [{key: canonical(value) for key, value in cell.items()} for cell in cells]
    found = np.array(scores, dtype=float)
    return Snapshot(name, params, table, code, texts, found, tested, **outcome)


def statuses(comparison) -> list[str]:
    return [cell.status for cell in comparison.cells]


VALUES = st.sampled_from([1, 1.0, 2, "a", "b", None, True, [12, 8], [12.0, 8]])
NAMES = ["activation", "epochs", "hidden", "rate"]


@st.composite
def snapshots(draw):
    names = draw(st.sets(st.sampled_from(NAMES), min_size=1))
    cell = st.fixed_dictionaries(dict.fromkeys(sorted(names), VALUES))
    cells = draw(st.lists(cell, min_size=1, max_size=6))
    folds = draw(st.sampled_from([2, 3]))
    score = st.sampled_from([0.1, 0.2, 0.3, math.nan])
    scores = [draw(st.lists(score, min_size=folds, max_size=folds)) for _ in cells]
    return snapshot(cells=cells, scores=scores, grid_search__cv=folds)


def _told(cells) -> Counter:
    return Counter(tuple(sorted(cell.items())) for cell in cells)


@given(snapshots(), snapshots())
def test_every_cell_appears_once(then, now):
    comparison = compare(then, now)
    assert _told(cell.params for cell in comparison.cells if cell.status != "gone") == _told(
        now.cells
    )
    counts = comparison.counts
    joined = len(now.cells) - counts["new"]
    assert len(then.cells) == joined + counts["gone"]
    gone = _told(cell.params for cell in comparison.cells if cell.status == "gone")
    assert gone <= _told(then.cells)


@given(snapshots(), snapshots())
@settings(max_examples=settings().max_examples // 2)
def test_swapping_the_sides_swaps_what_is_said(then, now):
    one, other = compare(then, now), compare(now, then)
    turned = {"new": "gone", "gone": "new", "better": "worse", "worse": "better"}
    assert Counter(turned.get(own, own) for own in statuses(one)) == Counter(statuses(other))
    for status in ("new", "gone"):
        here = _told(cell.params for cell in one.cells if cell.status == status)
        there = _told(cell.params for cell in other.cells if cell.status == turned[status])
        assert here == there


@given(snapshots())
def test_a_study_is_the_same_as_itself(study):
    assert set(statuses(compare(study, study))) <= {"same", "failed"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (16, 16.0), (16, "16"), (0.001, "1e-3"), (0.001, "0.0010"), (1e5, "100000.0"),
        ([12, 8], "[12, 8]"), ([12.0], [12]), ({"a": 1.0}, '{"a":1}'), (None, "None"),
        (True, "True"), (1e10, 10**10), (1 / 3, f"{1 / 3:.10g}"),
    ],
)  # fmt: skip
def test_equal_values_are_equal_texts(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(True, 1), (None, ""), ("1_000", 1000), (" 16", 16), ([1], "1"), (12345678901, 12345678902)],
)
def test_other_values_are_other_texts(one, other):
    assert canonical(one) != canonical(other)


@given(st.text() | st.floats() | st.integers() | st.lists(st.integers()))
def test_a_text_stays_what_it_is(value):
    assert canonical(canonical(value)) == canonical(value)


@pytest.mark.parametrize(("fixed", "joined"), [([12, 8], 1), ([16], 0)])
def test_a_new_axis_is_joined_by_what_was_fixed(fixed, joined):
    then = snapshot(grid_search__network={"hidden": fixed}, cells=[{"epochs": 5}])
    now = snapshot(cells=[{"epochs": 5, "hidden": own} for own in ([12, 8], [24])])
    comparison = compare(then, now)
    assert comparison.counts["same"] == joined
    assert comparison.counts["gone"] == 1 - joined
    assert compare(now, then).counts["same"] == joined
    assert comparison.unfixed == {}


def test_a_new_axis_that_was_fixed_nowhere_joins_nothing():
    then, now = snapshot(), snapshot("now", cells=[{"activation": "relu", "dropout": 0.1}])
    comparison = compare(then, now)
    assert comparison.counts == {"new": 1, "gone": 2}
    assert comparison.unfixed == {"dropout": "then"}
    told = " ".join(content(comparison)["sentences"])
    assert "No candidate could be joined by dropout: then neither searches it nor fixes it" in told


@pytest.mark.parametrize(
    ("changed", "test", "because"),
    [
        ({}, "paired", []),
        ({"grid_search__network": {"hidden": [99]}}, "paired", []),
        ({"grid_search__seeds": [0, 1]}, "paired", []),
        ({"seed": 8}, "unpaired", ["seed"]),
        ({"table": "other"}, "unpaired", ["the raw table"]),
        ({"grid_search__cv": 4}, "unpaired", ["grid_search.cv"]),
        ({"grid_search__scoring": "roc_auc"}, "none", ["grid_search.scoring"]),
        ({"data__target": "z", "seed": 8}, "none", ["data.target"]),
        ({"data__weights": "w"}, "none", ["data.weights"]),
        ({"data__groups": "g", "ratio": 0.6}, "unpaired", ["data.groups"]),
        ({"data__groups": "g"}, "unknown", ["now"]),
        ({"data__sheet": "B"}, "unpaired", ["data.sheet"]),
        ({"grid_search__split": {"repeats": 1}}, "paired", []),
        (
            {"grid_search__split": {"kind": "kfold"}, "tested": TESTED[1:]},
            "unpaired",
            ["grid_search.split"],
        ),
        ({"preprocess__holdout": {"share": 0.2}}, "unpaired", ["preprocess.holdout"]),
        ({"preprocess__holdout": {}}, "paired", []),
        ({"data__missing": {"a": [0]}}, "paired", []),
        ({"tested": TESTED.copy()}, "paired", []),
        ({"tested": TESTED[1:]}, "unpaired", ["other rows or targets"]),
        ({"tested": TESTED.assign(fold=[0, 2, 1] * 2)}, "unpaired", ["other rows or targets"]),
        ({"tested": TESTED.assign(truth=[0, 1] * 3)}, "unpaired", ["other rows or targets"]),
        ({"tested": None}, "unpaired", ["now does not hold its own"]),
        ({"tested": TESTED.assign(truth=[0, 1, 2] * 2)}, "none", ["classes"]),
        ({"data__positive": 0}, "paired", []),
        ({"data__time": {}}, "unpaired", ["data.time"]),
        ({"data__time": "t"}, "unknown", []),
    ],
)
def test_what_decides_how_scores_are_compared(changed, test, because):
    folds = changed.get("grid_search__cv", 3)
    scores = np.random.default_rng(0).random((2, folds))
    comparison = compare(snapshot(), snapshot("now", scores=scores, **changed))
    assert (comparison.test, comparison.because) == (test, because)
    if test in ("none", "unknown"):
        assert statuses(comparison) == ["uncompared"] * 2
        assert content(comparison)["largest"] == []
        assert "Scores are not compared" in " ".join(content(comparison)["sentences"])


@pytest.mark.parametrize("scoring", ["f1", "average_precision"])
def test_a_score_of_one_class_is_not_that_of_another(scoring):
    one, other = ({"grid_search__scoring": scoring, "data__positive": own} for own in (0, 1))
    comparison = compare(snapshot(**one), snapshot(**other))
    assert (comparison.test, comparison.because) == ("none", ["data.positive"])
    assert compare(snapshot(**one), snapshot(**one)).test == "paired"


def test_folds_that_are_the_same_are_compared_in_pairs():
    """By hand: corrected t-tests of which Holm multiplies the smallest by their number."""
    then = np.array([[0.5, 0.6, 0.7], [0.1, 0.2, 0.3], [0.4, 0.4, 0.4], [0.3, np.nan, 0.3]])
    now = then + [[0.1, 0.101, 0.099], [0, 0.1, -0.2], [0, 0, 0], [0, 0, 0]]
    cells = [{"epochs": number} for number in range(4)]
    comparison = compare(snapshot(cells=cells, scores=then), snapshot(cells=cells, scores=now))
    assert statuses(comparison) == ["better", "within", "same", "failed"]
    for row, multiple in ((0, 2), (1, 1)):
        own = now[row] - then[row]
        t = own.mean() / np.sqrt((1 / 3 + 1 / 2) * own.var(ddof=1))
        expected = min(1, multiple * 2 * stats.t.sf(abs(t), 2))
        assert comparison.cells[row].pvalue == pytest.approx(expected, rel=1e-6)
    assert [cell.params["epochs"] for cell in comparison.largest] == ["0", "1"]


def test_folds_of_groups_are_compared_by_their_sizes():
    """By hand: of 10 rows in groups of 6, 3 and 1, test rows by training rows are 0.68."""
    ratio = (6 / 4 + 3 / 7 + 1 / 9) / 3
    then, now = np.array([[0.5, 0.6, 0.7]]), np.array([[0.61, 0.69, 0.8]])
    own = {"cells": [{"epochs": 5}], "data__groups": "g", "ratio": ratio}
    (cell,) = compare(snapshot(scores=then, **own), snapshot(scores=now, **own)).cells
    difference = now[0] - then[0]
    t = difference.mean() / np.sqrt((1 / 3 + ratio) * difference.var(ddof=1))
    assert cell.pvalue == pytest.approx(2 * stats.t.sf(t, 2))
    others = own | {"seed": 8, "ratio": 0.9}
    (cell,) = compare(snapshot(scores=then, **own), snapshot(scores=now, **others)).cells
    variances = (1 / 3 + ratio) * then.var(ddof=1), (1 / 3 + 0.9) * now.var(ddof=1)
    df = sum(variances) ** 2 / sum(one**2 / 2 for one in variances)
    t = difference.mean() / np.sqrt(sum(variances))
    assert cell.pvalue == pytest.approx(2 * stats.t.sf(t, df))


def test_other_folds_are_compared_by_their_means():
    then, now = np.array([[0.5, 0.6, 0.7]]), np.array([[0.91, 0.92, 0.93, 0.94]])
    cells = [{"epochs": 5}]
    comparison = compare(
        snapshot(cells=cells, scores=then),
        snapshot(cells=cells, scores=now, grid_search__cv=4),
    )
    variances = (1 / 3 + 1 / 2) * then.var(ddof=1), (1 / 4 + 1 / 3) * now.var(ddof=1)
    df = sum(variances) ** 2 / (variances[0] ** 2 / 2 + variances[1] ** 2 / 3)
    t = (now.mean() - then.mean()) / np.sqrt(sum(variances))
    (cell,) = comparison.cells
    assert cell.pvalue == pytest.approx(2 * stats.t.sf(t, df))
    assert "compared as means of independent folds" in " ".join(content(comparison)["sentences"])


def test_changed_parameters():
    then = {"seed": 7, "model": {"epochs": 16, "hidden": [1, 2]}, "old": None}
    now = {"seed": 7, "model": {"epochs": 16.0, "hidden": [2, 1]}, "new": {"x": "y"}}
    assert changes(then, now) == [
        ("model.hidden", "[1, 2]", "[2, 1]"),
        ("old", "None", None),
        ("new.x", None, "y"),
    ]


def test_what_is_new_and_what_the_study_says():
    nested = {"mean": 0.77, "low": 0.7, "high": 0.8, "folds": 10}
    then = snapshot(cells=[{"optimizer": "sgd"}], nested=nested, code={"a.py": "1"})
    cells = [{"optimizer": own} for own in ("sgd", "adam", "rmsprop")]
    scores = [[0.5, 0.6, 0.7], [0.7, 0.8, 0.9], [np.nan, 0.8, 0.9]]
    now = snapshot("now", cells, scores, verdict="It does not beat it.", code={"a.py": "2"})
    told = content(compare(then, now))
    sentences = " ".join(told["sentences"])
    assert "Code of the search has changed: a.py." in sentences
    assert (
        "1 candidate then, 3 now: 1 in both, 2 new (optimizer adam, rmsprop), 0 gone." in sentences
    )
    assert told["new"] == [
        {"cell": "optimizer adam", "mean": "0.800"},
        {"cell": "optimizer rmsprop", "mean": "failed"},
    ]
    best, estimate, verdict = told["outcomes"]
    assert best["then"].startswith("accuracy 0.600 (standard deviation 0.082 over 3 folds): opt")
    assert "optimizer adam" in best["now"]
    assert estimate["then"] == "0.770 (95 % interval 0.700 to 0.800), 10 outer folds"
    assert estimate["now"] == "not asked for"
    assert (verdict["then"], verdict["now"]) == ("no report", "It does not beat it.")


def test_all_fits_failed():
    failed = snapshot("now", scores=np.full((2, 3), np.nan))
    told = content(compare(snapshot(), failed))
    assert told["outcomes"][0]["now"] == "all failed"
    assert "2 could not be compared, because fits failed then or now." in told["sentences"]


@pytest.fixture
def nasty():
    """A comparison in which every text that a user can choose is hostile."""
    cells = [{NASTY: NASTY}, {NASTY: "kept"}]
    then = snapshot(NASTY, [{NASTY: "kept"}, {NASTY: "gone" + NASTY}], [[0.1, 0.2, 0.3]] * 2)
    now = snapshot("now" + NASTY, cells, [[0.2, 0.5, 0.3]] * 2, verdict=NASTY, code={NASTY: "2"})
    now.params["grid_search"][NASTY] = NASTY
    return compare(then, now)


def test_markdown_shows_every_value_as_it_is(nasty):
    text = markdown([nasty])
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    inline = [token for token in parsed if token.type == "inline"]
    children = [child for token in inline for child in token.children]
    tags = {child.content for child in children if child.type == "html_inline"}
    assert tags == {"<code>", "</code>"}
    assert {child.type for child in children} <= {"text", "html_inline", "code_inline"}
    assert not any(token.type == "html_block" for token in parsed)
    shown = {"text", "code_inline"}
    told = ["".join(c.content for c in token.children if c.type in shown) for token in inline]
    line = r"a|b\n`c` <script>alert(1)</script> **d** [e](f) @g \x1b[31m\u202eh _i_ $j$ " + "\\"
    assert f"{line} {line}" in told
    assert any(own == line for own in told)
    # Outside of code GitHub would notify a user of that name.
    outside = re.sub(r"<code>.*?</code>", "", text).replace("&#64;", "@")
    assert "@" in outside
    assert outside.count("@") == outside.count("@\u200b")
    cells = [token.type for token in parsed if token.type in ("tr_open", "th_open", "td_open")]
    rows = " ".join(cells).split("tr_open")[1:]
    assert {row.count("d_open") + row.count("th_open") for row in rows} == {2, 3, 6}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter = Counter()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1

    def handle_data(self, data):
        self.text += data


def test_a_page_holds_no_script(nasty):
    parsed = _Page()
    parsed.feed(page([nasty]))
    assert parsed.tags["script"] == 0
    assert parsed.tags["table"] == 5
    assert "<script>alert(1)</script>" in parsed.text


def test_a_terminal_gets_one_line_of_plain_text_a_value(nasty, monkeypatch):
    for width in ("40", "80", "200"):
        monkeypatch.setenv("COLUMNS", width)
        lines = as_text([nasty, nasty], io.StringIO()).splitlines()
        assert max(map(len, lines)) <= int(width)
        assert all(line.isprintable() for line in lines)
        assert lines == [line.rstrip() for line in lines]


def test_many_cells_are_few_lines():
    cells = [{"rate": 0.001 * number, "epochs": epochs} for number in range(1000) for epochs in range(10)]  # fmt: skip
    random = np.random.default_rng(0)
    then = snapshot(cells=cells, scores=random.random((10_000, 3)))
    now = snapshot("now", cells=cells[::-1], scores=random.random((10_000, 3)))
    comparison = compare(then, now)
    assert comparison.counts["within"] > 9_000
    assert len(markdown([comparison]).splitlines()) < 50


def test_what_a_cell_lacks_is_what_its_network_has():
    """A grid of several may not have a hyperparameter, whose cells differ from those with null."""
    then = snapshot(cells=[{"activation": "relu"}, {"epochs": 10}, {"epochs": None}])
    now = snapshot("now", cells=[{"activation": "tanh"}, {"activation": "relu", "epochs": 10}])
    # model.network has activation relu and epochs 10, so that two cells of then are alike.
    assert statuses(compare(then, then)) == ["same"] * 3
    assert statuses(compare(then, now)) == ["new", "same", "gone", "gone"]


def test_many_numbers_are_told_by_their_range():
    rates = [{"rate": 0.001 * (n + 1)} for n in range(40)]
    then = snapshot(cells=[{"rate": 5}])
    said = " ".join(content(compare(then, snapshot("now", cells=rates)))["sentences"])
    assert "40 new (rate 40 values from 0.001 to 0.04), 1 gone (rate 5)." in said


def test_searches_that_drew_other_candidates_are_told_so():
    then = snapshot(cells=[{"rate": 0.1}], grid_search__method="random")
    now = snapshot("now", cells=[{"rate": 0.2}], grid_search__method="random")
    told = "Candidates were drawn at random, none of them on both sides"
    assert told in " ".join(content(compare(then, now))["sentences"])
    assert told not in " ".join(content(compare(then, then))["sentences"])


def repeated(own: pd.DataFrame) -> pd.DataFrame:
    """Return what two repeats test, the second with other folds than the first."""
    return pd.concat([own, own.assign(fold=[3, 3, 4, 4, 5, 5])], ignore_index=True)


@pytest.mark.parametrize("turned", [False, True])
def test_repeats_are_compared_on_the_folds_that_both_have(turned):
    one = [[0.5, 0.6, 0.7], [0.5, 0.6, 0.7]]
    more = [[0.5, 0.6, 0.7, 0.1, 0.2, 0.3], [0.6, 0.9, 0.9, 0.1, 0.2, 0.3]]
    # Folds are told by the rows that they test, whatever their number.
    order = {0: 1, 1: 2, 2: 0}
    then = snapshot(
        scores=np.array(one)[:, [2, 0, 1]], tested=TESTED.assign(fold=TESTED["fold"].map(order))
    )
    now = snapshot("now", scores=more, tested=repeated(TESTED), grid_search__split={"repeats": 2})
    now = replace(now, repeats=2)
    sides = (now, then) if turned else (then, now)
    comparison = compare(*sides)
    assert (comparison.test, comparison.because) == ("shared", ["grid_search.split"])
    assert statuses(comparison) == ["same", "within"]
    moved = comparison.cells[1]
    assert abs(moved.difference) == pytest.approx(0.2)
    # Paired on three folds of three: the variance of the mean is (1/3 + 1/2) of that of folds.
    differences = np.array([0.1, 0.3, 0.2])
    statistic = differences.mean() / np.sqrt((1 / 3 + 1 / 2) * differences.var(ddof=1))
    assert moved.pvalue == pytest.approx(2 * stats.t.sf(statistic, 2))
    told = " ".join(content(comparison)["sentences"])
    sizes = "6 then, 3 now" if turned else "3 then, 6 now"
    assert (
        f"1 of the 2 in both have the same scores on the 3 folds that both sides have ({sizes}), 1 differ, on these"
        in told
    )
    assert "independent" not in told


def test_folds_that_one_side_has_in_part_are_others():
    now = snapshot(
        "now", scores=[[0.5] * 6] * 2, tested=repeated(TESTED), grid_search__split={"repeats": 2}
    )
    then = snapshot(tested=TESTED.assign(fold=[0, 1, 2, 0, 2, 1]))
    assert compare(then, now).test == "unpaired"
    assert compare(snapshot(tested=None), now).test == "unpaired"
