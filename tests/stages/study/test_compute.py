"""compute.yaml: bad ones are named before anything is loaded; good ones change no byte."""

import os
import socket
import subprocess
import sys

import pytest
from clusters import scheduler
from tiny import ROOT, run

from stages import cross_validate, grid_search, nested_cv
from stages.study import compute
from stages.study.errors import InputError


@pytest.fixture
def write(workspace, monkeypatch):
    """Write compute.yaml, and look for it where the tests are."""
    path = workspace / "compute.yaml"
    monkeypatch.setattr(compute, "PATH", path)
    return path.write_text


@pytest.fixture
def closed():
    """A port of this machine on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        yield one.getsockname()[1]


#: A stage of a study whose cluster is asked for.
ASKS = """
from stages.study import compute
from stages.study.errors import reporting
compute.PATIENCE = compute.STARTING = 1
with reporting(), compute.elsewhere(compute.load(), 1):
    pass
"""

MISTAKES = {
    "backend: spark": "backend: must be 'loky', 'dask' or 'ray'; found 'spark'",
    "workers: 2": "backend: missing",
    "backend: loky\nworkers: 0": "workers: must be greater than or equal to 1; found 0",
    "backend: loky\nworkers: many": "workers: must be a whole number; found 'many'",
    "backend: loky\naddress: here:1": "address: backend loky has none",
    "backend: dask\naddress: here:1\nworkers: 2": "give address or workers; found 'here:1'",
    "backend: dask\nadress: here:1": "adress: unknown key; did you mean 'address'?",
    "dask": "must hold backend, workers, address; found str",
    "backend: [": "not YAML",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_named(write, text):
    write(text)
    with pytest.raises(InputError) as caught:
        compute.load()
    assert "compute.yaml: " in str(caught.value)
    assert MISTAKES[text] in str(caught.value)
    assert 1 <= len(str(caught.value).splitlines()) <= 3


@pytest.mark.parametrize("stage", [cross_validate, grid_search, nested_cv])
@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_a_wrong_address_ends_a_stage_at_once(write, complaint, stage, engine, closed):
    write(f"backend: {engine}\naddress: 127.0.0.1:{closed}\n")
    said = complaint(stage)
    assert f"compute.yaml: address: nobody listens at '127.0.0.1:{closed}'" in said


def test_a_wrong_address_is_said_without_loading_tensorflow_or_an_engine(workspace, closed):
    (workspace / "compute.yaml").write_text(f"backend: dask\naddress: tcp://127.0.0.1:{closed}\n")
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "stages.grid_search"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=workspace,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "stages.grid_search" in loaded or "stages.study.compute" in loaded
    assert not loaded & {"tensorflow", "keras", "distributed", "ray"}


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_somebody_else_at_the_address_is_an_error_too(workspace, engine):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        # Connections are made, but nobody ever answers.
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        (workspace / "compute.yaml").write_text(f"backend: {engine}\naddress: {address}\n")
        ended = subprocess.run(
            [sys.executable, "-c", ASKS],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            cwd=workspace,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert ended.returncode == 1
    assert f"address: no {engine} cluster answers at '{address}'" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("address", ["tcp://a..b:1", f"tcp://{'a' * 70}:1", "\u212a.\u212a:1"])
def test_an_address_that_no_host_can_have(write, address):
    write(f"backend: dask\naddress: {address}\n")
    with pytest.raises(InputError, match="address: nobody listens at"):
        compute.load()


def test_an_address_that_cannot_be_read_is_left_to_the_engine(write):
    write('backend: dask\naddress: "tcp://[::1:1"\n')
    assert compute.load().address == "tcp://[::1:1"


def test_a_link_that_leads_nowhere_is_not_taken_for_no_file(write, workspace):
    (workspace / "compute.yaml").symlink_to("gone.yaml")
    with pytest.raises(InputError, match=r"compute.yaml: no such file"):
        compute.load()


def test_without_the_file_nothing_is_chosen(write):
    assert compute.load() is None


@pytest.mark.soak
@pytest.mark.xdist_group("study")
def test_moving_to_other_workers_runs_nothing_again_and_changes_no_byte(study, tmp_path):
    lock = (study / "dvc.lock").read_bytes()
    (study / "compute.yaml").write_text("backend: dask\nworkers: 2\n")
    assert "up to date" in run("dvc", "status", cwd=study).stdout
    # Not even git sees a file that says what this machine is connected to.
    assert run("git", "status", "--short", cwd=study).stdout == ""
    planned = run("python", "-m", "stages.grid_search", "--plan", cwd=study).stdout
    assert "on 2 workers by dask" in planned.splitlines()[0]
    assert "in the store" in planned
    store = study / ".gridlanes/fits.sqlite"
    for file in study.glob(".gridlanes/*"):
        file.unlink()
    with scheduler(tmp_path) as cluster, cluster.warm_workers(2, study):
        address = cluster.client.scheduler.address
        (study / "compute.yaml").write_text(f"backend: dask\naddress: {address}\n")
        planned = run("python", "-m", "stages.grid_search", "--plan", cwd=study).stdout
        assert "on 2 workers by dask" in planned
        assert "to each worker" in planned
        done = run("dvc", "repro", "--force", "--single-item", "grid_search", cwd=study).stdout
    assert " 0 found" in done
    assert store.exists()
    assert (study / "dvc.lock").read_bytes() == lock
