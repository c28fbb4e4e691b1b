"""Each design of docs/studies.md runs as its row says it, through real DVC."""

import json
from pathlib import Path

import pytest
from designs import designs, write
from tiny import clone, run

# Where DVC and the libraries of the stages are loaded already.
pytestmark = pytest.mark.xdist_group("study")

DESIGNS = designs()

#: Rows whose designs differ in what they run, for every change; the others are for `make soak`.
SHORT = ("Tested on what comes later",)


def outcome(folder: Path, name: str) -> dict:
    """Run a design to its report, and return the figures."""
    write(clone(folder), DESIGNS[name])
    said = run("dvc", "repro", cwd=folder)
    assert "Traceback" not in said.stderr
    assert (folder / "reports/report.html").stat().st_size > 100_000
    return json.loads((folder / "reports/verdict.json").read_text())


@pytest.mark.costs(8)
@pytest.mark.parametrize("name", SHORT)
def test_a_design_runs_as_its_row_says(name: str, tmp_path: Path) -> None:
    assert outcome(tmp_path, name)["grid_search"]["failed_fits"] == 0


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in DESIGNS if name not in SHORT])
def test_every_other_design_does_too(name: str, tmp_path: Path) -> None:
    assert outcome(tmp_path, name)["grid_search"]["failed_fits"] == 0
