"""The file of finished fits, without TensorFlow: what is read is what was written, or nothing."""

import argparse
import ctypes
import os
import pickle
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tiny import ROOT

from gridlanes.errors import StoreError, StoreWarning
from gridlanes.store.__main__ import age, main, size
from gridlanes.store.record import Record, checksum, decode, encode
from gridlanes.store.sqlite_file import FORMAT
from gridlanes.store.store import Store


def record(number: int, weights: int = 200) -> Record:
    rng = np.random.default_rng(number)
    return Record(
        f"Dense {number % 3}; {weights} weights",
        0.1,
        {"loss": rng.normal(size=5).tolist(), "accuracy": [float("nan")] * 5},
        (rng.normal(size=weights).astype("float32"), np.zeros(0), np.zeros((2, 2), "int64")),
        {"test": rng.normal(size=(20, 1)).astype("float32")},
    )


def key(number: int) -> tuple[bytes, int]:
    return number.to_bytes(20, "big"), 5


def same(one: Record, other: Record) -> bool:
    pairs = [*zip(one.state, other.state, strict=True)]
    pairs += [(one.outputs[name], other.outputs[name]) for name in one.outputs]
    return (
        (one.architecture, one.seconds, repr(one.history))
        == (other.architecture, other.seconds, repr(other.history))
        and one.outputs.keys() == other.outputs.keys()
        and all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)
    )


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "fits.sqlite") as opened:
        yield opened


def filled(path: Path, fits: int, weights: int = 200, **options) -> Path:
    with Store(path, **options) as store:
        store.keep({key(number): record(number, weights) for number in range(fits)})
    return path


numbers = arrays.arrays(
    st.sampled_from(["float32", "float64", "int64", "bool"]),
    arrays.array_shapes(min_dims=0, min_side=0, max_side=4),
)


@given(
    st.dictionaries(st.text(), st.lists(st.floats(), max_size=4), max_size=3),
    st.lists(numbers, max_size=4),
    st.dictionaries(st.text(), numbers, max_size=3),
)
def test_a_record_survives_as_bytes(history, state, outputs):
    given_ = Record("a", 0.25, history, tuple(state), outputs)
    back = decode(encode(given_), "a")
    assert repr(back.history) == repr(history)
    pairs = [*zip(state, back.state, strict=True)]
    pairs += [(values, back.outputs[name]) for name, values in outputs.items()]
    for one, other in pairs:
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()


def test_what_was_kept_is_found(store):
    records = {key(number): record(number) for number in range(30)}
    store.keep(records)
    found = store.find([*records, key(99), (key(0)[0], 6)])
    assert found.keys() == records.keys()
    assert all(same(found[one], records[one]) for one in records)
    assert sum(holding.fits for holding in store.holdings()) == 30


def test_a_fit_kept_again_replaces_the_first(store):
    store.keep({key(1): record(1)})
    store.keep({key(1): record(2)})
    assert same(store.find([key(1)])[key(1)], record(2))
    assert [holding.fits for holding in store.holdings()] == [1]


def test_a_folder_holds_a_file_of_its_own(tmp_path):
    with Store(tmp_path) as store:
        store.keep({key(1): record(1)})
    assert (tmp_path / "fits.sqlite").is_file()
    with Store(tmp_path / "fits.sqlite") as store:
        assert store.find([key(1)])


def test_a_folder_that_does_not_exist_is_told_by_its_slash(tmp_path):
    with Store(f"{tmp_path}/new/") as store:
        store.keep({key(1): record(1)})
    assert (tmp_path / "new/fits.sqlite").is_file()


def test_copies_and_pickles_are_closed_and_work(store):
    store.keep({key(1): record(1)})
    with pickle.loads(pickle.dumps(store)) as other:
        assert other.find([key(1)])
    assert repr(other) == repr(store)


