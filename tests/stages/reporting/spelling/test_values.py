"""Values for people: one spelling everywhere, and labels that tell values apart."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import make_up

from stages import report
from stages.reporting.evidence.verdict import verdict
from stages.reporting.figures import grid
from stages.reporting.figures.search import of_search
from stages.reporting.for_dvc.plot_data import write_plot_data
from stages.reporting.spelling.labels import labels
from stages.reporting.spelling.values import in_words, settings_in_words, told
from stages.reporting.words.sentences import sentences, winner

RATES = [{"schedule": "cosine", "initial": own} for own in (0.1, 0.01, 0.001)]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (RATES[0], "cosine, initial 0.1"),
        ('{"schedule": "cosine", "initial": 0.1}', "cosine, initial 0.1"),
        (
            {"schedule": "piecewise", "values": [0.1, 0.01], "epochs": [5]},
            "piecewise, epochs [5], values [0.1, 0.01]",
        ),
        ({"0": 1, "1": 5.0}, "0: 1, 1: 5"),
        ({"monitor": "val_loss", "patience": 3}, "monitor val_loss, patience 3"),
        ({"a": {"b": None, "c": 1}}, "a (b None, c 1)"),
        ([16, 8.0], "[16, 8]"),
        ([], "[]"),
        ({}, "{}"),
        (None, "None"),
        (0.0, "0"),
        ("0.0", "0"),
        (np.float64(0), "0"),
        (1 / 3, "0.3333333333"),
        (True, "True"),
        ("[no list", "[no list"),
        ("relu", "relu"),
    ],
)
def test_values_are_told_in_one_way(value, words):
    assert in_words(value) == words


def test_a_mapping_among_others_is_in_brackets():
    said = settings_in_words({"learning_rate": RATES[0], "units": [8], "dropout": 0.0})
    assert said == "learning_rate (cosine, initial 0.1), units [8], dropout 0"
    # A table has the words already.
    assert settings_in_words({"learning_rate": in_words(RATES[0])}) in said


def test_what_would_be_told_alike_stays_as_it_is():
    column = pd.Series(['{"a": "1"}', '{"a": 1}'])
    assert told(column).tolist() == column.tolist()
    assert told(pd.Series([0.0, 0.25])).map(str).tolist() == ["0", "0.25"]


@given(st.lists(st.text("ab ,", max_size=100), min_size=1, max_size=8), st.integers(4, 30))
def test_labels_differ_where_values_do(values, width):
    found = labels(values, width)
    whole = [" ".join(own.split()) for own in values]
    assert len({*zip(whole, found, strict=True)}) == len(set(whole)) == len(set(found))
    if all(len(own) <= width for own in whole):
        assert found == whole


def test_long_labels_keep_what_differs():
    values = [
        in_words({"schedule": "exponential", "rate": own, "initial": 0.1}) for own in (0.9, 0.5)
    ]
    assert labels([*values, "short"], 16) == ["expo…rate 0.9", "expo…rate 0.5", "short"]
    assert all(len(own) <= 70 for own in labels(["a" * 900, "a" * 800], 16))


@pytest.fixture
def content(tmp_path, monkeypatch):
    """Return what the report reads of a random search over mappings, null and zeros."""
    monkeypatch.chdir(tmp_path)
    rates = [*RATES, {**RATES[0], "alpha": 0.1}]
    search = {"param_grid": {"learning_rate": rates, "dropout": [0.0, 0.2], "l2": [None, 0.1]}}
    make_up(tmp_path, search=search)
    content = report.read()
    return content | {"verdict": verdict(content)}


def test_sentences_and_tables_spell_a_value_alike(content):
    first = winner(content["verdict"], content["best"])[0]
    row = content["candidates"].set_index("candidate").loc[content["best"]["candidate"]]
    for name in ("dropout", "l2"):
        assert f"{name} {row[name]}" in first
    said = " ".join(sentences(content["verdict"], content["best"]))
    said += " ".join(own.alternative for own in of_search(content))
    assert not re.search(r"\{['\"]|\b0\.0\b|null", first + said)
    rate = f"learning_rate ({row['learning_rate']})"
    assert rate in first


def test_tables_of_plots_spell_a_value_as_the_report_does(content, tmp_path):
    write_plot_data(content, tmp_path / "plots")
    table = pd.read_csv(tmp_path / "plots/violins.csv", dtype=str, keep_default_na=False)
    values = table.groupby("hyperparameter")["value"].unique()
    assert values["dropout"].tolist() == ["0", "0.2"]
    assert sorted(values["l2"]) == ["0.1", "None"]
    assert "cosine, initial 0.01" in values["learning_rate"]


def test_figures_tell_mappings_apart(content):
    figure = grid.violins(content["candidates"], "learning_rate", "dropout", "accuracy")
    shown = [own.get_text() for own in figure.axes[0].get_xticklabels()]
    assert len(set(shown)) == 4
    assert all(own in "".join(shown) for own in ("0.001", "0.01", "0.1", "alpha"))
    figure = grid.heat_map(grid.pair_bests(content["candidates"], "dropout", "l2"), (0, 1), "r2")
    assert [own.get_text() for own in figure.axes[0].get_xticklabels()] == ["0", "0.2"]
