"""Marks between thousands: where they are taken out, and what is said of them where nobody did."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from stages import preprocess
from stages.study.errors import InputError
from stages.study.sections.data import Data, Preprocess, Reading
from stages.study.signature import Signature
from stages.study.tables.new_rows import features
from stages.study.tables.open_table import open_table

#: Columns of numbers, by how they are written.
WRITTEN = {
    "points": ({"decimal": ",", "thousands": "."}, ["2.138,60", "12,5", "-1.000.000", "7"]),
    "commas": ({"thousands": ","}, ["25,127", "500", "1,234.5", "2,000,000"]),
    "blanks": ({"thousands": " "}, ["1 234", "50", "12 345 678", "3"]),
    "strokes": ({"thousands": "'"}, ["1'000", "50", "12'345'678.5", "3"]),
    "underlines": ({"thousands": "_"}, ["1_000", "50", "12_345_678", "3"]),
}


def write(folder, cells):
    path = folder / "t.csv"
    frame = pd.DataFrame({"a": cells * 10, "k": ["1,234", "u"] * (5 * len(cells))})
    frame.assign(y=np.arange(len(frame)) % 2).to_csv(path, index=False, sep=";")
    return path


def prepare(path, **how):
    said = {"path": str(path), "target": "y", "task": "classification", "categorical": ["k"]}
    return preprocess.prepare(Data.model_validate(said | how), Preprocess())


@pytest.mark.parametrize("case", WRITTEN)
def test_numbers_are_those_that_pandas_reads(tmp_path, case):
    how, cells = WRITTEN[case]
    path = write(tmp_path, cells)
    prepared = prepare(path, **how)
    expected = pd.read_csv(path, **prepared.profile["pandas"]["options"])
    np.testing.assert_array_equal(prepared.X["a"], expected["a"])
    # A category is a name, whatever it looks like.
    assert set(prepared.X["k"]) == {"1,234", "u"}
    assert prepared.profile["reading"] == how


@pytest.mark.parametrize("case", WRITTEN)
def test_new_rows_are_read_alike_and_kept_as_they_stand(tmp_path, case):
    how, cells = WRITTEN[case]
    content = {
        "task": "classification", "columns": {"a": {"kind": "number"}}, "features": ["a"],
        "ranges": {}, "others": ["y"], "inputs": {}, "target": "y", "target_transformed": False,
        "classes": [0, 1], "missing": {}, "missing_default": [], "logits": False, "reading": how,
    }  # fmt: skip
    signature, path = Signature.model_validate(content), write(tmp_path, cells)
    with open_table(path, signature.reading) as table:
        chunk = next(table.chunks())
        found = features(chunk, signature, table)
    np.testing.assert_array_equal(found["a"], prepare(path, **how).X["a"])
    assert chunk["a"].tolist() == cells * 10


@pytest.mark.parametrize("odd", ["1,23", "12,3456", "1,234,5", ",123", "0,123", "1234,567"])
def test_other_groups_than_of_three_are_no_numbers(tmp_path, odd):
    path = write(tmp_path, ["1,000", "2,000", odd])
    with pytest.raises(InputError, match=f"line 4, column 'a'.*found '{odd}'"):
        prepare(path, thousands=",")


def test_cells_with_marks_say_what_reads_them(tmp_path):
    """Beside others in a column of numbers."""
    for cells, says in [
        (["1,234.50", *"56789"], 'data.thousands: ","$'),
        (["1,234", *"56789"], 'data.thousands: ",", or data.decimal: "," if they are decimals'),
        (["1'234", *"56789"], 'data.thousands: "\'"$'),
    ]:
        with pytest.raises(InputError, match=says):
            prepare(write(tmp_path, cells), features=["a"], categorical=[])


def test_a_mark_stands_for_one_thing():
    for how in ({"thousands": "."}, {"thousands": ",", "decimal": ","}):
        with pytest.raises(ValidationError, match="must differ from decimal"):
            Reading(**how)
    with pytest.raises(ValidationError, match="thousands"):
        Reading(thousands=";")