@pytest.mark.filterwarnings("ignore::gridlanes.errors.StoreWarning")
def test_bits_flipped_and_ends_cut_off_never_give_a_wrong_fit(tmp_path):
    """Damage of 200 kinds: each fit is found as it was written, or not at all."""
    whole = filled(tmp_path / "whole.sqlite", 40).read_bytes()
    keys = [key(number) for number in range(40)]
    draw, lost, served = random.Random(0), 0, 0
    for number in range(200):
        path = tmp_path / f"{number}.sqlite"
        path.write_bytes(damage(whole, draw, cut=number % 4 == 3))
        found = {}
        with Store(path) as store:
            try:
                found = store.find(keys)
                store.keep({key(77): record(77)})
                for kept in store.find([key(77)]).values():
                    assert same(kept, record(77))
                store.holdings()
                store.prune(max_size=20_000)
            except StoreError as error:
                assert str(path) in str(error)
                assert "\n" not in str(error)
        assert all(same(found[one], record(n)) for n, one in enumerate(keys) if one in found)
        served += len(found)
        lost += len(keys) - len(found)
    assert lost > 200
    assert served > 200


def damage(whole: bytes, draw: random.Random, *, cut: bool) -> bytes:
    damaged = bytearray(whole)
    if cut:
        del damaged[draw.randrange(len(damaged)) :]
    for _ in range(draw.choice([1, 3, 100]) if damaged else 0):
        # The first page decides how all others are read.
        end = 4096 if draw.random() < 0.2 else len(damaged)
        damaged[draw.randrange(min(end, len(damaged)))] ^= 1 << draw.randrange(8)
    return bytes(damaged)


def test_a_damaged_row_is_dropped(store):
    store.keep({key(number): record(number) for number in range(3)})
    store.close()
    with closing(sqlite3.connect(store.file)) as database, database:
        database.execute("UPDATE fits SET data = zeroblob(length(data)) WHERE id = 2")
    database.close()
    with pytest.warns(StoreWarning, match="damaged fits: 1 of 3 asked for; they are trained again"):
        assert store.find([key(0), key(1), key(2)]).keys() == {key(0), key(2)}
    assert sum(holding.fits for holding in store.holdings()) == 2


def test_a_row_moved_to_another_key_is_not_served(store):
    store.keep({key(1): record(1)})
    store.close()
    with closing(sqlite3.connect(store.file)) as database, database:
        database.execute("UPDATE fits SET key = ?", (key(2)[0],))
    database.close()
    with pytest.warns(StoreWarning):
        assert not store.find([key(2)])


#: What SQLite can make of a row, whose columns are of the types that are written into them.
TYPES = [
    f"{column} = {value}"
    for column in ("data", "architecture", "checksum")
    for value in (f"CAST({column} AS TEXT)", f"CAST({column} AS BLOB)", "3", "2.5")
    if (column, value) != ("architecture", "CAST(architecture AS TEXT)")
]


@pytest.mark.parametrize("change", TYPES)
def test_a_row_of_other_types_is_as_if_it_were_not_there(store, change):
    store.keep({key(number): record(number) for number in range(2)})
    store.close()
    with closing(sqlite3.connect(store.file)) as database, database:
        # The file's own types turn some back into what they were.
        database.execute(f"UPDATE fits SET {change} WHERE id = 1")
        kind, was = change.partition(" =")[0], "text" if "architecture" in change else "blob"
        same_type = database.execute(f"SELECT typeof({kind}) FROM fits").fetchone() == (was,)
    database.close()
    if same_type and "CAST" in change:
        assert same(store.find([key(0)])[key(0)], record(0))
        return
    with pytest.warns(StoreWarning):
        assert store.find([key(0), key(1)]).keys() == {key(1)}


