"""The tiny study of the tests, and the commands that a user would run on it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import warm
from ruamel.yaml import YAML

HELPERS = Path(__file__).parent
ROOT = HELPERS.parents[1]
CSV = ROOT / "data/raw/pima-indians-diabetes.csv"


def tiny_params() -> dict[str, Any]:
    """Return the parameters of a study that trains in a second."""
    return {
        "seed": 7,
        "data": {
            "path": "data/raw/pima-indians-diabetes.csv",
            "target": "Outcome",
            "features": "all",
            "task": "classification",
            "missing": {"Glucose": [0], "BMI": [0]},
        },
        "preprocess": {"classes": [0, 1], "max_missing": 0.5},
        "model": {
            "imputer": "median",
            "scaler": "minmax",
            "network": {
                "hidden": [3],
                "activation": "relu",
                "init": "glorot_uniform",
                "optimizer": "adam",
                "epochs": 2,
                "batch_size": 128,
            },
        },
        "cross_validate": {"folds": 2, "scoring": ["accuracy", "roc_auc"]},
        "grid_search": {
            "network": {"hidden": [2]},
            "cv": 2,
            "scoring": "accuracy",
            "param_grid": {"activation": ["tanh", "relu"], "optimizer": ["adam"]},
        },
        "nested_cv": {"outer": 2, "permutations": 2},
        "diagnose": {"importance": 2},
        "report": {"title": "Tiny", "best": 3},
    }


def write_params(params: Any, folder: Path) -> None:
    with (folder / "params.yaml").open("w") as file:
        YAML().dump(params, file)


def write_table(folder: Path, rows: int | None = None) -> None:
    """Write the raw table into a study, or so many of its first rows: what takes them takes less."""
    lines = CSV.read_bytes().splitlines(keepends=True)
    (folder / "data/raw").mkdir(parents=True, exist_ok=True)
    lines = lines if rows is None else lines[: 1 + rows]
    (folder / "data/raw" / CSV.name).write_bytes(b"".join(lines))


def environment(command: str, **env: str) -> dict[str, str]:
    """Return the environment of a command, which has loaded its libraries before if it can."""
    places = [str(Path(sys.executable).parent), os.environ["PATH"]]
    if command in ("dvc", "bash", "python"):
        places.insert(0, str(warm.folder()))
    clean = {name: value for name, value in os.environ.items() if name != "DVC_ROOT"}
    return {**clean, "PATH": os.pathsep.join(places), **env}


def run(*command: str, cwd: Path, check: bool = True, **env: str) -> subprocess.CompletedProcess:
    """Run a command as a user in an activated environment would, and return what it printed.

    ``dvc`` and ``python -m stages.NAME`` have loaded their libraries before, see :mod:`warm`.
    """
    result = subprocess.run(
        command,
        cwd=cwd,
        env=environment(command[0], **env),
        capture_output=True,
        text=True,
        check=False,
    )
    if check and result.returncode:
        pytest.fail(f"{' '.join(command)}\n{result.stdout}\n{result.stderr}")
    return result


def clone(folder: Path) -> Path:
    """Make a git repository of the files that git tracks here or would, with tiny parameters."""
    listed = run(
        "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT
    ).stdout
    for name in filter(None, listed.split("\0")):
        if not (ROOT / name).exists() or name.startswith(("reports/", "tests/")):
            continue
        goal = folder / name
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, goal)
    (folder / "dvc.lock").unlink(missing_ok=True)
    write_params(tiny_params(), folder)
    run("git", "init", "--quiet", "--initial-branch=main", cwd=folder)
    run("git", "config", "user.name", "Test", cwd=folder)
    run("git", "config", "user.email", "test@localhost", cwd=folder)
    commit(folder, "Start")
    return folder


def commit(folder: Path, message: str) -> None:
    """Commit everything; equal content has an equal commit, whenever it is made."""
    date = "2020-01-01T00:00:00Z"
    run("git", "add", "--all", cwd=folder)
    run(
        *("git", "commit", "--quiet", "--message", message),
        cwd=folder,
        GIT_AUTHOR_DATE=date,
        GIT_COMMITTER_DATE=date,
    )
