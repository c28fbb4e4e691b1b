"""How a command ends: in a line, whatever ends it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import ROOT

from gridlanes.errors import in_a_line, printable
from stages.study.errors import InputError, reporting

#: A signal that comes just before a sleep is heard after it, so that long ones are in pieces.
PIECES = 600

#: A command that says what its argument is, prints, and waits to be ended.
COMMAND = """
import sys, time
from pathlib import Path
from stages.study.writing import writing
from stages.study.errors import reporting, say
with reporting(), writing(Path("out")) as folder:
    say(folder)
    for _ in range(int(sys.argv[1])):
        time.sleep(0.1)
    say("x" * 100_000)
    (folder / "done").touch()
"""


LOADING = """
from gridlanes.compat.load_keras import load_keras
from stages.study.errors import reporting
with reporting():
    load_keras()
"""

#: A module that says that it is loaded, and takes its time.
SLOW = f"""
import os, time
os.write(2, NOISE)
print("loading", flush=True)
for _ in range({PIECES}):
    time.sleep(0.1)
"""


def start(pieces, folder):
    return begin("-c", COMMAND, str(pieces), folder=folder)


def begin(*arguments, folder):
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        # What is in the folder is found before what is installed.
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_ends_a_command_reads_a_line(number, tmp_path):
    process = start(PIECES, tmp_path)
    process.stdout.readline()
    process.send_signal(number)
    assert process.communicate() == ("", "interrupted; no file is half written\n")
    assert process.returncode == 128 + number
    assert not list(tmp_path.glob("out/*"))
    assert not list(tmp_path.glob(".partial-*"))


@pytest.mark.parametrize("stage", ["preprocess", "grid_search", "report", "compare", "predict"])
def test_whoever_ends_a_command_that_still_loads_reads_a_line(stage, tmp_path):
    (tmp_path / "numpy.py").write_text(SLOW.replace("NOISE", "b''"))
    process = begin("-m", f"stages.{stage}", folder=tmp_path)
    assert process.stdout.readline() == "loading\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate() == ("", "interrupted; no file is half written\n")
    assert process.returncode == 128 + signal.SIGINT


def test_what_tensorflow_says_as_it_loads_is_not_said_of_an_interrupt(tmp_path):
    (tmp_path / "keras.py").write_text(SLOW.replace("NOISE", "b'I0000 port.cc: oneDNN'"))
    process = begin("-c", LOADING, folder=tmp_path)
    assert process.stdout.readline() == "loading\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate() == ("", "interrupted; no file is half written\n")


def test_an_interrupt_after_the_end_has_no_traceback(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, time\ndef end():\n    print('ending', flush=True)\n"
        f"    for _ in range({PIECES}):\n        time.sleep(0.1)\natexit.register(end)"
    )
    process = begin("-m", "stages.preprocess", folder=tmp_path)
    assert process.stdout.readline() == "ending\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert said.startswith("error: params.yaml: ")
    assert len(said.splitlines()) == 1


def test_that_tensorflow_cannot_be_loaded_is_a_line(tmp_path):
    (tmp_path / "keras.py").write_text("raise ImportError('libtensorflow.so: cannot be mapped')")
    _, said = begin("-c", LOADING, folder=tmp_path).communicate()
    why = "ImportError: libtensorflow.so: cannot be mapped"
    assert said == f"error: Keras and TensorFlow cannot be loaded: {why}\n"


def test_that_tensorflow_has_too_few_addresses_is_a_line(tmp_path):
    """With these it would end the process, as often as not without a word."""
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**31, -1))"
    process = begin("-c", f"{limit}\n{LOADING}", folder=tmp_path)
    _, said = process.communicate()
    takes = "TensorFlow takes 3 GB of addresses to load, and this process may have 2.0 GB"
    assert said == f"error: {takes} (`ulimit -v`)\n"
    assert process.returncode == 1


def test_a_lack_of_memory_is_a_line(capsys):
    for error, said in (
        (MemoryError(), "error: there is not enough memory"),
        (
            MemoryError("Unable to\nallocate"),
            "error: there is not enough memory: Unable to allocate",
        ),
    ):
        with pytest.raises(SystemExit) as caught, reporting():
            raise error
        assert caught.value.code == said


def test_what_a_killed_command_left_is_removed_by_the_next(tmp_path):
    (tmp_path / ".partial-other-999999999-x").mkdir()
    process = start(PIECES, tmp_path)
    (left,) = (tmp_path / process.stdout.readline().strip(),)
    process.kill()
    process.communicate()
    assert left.is_dir()
    start(0, tmp_path).communicate()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".partial-other-999999999-x", "out"]


def test_what_a_command_that_still_runs_writes_is_left_alone(tmp_path):
    process = start(PIECES, tmp_path)
    folder = tmp_path / process.stdout.readline().strip()
    start(0, tmp_path).communicate()
    assert folder.is_dir()
    process.terminate()
    process.communicate()


def test_that_nobody_reads_is_no_error(tmp_path):
    with start(5, tmp_path) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
    assert (tmp_path / "out/done").is_file()


def test_that_what_is_printed_cannot_be_written_is_a_line():
    command = "from stages.study.errors import *\nwith reporting(): say('x')"
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", command],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("error: standard output: cannot be written: ")
    assert len(done.stderr.splitlines()) == 1


def test_what_cannot_be_written_is_a_line(tmp_path):
    (tmp_path / "out").touch()
    _, said = start(0, tmp_path).communicate()
    assert said == "error: out: cannot be written: File exists\n"


def test_no_control_character_reaches_a_terminal(capsys):
    with pytest.raises(SystemExit) as caught, reporting():
        raise InputError("a\x1b[31m\x9b2J\ud800\x00b\nand more")
    assert caught.value.code == r"error: a\x1b[31m\x9b2J\ud800\x00b" + "\nand more"


def test_what_xml_cannot_hold_is_escaped():
    """The characters of https://www.w3.org/TR/xml/#charsets, and no more than controls besides."""
    allowed = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
    every = "".join(map(chr, range(0x10000)))
    assert allowed.fullmatch(printable(every))
    assert printable("déjà vu\t☃\n") == "déjà vu\t☃\n"


class SpeechlessError(Exception):
    def __str__(self):
        raise ZeroDivisionError


def test_an_exception_whose_text_fails_says_so():
    assert in_a_line(SpeechlessError()) == "(its text raises ZeroDivisionError)"


@pytest.mark.parametrize("raised", [SystemExit(0), GeneratorExit(), ValueError("x")])
def test_an_error_whose_text_raises_anything_is_a_line(raised):
    class WorseError(Exception):
        def __str__(self):
            raise raised

    assert in_a_line(WorseError()) == f"(its text raises {type(raised).__name__})"
