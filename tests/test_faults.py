"""Faults of different kinds, planted in a copy of this repository: a test finds each."""

import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from tiny import ROOT, commit, run


class Fault(NamedTuple):
    """A file, what stands in it, what is put there, and the tests that are to fail."""

    file: str
    old: str
    new: str
    tests: str
    names: str


FAULTS = {
    "a wrong rounding": Fault(
        "gridlanes/compat/tensorflow_math.py",
        "_where_not_0(dy, dy * 0.5 / y)",
        'given["sqrt_grad"](y, dy)',
        "gridlanes/programs/test_bitwise_equality.py",
        "",
    ),
    "a lost fold": Fault(
        "gridlanes/model_selection/base_search.py",
        "splits = list(cv.split(X, y, **routed.splitter.split))",
        "splits = list(cv.split(X, y, **routed.splitter.split)); splits[-1] = splits[0]",
        "gridlanes/model_selection/test_search.py",
        "test_a_search and KFold",
    ),
    "a stale key": Fault(
        "gridlanes/planning/fit_key.py",
        "{lane.n_classes} {lane.batch_size} {lane.seed}",
        "{lane.n_classes} {lane.seed}",
        "gridlanes/planning/test_stored_fits.py",
        "test_what_differs_is_not_found",
    ),
    "a dropped dependency": Fault(
        "dvc.yaml",
        "params: [model, grid_search, nested_cv, seed]",
        "params: [grid_search, nested_cv, seed]",
        "test_pipeline.py",
        "test_dvc_knows_what_depends_on_a_parameter",
    ),
    "an unescaped label": Fault(
        "stages/reporting/pages/report.py",
        r'text.replace("<", r"\u003c")',
        "text",
        "stages/reporting/pages/test_explorer.py",
        "test_nothing_of_the_user_becomes_markup",
    ),
    "a swapped class": Fault(
        "gridlanes/estimators/classifier.py",
        "            return of_classes if method",
        "            return of_classes[:, ::-1] if method",
        "gridlanes/estimators/test_estimators.py",
        "test_logits_become_probabilities",
    ),
    "a lost trial": Fault(
        "gridlanes/store/store.py",
        "        if rows:\n            self._write(rows, size)\n",
        "        if len(rows) > 1:\n            self._write(rows[1:], size)\n",
        "gridlanes/store/test_crash.py",
        "test_kills_lose_nothing_and_train_nothing_twice",
    ),
    "a wrong interval": Fault(
        "gridlanes/statistics/intervals.py",
        "ndtri((1 + level) / 2)",
        "ndtri(level)",
        "gridlanes/statistics/test_intervals.py",
        "",
    ),
    "a message without its line": Fault(
        "stages/study/tables/text_table.py",
        "{self.path}: line {line}: must have",
        "{self.path}: must have",
        "stages/test_preprocess.py",
        "",
    ),
    "a worker's wrong version": Fault(
        "gridlanes/workers/worker.py",
        'if own != header["versions"].get(name)',
        'if name not in header["versions"]',
        "gridlanes/workers/test_backends.py",
        "test_a_worker_with_other_versions",
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git tracks here or would, as a repository of its own."""
    folder = tmp_path_factory.mktemp("faults") / "repository"
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    for name in filter(None, listed.splitlines()):
        if (ROOT / name).exists():
            goal = folder / name
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, goal)
    run("git", "init", "--quiet", "--initial-branch=main", cwd=folder)
    run("git", "config", "user.name", "Test", cwd=folder)
    run("git", "config", "user.email", "test@localhost", cwd=folder)
    commit(folder, "Start")
    return folder


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_can_be_planted(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text().count(fault.old) == 1
    assert (ROOT / "tests" / fault.tests).exists()


@pytest.mark.soak
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str, copy: Path) -> None:
    fault = FAULTS[name]
    path = copy / fault.file
    text = path.read_text()
    path.write_text(text.replace(fault.old, fault.new))
    try:
        # As `make test` runs them, but for the order and the other tests.
        tests = (f"tests/{fault.tests}", "-k", fault.names, "-m", "not soak")
        env = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
        command = (sys.executable, "-m", "pytest", "-n0", "-x", "-q", *tests)
        said = run(*command, cwd=copy, check=False, **env)
        assert said.returncode == 1, said.stdout
        assert "FAILED" in said.stdout
    finally:
        path.write_text(text)
