"""Lanes give the numbers of ``model.fit``, for everything in the table of docs/reference/lanes.md."""

import re

import keras
import lane_cases as cases
import numpy as np
import place_cases
import pytest
from agreement import CHAOTIC, FEW_ROWS, compare, compare_in_turn, requests_for, train
from tiny import ROOT

from gridlanes.programs.optimizers import constants_of

BOTH = pytest.mark.parametrize("float_type", ["float64", "float32"], indirect=True)


@pytest.mark.parametrize(
    ("family", "float_type"),
    [(family, "float64") for family in cases.FAMILIES]
    + [(family, "float32") for family in ("optimizer", "schedule")],
    indirect=["float_type"],
)
def test_the_members_of_a_family(family, float_type):
    """In one program, beside each other; of Keras' own functions, and in float32, some."""
    build, rows, y = cases.FAMILIES[family]
    formulas = float_type == "float64" and family in ("optimizer", "schedule")
    names = list(rows) if formulas else list(rows)[1::4]
    few = [name for name in names if family != "schedule" and name not in cases.OF_MANY_STEPS]
    names = [*few, *(name for name in names if name not in few)]
    settings = [rows[name] for name in names]
    requests = []
    for own, number in ((settings[: len(few)], FEW_ROWS), (settings[len(few) :], cases.ROWS)):
        requests += requests_for(build, own, y, number) if own else []
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    by_fit = [number for number, name in enumerate(names) if name in cases.BY_FIT]
    compare_in_turn(requests, lanes, float_type, by_fit=by_fit)


@pytest.mark.parametrize(
    ("name", "float_type"),
    [(name, "float64") for name in cases.TOGETHER if name != "single precision"]
    + [("single precision", "float32")],
    indirect=["float_type"],
)
def test_rows_of_the_table_in_one_network(name, float_type):
    """Of two sizes of layers that work on places one is compared here, in `make soak` both."""
    requests = requests_for(*cases.TOGETHER[name][:3], FEW_ROWS)
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    compared = 1 if name in place_cases.TOGETHER else len(requests)
    compare_in_turn(requests[:compared], lanes[:compared], float_type)


@pytest.mark.parametrize(
    ("name", "float_type"),
    [(name, "float64") for name in cases.APART] + [(name, "float32") for name in cases.IN_FLOAT32],
    indirect=["float_type"],
)
def test_a_row_of_the_table_apart(name, float_type):
    requests = requests_for(*cases.APART[name], FEW_ROWS)
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    compare_in_turn(requests, lanes, float_type, chaotic=name in CHAOTIC)


@pytest.mark.parametrize("float_type", ["float64"], indirect=True)
def test_losses_that_have_an_output_each(float_type):
    """Without a graph, ``model.fit`` weighs mini-batches in what it logs of each of several."""
    requests = requests_for(cases.losses, cases.SEEDS, cases.YS, FEW_ROWS)
    compare(requests[0], train(requests)[1][0], float_type, by=("mini-batches",))


@pytest.mark.soak
@pytest.mark.parametrize(
    ("name", "float_type"),
    [(name, "float32") for name in cases.CASES]
    + [(name, "float64") for name in cases.CASES if name not in place_cases.SINGLE],
    indirect=["float_type"],
)
def test_a_row_of_the_table(name, float_type):
    """By itself, so that it is the row that fails."""
    requests = requests_for(*cases.CASES[name])
    _, lanes = train(requests)
    for request, lane in zip(requests, lanes, strict=True):
        compare(request, lane, float_type, chaotic=name in CHAOTIC)


@pytest.mark.soak
@BOTH
@pytest.mark.parametrize("family", cases.FAMILIES)
def test_a_family_both_ways(family, float_type):
    build, rows, y = cases.FAMILIES[family]
    requests = requests_for(build, list(rows.values()), y)
    for name, request, lane in zip(rows, requests, train(requests)[1], strict=True):
        both = ("model.fit",) if name in cases.BY_FIT else ("model.fit", "ten lines")
        compare(request, lane, float_type, by=both)


@pytest.mark.parametrize("float_type", ["float64"], indirect=True)
def test_optimizers_of_a_table(float_type):
    """Words occur several times in a mini-batch, and the table is asked twice."""
    requests = requests_for(cases.looking_up, list(cases.LOOKED_UP.values()), cases.Y)
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    compare_in_turn(requests, lanes, float_type)


@pytest.mark.soak
@BOTH
def test_all_optimizers_of_a_table(float_type):
    rows = [*cases.LOOKED_UP.values(), *cases.LOOKED_UP_IN_SOAK.values()]
    requests = requests_for(cases.looking_up, rows, cases.Y)
    for request, lane in zip(requests, train(requests)[1], strict=True):
        compare(request, lane, float_type, by=("model.fit",))


@pytest.mark.parametrize("kind", [keras.optimizers.Adagrad, keras.optimizers.Ftrl])
def test_sums_of_squares_begin_where_keras_lets_them_begin(kind, float_type):
    """Over many steps a difference in the last digit of single precision is one above 1e-9."""
    optimizer = kind(initial_accumulator_value=0.1)
    optimizer.build([keras.Variable(np.zeros(2))])
    own = constants_of(kind.__name__.lower(), vars(optimizer))
    (start,) = {float(value) for value in optimizer.variables[2].numpy()}
    assert np.dtype(float_type).type(own["initial_accumulator_value"]) == start


def test_one_lane_alone():
    """TensorFlow vectorises a convolution over one lane differently from one over several."""
    build, settings, y = cases.CASES["Reshape, ZeroPadding1D, Conv1D, MaxPooling1D"]
    requests = requests_for(build, settings[:1], y)
    compare_in_turn(requests, train(requests)[1], "float32")


def test_the_table_lists_what_is_tested():
    text = (ROOT / "docs/reference/lanes.md").read_text()
    rows = {re.sub(r"`", "", row) for row in re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE)}
    members = {
        f"{family}: {name}" for family, (_, rows, _) in cases.FAMILIES.items() for name in rows
    }
    assert {*cases.CASES, *members} <= rows
    together = set().union(*(own for *_, own in cases.TOGETHER.values()))
    apart = {*cases.APART, *cases.OF_SEVERAL, *place_cases.IN_SOAK}
    assert together | apart == set(cases.CASES)
