"""Lanes give the numbers of ``model.fit``, for everything in the table of docs/lanes.md."""

import functools
import re

import keras
import lane_cases as cases
import pytest
from agreement import CHAOTIC, compare, requests_for, train
from tiny import ROOT


@pytest.fixture(params=["float64", "float32"])
def float_type(request):
    keras.config.set_floatx(request.param)
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@functools.lru_cache(maxsize=2)
def trained_family(name, float_type):
    """Train all rows of a family in one program, its lanes beside each other."""
    build, rows, y = cases.FAMILIES[name]
    requests = requests_for(build, list(rows.values()), y)
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    return dict(zip(rows, zip(requests, lanes, strict=True), strict=True))


@pytest.mark.parametrize(
    ("family", "name"),
    [
        pytest.param(family, name, id=f"{family}: {name}", marks=pytest.mark.xdist_group(family))
        for family, (_, rows, _) in cases.FAMILIES.items()
        for name in rows
    ],
)
def test_a_member_of_a_family(family, name, float_type):
    request, lane = trained_family(family, float_type)[name]
    compare(request, lane, float_type)


@pytest.mark.parametrize("name", cases.CASES)
def test_a_row_of_the_table(name, float_type):
    requests = requests_for(*cases.CASES[name])
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    # What distinguishes lanes is not a matter of the float type.
    for request, lane in list(zip(requests, lanes, strict=True))[
        :: 1 if float_type == "float64" else 9
    ]:
        compare(request, lane, float_type, chaotic=name in CHAOTIC)


@pytest.mark.parametrize("name", [name for name in cases.LAYERS if "Conv1D" in name])
def test_one_lane_alone(name):
    """TensorFlow vectorises a convolution over one lane differently from one over several."""
    build, settings, y = cases.CASES[name]
    (request,) = requests_for(build, settings[:1], y)
    _, (lane,) = train([request])
    compare(request, lane, "float32")


def test_the_table_lists_what_is_tested():
    text = (ROOT / "docs/lanes.md").read_text()
    rows = {re.sub(r"`", "", row) for row in re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE)}
    members = {
        f"{family}: {name}" for family, (_, rows, _) in cases.FAMILIES.items() for name in rows
    }
    assert {*cases.CASES, *members} <= rows
