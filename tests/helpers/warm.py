"""A process that has loaded the libraries, and forks for each command that tests run.

To load TensorFlow, pandas, Matplotlib and DVC takes a command seconds, its own work a fraction of
one. ``dvc``, the stages that it runs and workers of Dask are the same code in a process of their own here, in the
folder and with the environment that they were called in; only their imports are there already.
What a command loads by itself is tested elsewhere, by processes that start from nothing.
"""

import atexit
import functools
import gc
import importlib
import os
import pickle
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path

#: Loaded before the first command; nothing of this repository, which each study has a copy of.
LIBRARIES = (
    "keras",
    "tensorflow",
    "joblib",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "pandas",
    "pyarrow.parquet",
    "pydantic.main",
    "pydantic.types",
    "pydantic.json_schema",
    "pydantic.functional_validators",
    "ruamel.yaml",
    "jinja2",
    "scipy.stats",
    "seaborn",
    "sklearn.discriminant_analysis",
    "sklearn.ensemble",
    "sklearn.impute",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "sklearn.naive_bayes",
    "sklearn.pipeline",
    # With all commands.
    "dvc.cli.parser",
    "dvc.repo.experiments",
    "dvc.repo.plots",
    "dvc.repo.reproduce",
    "dvc_data.index",
    "hydra",
    "networkx",
    "pyarrow.pandas_compat",
    "sklearn.frozen",
    # Takes a second to list all estimators.
    "skops.io",
)

#: What is put before everything else in PATH: Python, and DVC as a module of it.
CLIENT = """#!{python} -IS
import os, sys
name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
if name == "dvc":
    arguments = ["-m", "dvc", *arguments]
known = arguments[:1] == ["-m"] and arguments[1:2] and arguments[1].partition(".")[0] in ("dvc", "stages", "distributed")
if not known and arguments[:1] != ["-c"]:
    os.execv({python!r}, [{python!r}, *arguments])
import pickle, socket
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    call = pickle.dumps((arguments, os.getcwd(), dict(os.environ)))
    socket.send_fds(server, [len(call).to_bytes(8, "big")], [0, 1, 2])
    server.sendall(call)
    said = server.recv(4)
sys.exit(int.from_bytes(said, "big") if len(said) == 4 else 1)
"""


@functools.cache
def folder() -> Path:
    """Start the process, and return the folder whose commands it executes."""
    home = tempfile.TemporaryDirectory(prefix="warm")
    address = f"{home.name}/socket"
    commands = Path(home.name) / "bin"
    commands.mkdir()
    for name in ("dvc", "python"):
        client = commands / name
        client.write_text(CLIENT.format(python=sys.executable, address=address))
        client.chmod(0o755)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen(64)
    with listening:
        server = subprocess.Popen(
            [sys.executable, __file__, str(listening.fileno())], pass_fds=[listening.fileno()]
        )

    def end() -> None:
        server.kill()
        server.wait()
        home.cleanup()

    atexit.register(end)
    return commands


def serve(listening: socket.socket) -> None:
    """Execute commands, each in a process of its own, side by side."""
    gc.disable()
    for name in LIBRARIES:
        importlib.import_module(name)
    # A command would look through what is loaded, and so copy it.
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    # Whatever this file was called by is no part of a command.
    del sys.path[0]
    while True:
        client, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _answer(client)
            os._exit(0)
        client.close()
        _forget_the_ended()


def _forget_the_ended() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _answer(client: socket.socket) -> None:
    """Execute a client's command, and tell it how that ended."""
    size, streams, _, _ = socket.recv_fds(client, 8, 3)
    call = b""
    while len(call) < int.from_bytes(size, "big"):
        call += client.recv(2**16)
    child = os.fork()
    if child == 0:
        client.close()
        for own, stream in enumerate(streams):
            os.dup2(stream, own)
            os.close(stream)
        os._exit(_execute(*pickle.loads(call)))
    for stream in streams:
        os.close(stream)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    client.sendall((status if status >= 0 else 128 - status).to_bytes(4, "big"))


def _execute(arguments: list[str], cwd: str, environment: dict[str, str]) -> int:
    """Do what ``python -m`` and ``python -c`` do, and return the exit status."""
    what, name, *others = arguments
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    paths = environment.get("PYTHONPATH", "")
    sys.path[:0] = [cwd if what == "-m" else "", *filter(None, paths.split(os.pathsep))]
    sys.argv = [name if what == "-m" else what, *others]
    # Whoever puts others in their place must not close what they write to.
    sys.stdout, sys.stderr = (
        os.fdopen(stream, "w", buffering=1, encoding="utf-8", closefd=False) for stream in (1, 2)
    )
    status: object = 0
    try:
        if what == "-m":
            runpy.run_module(name, run_name="__main__", alter_sys=True)
        else:
            exec(compile(name, "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    if not isinstance(status, int):
        if status is not None:
            print(status, file=sys.stderr)
        status = int(status is not None)
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return status & 255


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
