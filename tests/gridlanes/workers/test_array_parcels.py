"""Arrays that travel as one, and parcels that name them."""

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tiny import ROOT

from gridlanes.workers.array_parcels import packed, stow, unpacked, whole_code

DTYPES = st.one_of(
    hnp.floating_dtypes(), hnp.integer_dtypes(), hnp.boolean_dtypes(), hnp.unicode_string_dtypes()
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))


@given(st.lists(ARRAYS, max_size=5), st.data())
def test_arrays_come_back_as_they_were_and_those_that_were_one_are_one(arrays, data):
    # Columns and transposes lie in memory in other ways.
    arrays = [array.T if data.draw(st.booleans()) else array for array in arrays]
    value = {"all": arrays, "again": arrays[::-1], "other": np.arange(3), "text": "x"}
    hold = stow([*arrays, *arrays])
    parcel = packed(value, hold)
    back = unpacked(parcel, hold.data)
    for one, other in zip(back["all"], arrays, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.tobytes() == other.tobytes()
        assert one.ctypes.data % one.dtype.alignment == 0
    assert all(a is b for a, b in zip(back["all"], back["again"][::-1], strict=True))
    assert back["other"].tolist() == [0, 1, 2]


def test_a_parcel_does_not_grow_with_the_rows():
    sizes = set()
    for rows in (10, 100_000):
        array = np.zeros((rows, 3))
        hold = stow([array])
        assert hold.data.nbytes >= array.nbytes
        sizes.add(len(packed([array] * 5, hold)) // 10)
    assert len(sizes) == 1
    assert max(sizes) < 20


def test_arrays_of_python_objects_travel_with_the_parcel():
    array = np.array([{"a": 1}, None], object)
    hold = stow([array])
    assert hold.data.nbytes == 0
    assert unpacked(packed(array, hold), hold.data).tolist() == array.tolist()


OWN_MODULE = """
import numpy as np

SCALE = 3

def helper(x):
    return np.multiply(x, SCALE)

class Thing:
    def value(self):
        return int(helper(7))
"""

PACKS = """
import sys
sys.path.insert(0, sys.argv[1])
import own_module
from gridlanes.workers.array_parcels import packed, stow, whole_code
hold = stow([])
with whole_code():
    sys.stdout.buffer.write(packed((own_module.Thing(), lambda: own_module.helper(2)), hold))
"""


def test_the_users_own_code_travels_whole_and_that_of_packages_by_name(tmp_path):
    (tmp_path / "own_module.py").write_text(OWN_MODULE)
    command = [sys.executable, "-c", PACKS, tmp_path]
    parcel = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    assert "own_module" not in sys.modules
    thing, function = unpacked(parcel, np.zeros(0, np.uint8))
    assert thing.value() == 21
    assert int(function()) == 6
    assert b"multiply" in parcel
    # Code of packages is named, not sent.
    assert len(parcel) < 5000


def test_what_is_told_to_travel_whole_is_forgotten_afterwards():
    import cloudpickle

    before = cloudpickle.list_registry_pickle_by_value()
    with whole_code():
        during = cloudpickle.list_registry_pickle_by_value()
        assert any(
            name.partition(".")[0] in ("tiny", "conftest", "test_array_parcels") for name in during
        )
        assert not any(name.startswith(("gridlanes", "numpy", "pytest")) for name in during)
    assert cloudpickle.list_registry_pickle_by_value() == before
