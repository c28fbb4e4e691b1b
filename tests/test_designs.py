"""Each design of docs/how-to/studies.md runs as its row says it."""

import json
from pathlib import Path

import pytest
from designs import designs, write
from made_up import report_in_words
from tiny import clone, run

from stages import (
    cross_validate,
    diagnose,
    grid_search,
    holdout,
    nested_cv,
    preprocess,
)

# Where DVC and the libraries of the stages are loaded already.
pytestmark = [pytest.mark.usefixtures("traced", "eager"), pytest.mark.xdist_group("study")]

DESIGNS = designs()
STAGES = (preprocess, cross_validate, grid_search, nested_cv, diagnose, holdout)

#: Rows whose designs differ in what they run, for every change, in this process; all of them run
#: through real DVC in `make soak`, to a report with figures.
SHORT = ("Tested on what comes later",)


def outcome(folder: Path, name: str) -> dict:
    """Run a design to its report, and return the figures."""
    write(clone(folder), DESIGNS[name])
    said = run("dvc", "repro", cwd=folder)
    assert "Traceback" not in said.stderr
    assert (folder / "reports/report.html").stat().st_size > 100_000
    return json.loads((folder / "reports/verdict.json").read_text())


@pytest.mark.parametrize("name", SHORT)
def test_a_design_runs_as_its_row_says(name: str, workspace: Path) -> None:
    write(workspace, DESIGNS[name])
    for stage in STAGES:
        stage.main()
    report_in_words()
    assert (workspace / "reports/report.html").stat().st_size > 100_000
    verdict = json.loads((workspace / "reports/verdict.json").read_text())
    assert verdict["grid_search"]["failed_fits"] == 0


@pytest.mark.soak
@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_does_through_dvc(name: str, tmp_path: Path) -> None:
    assert outcome(tmp_path, name)["grid_search"]["failed_fits"] == 0
