"""Numbers that were drawn: their axes, the parts of these, and what a candidate lacks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.reporting.evidence.drawn_values import Span, in_parts, named, spans
from stages.reporting.figures.drawn import over_values
from stages.reporting.spelling.parameters import PART, in_order
from stages.study.sections.searching import GridSearch


def search(grid, **more):
    return GridSearch.model_validate(
        {"cv": 2, "scoring": "accuracy", "method": "random", "n_iter": 3, "param_grid": grid} | more
    )


def test_axes_are_those_of_the_distributions():
    found = spans(
        search(
            {
                "rate": {"loguniform": [1e-4, 0.1]},
                "share": {"uniform": [0, 1]},
                "units": {"int": [4, 64], "log": True},
                "few": {"int": [1, 5]},
                "listed": [1, 2, 3],
            }
        )
    )
    assert found == {
        "rate": Span(1e-4, 0.1, log=True, whole=False),
        "share": Span(0, 1, log=False, whole=False),
        "units": Span(4, 64, log=True, whole=True),
    }
    assert spans(search({"a": [1]}, method="grid", n_iter=None)) is None
    assert spans(search({"a": [1, 2, 3]})) == {}


def test_an_axis_holds_what_another_grid_lists():
    grids = [{"units": {"int": [8, 64]}}, {"units": [128, None]}, {"other": [1]}]
    assert spans(search(grids)) == {"units": Span(8, 128, log=False, whole=True)}


def test_parts_are_as_they_would_be_written_by_hand():
    assert in_order([Span(4, 64, log=True, whole=True).part(n) for n in range(4, 65)]) == [
        *("4 to 6", "7 to 11", "12 to 20", "21 to 36", "37 to 64")
    ]
    places = np.linspace(0, 0.5, 50).tolist()
    assert in_order([Span(0, 0.5, log=False, whole=False).part(own) for own in places]) == [
        *("0 to 0.1", "0.1 to 0.2", "0.2 to 0.3", "0.3 to 0.4", "0.4 to 0.5")
    ]
    assert Span(1e-4, 0.1, log=True, whole=False).part(0.001) == "0.0004 to 0.0016"


@st.composite
def axes(draw):
    whole = draw(st.booleans())
    numbers = st.integers(1, 10**6) if whole else st.floats(1e-6, 1e6)
    low = draw(numbers)
    high = low + draw(st.integers(9, 10**6) if whole else st.floats(1e-3, 1e6))
    return Span(low, high, draw(st.booleans()), whole)


@given(axes(), st.floats(0, 1))
def test_a_number_is_in_the_part_that_says_so(span, share):
    value = span.low + share * (span.high - span.low)
    value = min(max(round(value) if span.whole else value, span.low), span.high)
    part = span.part(value)
    if PART.fullmatch(part):
        low, high = map(float, part.split(" to "))
        assert low * (1 - 1e-9) <= value <= high * (1 + 1e-9)
    else:
        assert span.whole
        assert float(part) == value
    assert 0 <= span.place(value) <= 1 + 1e-9
    assert span.edges == sorted(span.edges)


def test_a_table_says_what_a_candidate_lacks():
    table = pd.DataFrame(
        {
            "units": [16.0, np.nan],
            "rate": ["0.25", "None"],
            "kind": [np.nan, "None"],
            "mean_test_score": [0.5, np.nan],
        }
    )
    found = named(table, {"rate": Span(0, 1, log=False, whole=False)})
    assert found.drop(columns="mean_test_score").to_numpy().tolist() == [
        [16, 0.25, "not set"],
        ["not set", "None", "None"],
    ]
    assert np.isnan(found["mean_test_score"][1])
    parts = in_parts(found, {"rate": Span(0, 1, log=False, whole=False)})
    assert parts["rate"].tolist() == ["0.2 to 0.4", "None"]


def test_a_figure_has_a_point_for_each_candidate_with_a_number():
    table = pd.DataFrame(
        {
            "rate": [0.001, 0.01, "None", 0.1],
            "kind": ["a", "b", "a", "b"],
            "mean_test_score": [0.5, 0.6, 0.7, np.nan],
        }
    )
    span = Span(0.001, 0.1, log=True, whole=False)
    figure = over_values(table, "rate", "kind", span, "accuracy")
    (axes,) = figure.axes
    points = [line.get_xydata().tolist() for line in axes.lines if line.get_linestyle() == "None"]
    assert sorted(point for own in points for point in own) == [[0.001, 0.5], [0.01, 0.6]]
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in figure.legends[0].get_texts()] == ["a", "b"]


@pytest.mark.parametrize("value", ["1 to x", "to", "1 to", "a 1 to 2"])
def test_other_texts_are_no_parts(value):
    assert in_order([value, "0 to 1", 5]) == ["0 to 1", 5, value]