HEADERS = [
    b"{}",
    b"[]",
    b"3",
    b"null",
    b"\xff",
    b"[" * 100_000,
    b'{"seconds": "1", "history": [], "outputs": [], "arrays": []}',
    b'{"seconds": NaN, "history": [], "outputs": [], "arrays": []}',
    b'{"seconds": 1, "history": [], "outputs": []}',
    b'{"seconds": 1, "history": [], "outputs": [], "arrays": [["<f4", [-1, 4]]]}',
    b'{"seconds": 1, "history": [], "outputs": [], "arrays": [["<f4", ["x"]]]}',
    b'{"seconds": 1, "history": [], "outputs": [], "arrays": [["<f4", [1e99]]]}',
    b'{"seconds": 1, "history": [], "outputs": [], "arrays": [["<f4", [9999999999999]]]}',
    b'{"seconds": 1, "history": [], "outputs": [], "arrays": [["O", [1]]]}',
    b'{"seconds": 1, "history": [], "outputs": [], "arrays": [["U2", [0]]]}',
    b'{"seconds": 1, "history": [], "outputs": [], "arrays": [["what", [1]]]}',
    b'{"seconds": 1, "history": [], "outputs": ["a", "b"], "arrays": []}',
]


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
def test_what_no_fit_is_written_as_is_not_served_whatever_its_checksum(store, header):
    store.keep({key(number): record(number) for number in range(2)})
    store.close()
    data = header + b"\n" + bytes(16)
    own = checksum(*key(0), "Dense", data)
    with closing(sqlite3.connect(store.file)) as database, database:
        statement = "UPDATE fits SET data = ?, checksum = ?, architecture = 'Dense' WHERE id = 1"
        database.execute(statement, (data, own))
    database.close()
    with pytest.warns(StoreWarning):
        assert store.find([key(0), key(1)]).keys() == {key(1)}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER DELETE ON fits BEGIN DELETE FROM uses; END",
        "CREATE VIEW v AS SELECT 1",
    ],
)
def test_a_store_with_code_in_it_is_refused(store, statement):
    store.keep({key(1): record(1)})
    store.close()
    with closing(sqlite3.connect(store.file)) as database, database:
        database.execute(statement)
    database.close()
    with pytest.raises(StoreError, match="a store of gridlanes has no (trigger|view) '[tv]'"):
        store.find([key(1)])


@pytest.mark.parametrize("journal", ["", "-wal"])
def test_a_journal_cut_off_or_damaged_loses_at_most_what_was_in_it(tmp_path, journal):
    """As after a power cut: the file and its journal as they are while it is open."""
    path = filled(tmp_path / "fits.sqlite", 20)
    with Store(path) as store:
        store.keep({key(number): record(number) for number in range(20, 40)})
        copies = []
        for number in range(12):
            folder = tmp_path / str(number)
            folder.mkdir()
            for name in ("fits.sqlite", "fits.sqlite-wal"):
                shutil.copy(tmp_path / name, folder)
            copies.append(folder)
    draw = random.Random(1)
    for folder in copies:
        file = folder / "fits.sqlite-wal"
        data = bytearray(file.read_bytes())
        if journal:
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        file.write_bytes(data[: draw.randrange(len(data))])
        with Store(folder) as store:
            found = store.find([key(number) for number in range(40)])
        assert {key(number) for number in range(20)} <= found.keys()
        assert all(same(found[one], record(int.from_bytes(one[0], "big"))) for one in found)


def refusal(path: Path) -> str:
    with Store(path) as store, pytest.raises(StoreError) as caught:
        store.find([key(1)])
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_what_is_not_a_store_is_refused_and_left_as_it_was(tmp_path):
    text = tmp_path / "text"
    text.write_text("hello " * 1000)
    assert "not a database" in refusal(text)
    assert text.read_text() == "hello " * 1000
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as database, database:
        database.execute("CREATE TABLE fits (x)")
    database.close()
    before = other.read_bytes()
    assert "not a store of gridlanes" in refusal(other)
    assert other.read_bytes() == before
    assert "cannot" in refusal(Path("/proc/nowhere/fits.sqlite"))


def test_a_newer_format_is_refused(tmp_path):
    path = filled(tmp_path / "fits.sqlite", 1)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"PRAGMA user_version = {FORMAT + 1}")
    database.close()
    assert f"of format {FORMAT + 1}, written by a newer version" in refusal(path)


def test_an_empty_file_becomes_a_store(tmp_path):
    path = tmp_path / "fits.sqlite"
    path.touch()
    filled(path, 1)
    with Store(path) as store:
        assert store.find([key(1)]) == {}
        assert store.find([key(0)])


#: A process that has this file's names.
HERE = "import sys; sys.path[:0] = ['.', 'tests/helpers', 'tests/gridlanes/store']\n"
HERE += "from test_store import *\n"


