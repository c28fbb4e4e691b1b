"""DVC as its users use it: what runs again, what is restored, what is compared."""

import json
from pathlib import Path

import pytest
from tiny import clone, commit, run

pytestmark = pytest.mark.xdist_group("study")

STAGES = ["preprocess", "cross_validate", "grid_search", "nested_cv", "report"]


def executed(study: Path, *options: str) -> list[str]:
    """Run the pipeline and return the stages that it ran."""
    output = run("dvc", "repro", *options, cwd=study).stdout
    return [stage for stage in STAGES if f"Running stage '{stage}'" in output]


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_nothing_runs_when_nothing_changed(study: Path) -> None:
    assert executed(study) == []
    assert run("git", "status", "--porcelain", cwd=study).stdout == ""


def test_a_comment_runs_nothing(study: Path) -> None:
    params = study / "params.yaml"
    params.write_text("# A comment\n\n" + params.read_text().replace("seed: 7", "seed:   7  # why"))
    assert executed(study) == []


@pytest.mark.parametrize(
    ("old", "new", "stages"),
    [
        ("- adam", "- sgd", ["grid_search", "nested_cv", "report"]),
        ("folds: 2", "folds: 3", ["cross_validate", "report"]),
        ("title: Tiny", "title: Small", ["report"]),
        ("max_missing: 0.5", "max_missing: 0.6", ["preprocess", "report"]),
        ("epochs: 2", "epochs: 1", ["cross_validate", "grid_search", "nested_cv", "report"]),
        ("outer: 2", "outer: 0", ["nested_cv", "report"]),
    ],
)
def test_a_parameter_runs_what_depends_on_it(
    study: Path, old: str, new: str, stages: list[str]
) -> None:
    replace(study / "params.yaml", old, new)
    assert executed(study) == stages


def test_a_reverted_parameter_is_restored_without_running(study: Path) -> None:
    before = (study / "dvc.lock").read_bytes()
    replace(study / "params.yaml", "folds: 2", "folds: 3")
    executed(study)
    replace(study / "params.yaml", "folds: 3", "folds: 2")
    assert "cross_validate" not in executed(study)
    assert (study / "dvc.lock").read_bytes() == before


def test_two_clean_clones_agree_to_the_byte(finished_study: Path, tmp_path: Path) -> None:
    """Whether their fits were trained or, when all stages are run again, found."""
    other = clone(tmp_path / "other clone")
    # The winners of two outer folds are refitted to the rows of what were two folds of the search.
    cold = ["2 fits: 0 found", "4 fits: 0 found", "nested: 10 fits: 2 found, 8 trained"]
    warm = ["2 fits: 2 found", "4 fits: 4 found", "nested: 10 fits: 10 found, 0 trained"]
    for said in (cold, warm):
        output = run("dvc", "repro", "--force", cwd=other).stdout
        assert all(fits in output for fits in said)
        assert (other / "dvc.lock").read_text() == (finished_study / "dvc.lock").read_text()


def test_a_failing_stage_is_reported_in_its_own_words(study: Path) -> None:
    replace(study / "params.yaml", "folds: 2", "folds: 1")
    result = run("dvc", "repro", cwd=study, check=False)
    assert result.returncode != 0
    assert "error: params.yaml: cross_validate.folds: must be greater than" in result.stderr
    assert "Traceback" not in result.stderr


def test_changes_are_compared_between_commits(study: Path) -> None:
    replace(study / "params.yaml", "epochs: 2", "epochs: 4")
    executed(study)
    commit(study, "Train longer")
    parameters = json.loads(run("dvc", "params", "diff", "HEAD~1", "--json", cwd=study).stdout)
    assert parameters["params.yaml"] == {"model.network.epochs": {"old": 2, "new": 4, "diff": 2}}
    metrics = json.loads(run("dvc", "metrics", "diff", "HEAD~1", "--json", cwd=study).stdout)
    assert list(metrics) == ["reports/metrics.json"]
    moved = metrics["reports/metrics.json"]
    assert {"answer.expected", "base_model.accuracy"} <= set(moved)
    assert len(moved) <= 15
    plots = json.loads(run("dvc", "plots", "diff", "HEAD~1", "--json", cwd=study).stdout)["data"]
    assert set(plots) == {
        "Candidates and their mean scores",
        "Mean score of the candidates by rank",
        "Mean scores of the candidates by hyperparameter",
        "Mean scores of the candidates by two hyperparameters",
        "Scores of the base model by fold",
        "Training curves of the base model",
    }
    revisions = {name for plot in plots.values() for part in plot for name in part["revisions"]}
    assert revisions == {"HEAD~1", "workspace"}


def test_experiments_run_here_and_in_the_queue(study: Path) -> None:
    setting = "grid_search.param_grid.optimizer=[adam,sgd]"
    here = run("dvc", "exp", "run", "--name", "both", "-S", setting, cwd=study)
    assert "8 fits: 4 found, 4 trained in" in here.stdout
    best = json.loads((study / "data/grid_search/best.json").read_text())
    assert best["candidates"] == 4
    queued = "grid_search.param_grid.activation=[relu]"
    run("dvc", "exp", "run", "--queue", "--name", "one", "-S", queued, cwd=study)
    run("dvc", "queue", "start", cwd=study)
    logs = run("dvc", "queue", "logs", "one", "--follow", cwd=study)
    run("dvc", "queue", "stop", cwd=study)
    # The queue works in a folder of its own, with the store of this one.
    assert "4 fits: 4 found, 0 trained in" in logs.stdout
    assert not list(study.glob("data/**/*.sqlite*"))
    shown = run("dvc", "exp", "show", "--csv", "--no-pager", cwd=study).stdout
    rows = {line.split(",")[1]: line for line in shown.splitlines()}
    assert {"both", "one"} <= {line.split(",")[0] for line in shown.splitlines()} | set(rows)


def test_the_default_remote_needs_no_account(study: Path, tmp_path: Path) -> None:
    run("dvc", "push", "--quiet", cwd=study)
    run("git", "clone", "--quiet", str(study), "elsewhere", cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    (study / ".dvc-remote").rename(elsewhere / ".dvc-remote")
    run("dvc", "pull", "--quiet", cwd=elsewhere)
    assert (elsewhere / "reports/report.html").read_bytes() == (
        study / "reports/report.html"
    ).read_bytes()
