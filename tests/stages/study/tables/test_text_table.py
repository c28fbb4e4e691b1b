"""Tables of text: in which pieces they are read does not matter, and every fault has its place."""

import csv
import io
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.study.errors import InputError
from stages.study.sections.data import Reading
from stages.study.tables.cells import numbers
from stages.study.tables.open_table import open_table, read_table

#: Commas, quotes, line breaks and blanks among ordinary characters.
CELL = st.text(st.sampled_from('ab1.-é ,"\n\r'), max_size=4)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=8)
)


HOW = Reading()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables") / "table.csv"


def chunks(path: Path, cells: int) -> list[pd.DataFrame]:
    with open_table(path, HOW) as table:
        return list(table.chunks(cells))


def outcome(path: Path, cells: int) -> object:
    try:
        return pd.concat(chunks(path, cells))
    except InputError as error:
        return str(error)


def names(width: int) -> list[str]:
    return [f"column {number}" for number in range(width)]


@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.integers(1, 12))
def test_what_python_writes_is_read(path, rows, ending, cells):
    """Quoted cells, their line breaks and commas come back, whatever the pieces."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([names(len(rows[0])), *rows])
    path.write_bytes(buffer.getvalue().encode())
    pieces = chunks(path, cells)
    size = max(1, cells // len(rows[0]))
    assert [len(piece) for piece in pieces[:-1]] == [size] * (len(pieces) - 1)
    whole = pd.concat(pieces)
    assert whole.to_numpy().tolist() == [[cell.strip() for cell in row] for row in rows]
    assert list(whole) == names(len(rows[0]))


@given(TABLES, st.data())
def test_a_row_has_the_number_of_its_last_line(path, rows, data):
    """Counted here by the line breaks in the text, blank lines among the rows."""
    lines, expected, line = [], [], 1
    for row in [names(len(rows[0])), *rows]:
        blank = data.draw(st.integers(0, 2)) if lines else 0
        text = ",".join('"' + cell.replace('"', '""') + '"' for cell in row)
        breaks = text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
        line += blank + breaks
        lines += [""] * blank + [text]
        expected.append(line)
        line += 1
    path.write_bytes(("\n".join(lines) + "\n").encode())
    assert read_table(path, HOW).rows.index.tolist() == expected[1:]


@given(st.binary(max_size=80), st.integers(1, 6), st.integers(1, 6))
def test_the_pieces_do_not_change_the_outcome(path, content, one, other):
    """Nor the message about a file that cannot be read."""
    path.write_bytes(b"a,b\n" + content)
    first, second = outcome(path, one), outcome(path, other)
    if isinstance(first, str) or isinstance(second, str):
        assert first == second
        assert first.startswith(f"{path}: ")
    else:
        pd.testing.assert_frame_equal(first, second)


FAULTS = [
    (b"", "line 1: no header; the file is empty or starts with a blank line"),
    (b"\na\n1\n", "line 1: no header"),
    (b"a\n", "a header with no rows below it"),
    (b"a,b\n\n1,2\n\n1\n", "line 5: must have 2 values, as the header has; found 1"),
    (b'a,b\n1,"2\n3"\n1,2,3\n', "line 4: must have 2 values, as the header has; found 3"),
    (b'a,b\n1,2\n\n3,"4\n5,6\n', "line 4: cannot be read as CSV: unexpected end of data"),
    (b'a,b\n1,"2"3\n', "line 2: cannot be read as CSV: ',' expected after '\"'"),
    (b"a,b\n" + b"1,2\n" * 9000 + b"1,\xff\n", "line 9002: cannot be read: not text in utf-8; if"),
    (
        b"a,b\n" + b"1,2\n" * 90_000 + b"1,a\0\n",
        "line 90002: cannot be read as CSV: it holds a zero",
    ),
    ("a,b\n1,2\n".encode("utf-16-le"), "cannot be read: it holds zero bytes, as text does not"),
]


@pytest.mark.parametrize(("content", "says"), FAULTS)
def test_a_fault_is_named_by_its_line(path, content, says):
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_table(path, HOW)
    assert str(caught.value).startswith(f"{path}: {says}")


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(InputError, match="cannot be read: "):
        read_table(tmp_path, HOW)
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "none.csv", HOW)


def test_the_position_ends_at_the_end_of_the_file(path):
    path.write_text("a,b\n" + "1,2\n" * 30_000)
    with open_table(path, HOW) as table:
        positions = [table.position for _ in table.chunks(9000)]
    assert positions == sorted(positions)
    assert positions[0] < positions[-1] == path.stat().st_size


def column(*cells: str) -> pd.Series:
    return pd.Series(cells, index=range(2, 2 + len(cells)), name="c", dtype=str)


@given(st.lists(st.floats(-3e38, 3e38) | st.integers(-(2**63), 2**64), min_size=1))
def test_numbers_are_those_of_python(values):
    found = numbers(column(*map(repr, values)), Path("t"))
    assert found.tolist() == [float(value) for value in values]


def test_missing_values():
    cells = column("", "0", "0.0", "-0", "NA", "1", "True")
    found = numbers(cells, Path("t"), [0, "NA", True])
    assert [math.isnan(value) for value in found] == [True] * 5 + [False, True]
    found = numbers(column("nan", "inf", "2"), Path("t"), [math.nan, math.inf])
    np.testing.assert_array_equal(found, [math.nan, math.nan, 2])


@pytest.mark.parametrize("cell", ["x", "nan", "inf", "-1e39", "1,5", "NA", "0x1"])
def test_what_is_no_number_is_named(cell):
    with pytest.raises(InputError) as caught:
        numbers(column("1", "", cell, "y"), Path("t.csv"), [7], "\nHint.")
    beyond = " up to 3.4e+38, the largest of float32" if cell == "-1e39" else ""
    assert str(caught.value) == (
        f"t.csv: line 4, column 'c': must be a finite number{beyond}; found {cell!r}, "
        "also 'y' in 5\nHint."
    )


def test_ten_bad_cells_are_named_and_the_others_counted():
    with pytest.raises(InputError) as caught:
        numbers(column("1", *"abcdefghijklm"), Path("t.csv"))
    said = str(caught.value)
    assert "; found 'a', also 'b' in 4, " in said
    assert said.endswith("'j' in 12 and 3 more")