def without_privileges(code: str, *arguments: object) -> None:
    """Run code in a process that may not write where the owner forbids it, even as root."""
    drop = (
        "class Header(ctypes.Structure): _fields_ = [('v', ctypes.c_uint32), ('pid', ctypes.c_int)]\n"
        "libc = ctypes.CDLL(None)\n"
        "assert libc.capset(ctypes.byref(Header(0x20080522, 0)), (ctypes.c_uint32 * 6)()) == 0\n"
    )
    command = [sys.executable, "-W", "error", "-c", HERE + drop + code, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "capset"), reason="capabilities are Linux's")
def test_a_folder_that_cannot_be_written_is_read(tmp_path):
    folder = tmp_path / "read only"
    filled(folder / "fits.sqlite", 3)
    folder.chmod(0o555)
    (folder / "fits.sqlite").chmod(0o444)
    try:
        without_privileges(
            """
with Store(sys.argv[1]) as store:
    assert len(store.find([key(0), key(1), key(2)])) == 3
    assert store.holdings()
    with pytest.raises(StoreError, match="readonly"):
        store.keep({key(4): record(4)})
with Store(Path(sys.argv[1]) / "new.sqlite") as store, pytest.raises(StoreError):
    store.find([key(0)])
""",
            folder,
        )
    finally:
        folder.chmod(0o755)


def test_a_full_disk_stops_the_writing_and_nothing_else(tmp_path):
    """The system refuses to let files grow, as a full disk does."""
    path = filled(tmp_path / "fits.sqlite", 3)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 200_000, limit[1]))
    try:
        with Store(path) as store:
            with pytest.raises(StoreError, match="cannot write"):
                store.keep({key(number): record(number, 10_000) for number in range(3, 40)})
            assert len(store.find([key(number) for number in range(3)])) == 3
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    with Store(path) as store:
        found = store.find([key(number) for number in range(40)])
        assert all(same(found[key(number)], record(number)) for number in range(3))


def test_several_processes_fill_one_store(tmp_path):
    code = (
        "start = int(sys.argv[2])\n"
        "for number in range(start, start + 60):\n"
        "    with Store(sys.argv[1]) as store:\n"
        "        store.keep({key(number % 100): record(number % 100)})\n"
        "        assert store.find([key(number % 100)])\n"
    )
    path = tmp_path / "fits.sqlite"
    running = [
        subprocess.Popen([sys.executable, "-c", HERE + code, path, str(start)], cwd=ROOT)
        for start in (0, 30, 60)
    ]
    assert [one.wait() for one in running] == [0, 0, 0]
    with Store(path) as store:
        assert len(store.find([key(number) for number in range(100)])) == 100


def test_several_processes_open_a_new_store_at_once(tmp_path):
    code = (
        "import multiprocessing\n"
        "def use(path, together):\n"
        "    together.wait()\n"
        "    with Store(path) as store: assert store.find([key(1)]) == {}\n"
        "for number in range(15):\n"
        "    together = multiprocessing.Barrier(6)\n"
        "    path = f'{sys.argv[1]}/{number}.sqlite'\n"
        "    running = [multiprocessing.Process(target=use, args=(path, together)) for _ in range(6)]\n"
        "    for one in running: one.start()\n"
        "    for one in running: one.join()\n"
        "    assert not any(one.exitcode for one in running)\n"
    )
    subprocess.run([sys.executable, "-c", HERE + code, tmp_path], cwd=ROOT, check=True)


def test_a_store_held_by_another_is_waited_for(store):
    store.keep({key(1): record(1)})
    other = sqlite3.connect(store.file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.5, lambda: other.execute("COMMIT")).start()
    store.keep({key(2): record(2)})
    other.close()
    assert len(store.find([key(1), key(2)])) == 2


def test_it_never_grows_past_its_limit_and_drops_what_was_not_used_for_longest(tmp_path):
    limit = 1_000_000
    largest = 0
    with Store(tmp_path / "fits.sqlite", limit) as store:
        for number in range(400):
            store.keep({key(number): record(number, 1000)})
            store.find([key(0)])
            files = [tmp_path / name for name in ("fits.sqlite", "fits.sqlite-wal")]
            largest = max(largest, sum(file.stat().st_size for file in files))
        found = store.find([key(number) for number in range(400)])
    assert largest <= limit
    assert 30 < len(found) < 200
    assert {key(0), key(399)} <= found.keys()
    assert key(1) not in found


def test_what_is_too_large_for_the_store_is_left_out(tmp_path):
    with Store(tmp_path / "fits.sqlite", 100_000) as store:
        store.keep({key(1): record(1, 50_000), key(2): record(2)})
        assert store.find([key(1), key(2)]).keys() == {key(2)}


def command(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "gridlanes.store", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_shows_and_prunes(tmp_path):
    path = filled(tmp_path / "fits.sqlite", 300, weights=1000)
    shown = command(path)
    assert shown.returncode == 0
    first, titles, *rows = shown.stdout.splitlines()
    assert first.startswith(f"{path}: 300 fits, ")
    assert titles.split() == ["fits", "size", "oldest", "last", "used", "architecture"]
    assert [row.split()[0] for row in rows] == ["100", "100", "100"]
    assert rows[0].endswith("weights")
    smaller = command(tmp_path, "--max-size", "500kB")
    assert smaller.stdout.startswith("dropped ")
    assert path.stat().st_size <= 500_000
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE fits SET created = created - 90000 WHERE id % 2")
    database.close()
    left = sum(int(row.split()[0]) for row in smaller.stdout.splitlines()[3:])
    older = command(path, "--drop-older-than", "1d")
    assert int(older.stdout.split()[1]) in (left // 2, -(-left // 2))


def test_the_command_says_what_is_wrong_in_a_line(tmp_path):
    (tmp_path / "text").write_text("hello")
    for path, said in [("nowhere", "no such file"), ("text", "not a database")]:
        done = command(tmp_path / path)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert said in done.stderr
    assert "such as 2GB; found 'big'" in command(tmp_path, "--max-size", "big").stderr
    for arguments in [("n" * 300,), (tmp_path, "--max-size", "9" * 400 + "GB")]:
        done = command(*arguments)
        assert done.returncode
        assert "Traceback" not in done.stderr


def test_the_command_shows_a_damaged_store(tmp_path, monkeypatch, capsys):
    path = filled(tmp_path / "fits.sqlite", 3)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE fits SET created = 'abc' WHERE id = 1")
        database.execute("UPDATE fits SET architecture = x'1b00ff' WHERE id = 2")
        database.execute("REPLACE INTO uses VALUES (3, 'zz')")
    database.close()
    monkeypatch.setattr(sys, "argv", ["store", str(path)])
    main()
    said = capsys.readouterr().out
    assert ": 3 fits, " in said
    assert "\x1b" not in said


@pytest.mark.parametrize(("goal", "status"), [("/dev/full", 1), (None, 0)])
def test_the_command_prints_where_nothing_can_be_written(tmp_path, goal, status):
    path = filled(tmp_path / "fits.sqlite", 1)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe, Path(goal or os.devnull).open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "gridlanes.store", str(path)],
            cwd=ROOT,
            stdout=file if goal else pipe,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == status
    assert len(done.stderr.splitlines()) == status


@given(st.integers(0, 10**6), st.sampled_from(["s", "m", "h", "d", "w", " D"]))
def test_ages(number, unit):
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    assert age(f"{number}{unit}") == number * seconds[unit.strip().lower()]


@given(st.integers(0, 10**6), st.sampled_from(["B", "kB", "MB", "GB", "KiB", "gib"]))
def test_sizes(number, unit):
    units = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "gib": 2**30}
    assert size(f"{number}{unit}") == number * units[unit.lower()]


@given(st.text())
def test_other_text_is_no_size_and_no_age(text):
    for parse in (age, size):
        try:
            assert parse(text) >= 0
        except argparse.ArgumentTypeError as error:
            assert "found" in str(error)


def test_nothing_needs_tensorflow():
    code = (
        "import sys, gridlanes.store.store, gridlanes.store.versions as versions\n"
        "versions.numeric_version()\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
