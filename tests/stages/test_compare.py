"""The command on real git and DVC: which revisions it reads, and what it says of those it cannot."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pandas as pd
import pytest
from tiny import commit, run
from workflow import SCRIPTS

from stages.study.artifacts import write_csv, write_parquet

pytestmark = pytest.mark.xdist_group("study")

Compare = Callable[..., CompletedProcess]


def compare(study: Path, *arguments: str, cwd: Path | None = None) -> CompletedProcess:
    """Run the command, which must leave everything as it is."""
    before = run("git", "status", "--porcelain", cwd=study).stdout
    env = {"PYTHONPATH": str(study), "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1"}
    command = ("python", "-m", "stages.compare")
    result = run(*command, *arguments, cwd=cwd or study, check=False, **env)
    assert run("git", "status", "--porcelain", cwd=study).stdout == before
    return result


def told(study: Path, *arguments: str, cwd: Path | None = None) -> str:
    result = compare(study, *arguments, cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def refused(study: Path, *arguments: str, cwd: Path | None = None) -> str:
    result = compare(study, *arguments, cwd=cwd)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert 1 <= len(result.stderr.splitlines()) <= 3
    return result.stderr


@pytest.fixture
def tried(experiments: tuple[Path, list[str]]) -> Path:
    """A study with the experiments `sgd` and, on top of it, `folds`, which is in the workspace."""
    return experiments[0]


def test_an_experiment_is_compared_with_where_it_started(tried: Path) -> None:
    page = tried.parent / "page.html"
    text = told(tried, "HEAD", "sgd", "--html", str(page))
    assert text.splitlines()[0] == "sgd compared with HEAD"
    assert '["adam"]  ["adam", "sgd"]' in " ".join(text.split()).replace("] [", "]  [")
    assert "2 candidates then, 4 now: 2 in both, 2 new (optimizer sgd), 0 gone." in text
    assert "2 of the 2 in both have the same scores." in text
    assert "\x1b" not in text
    assert "2 new (optimizer sgd)" in page.read_text()


def test_one_revision_is_compared_with_the_workspace(tried: Path) -> None:
    text = told(tried, "sgd", cwd=tried / "data")
    assert text.splitlines()[0] == "workspace compared with sgd"
    assert "4 candidates then, 4 now: 2 in both, 2 new (activation elu), 2 gone" in text
    assert "2 differ, on other folds (grid_search.cv), compared as means" in text
    assert "nested_cv.outer" in text
    assert "not asked for" in text
    assert "Not decided: the base model is worse than always" in text


def test_no_revision_compares_head_with_the_workspace(tried: Path) -> None:
    text = told(tried, "--markdown")
    assert text.splitlines()[0] == "### `workspace` compared with `HEAD`"
    assert text.replace("workspace", "folds") == told(tried, "HEAD", "folds", "--markdown")


def test_several_are_compared_with_the_first(tried: Path) -> None:
    commits = [run("git", "rev-parse", "HEAD", cwd=tried).stdout.strip(), "main"]
    text = told(tried, commits[0], commits[1], "folds", "--markdown")
    heads = [line for line in text.splitlines() if line.startswith("###")]
    names = (("main", commits[0]), ("folds", commits[0]))
    assert heads == [f"### `{new}` compared with `{old}`" for new, old in names]
    assert "No parameter has changed." in text


def test_an_unknown_revision_is_named_with_its_neighbours(tried: Path) -> None:
    message = refused(tried, "HEAD", "fold")
    assert "unknown revision 'fold'; did you mean 'folds'?" in message
    assert "dvc exp list --all-commits" in message


def test_a_name_that_no_revision_can_have_is_unknown(tried: Path) -> None:
    for name in (os.fsdecode(b"\xff"), "a" * 5000, "\x1b[31m"):
        assert "unknown revision" in refused(tried, "HEAD", name)


def test_names_that_git_allows_are_shown_as_they_are(study: Path) -> None:
    """Branches and tags of others: what HTML, a shell or a terminal would take for a command."""
    names = [
        "</script><script>alert(1)</script>",
        "-x",
        "a\x9b31m",
        "b\u202e",
        os.fsdecode(b"c\xff"),
    ]
    for name in names:
        run("git", "update-ref", f"refs/tags/{name}", "HEAD", cwd=study)
    page = study.parent / "page.html"
    text = told(study, "--html", str(page), "--", "HEAD", *names)
    assert [line for line in text.splitlines() if "compared with" in line] == [
        f"{name} compared with HEAD" for name in [*names[:2], r"a\x9b31m", r"b\u202e", r"c\udcff"]
    ]
    assert "<script>alert" not in page.read_text()


def test_a_revision_before_the_first_run_has_nothing_to_compare(tried: Path) -> None:
    message = refused(tried, "HEAD~1")
    assert "HEAD~1: has no grid search to compare: dvc.lock is not there" in message
    assert "dvc repro" in message


def test_outside_of_a_repository(tried: Path, tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(tried)}
    result = run("python", "-m", "stages.compare", cwd=tmp_path, check=False, **env)
    assert result.returncode == 1
    assert "not inside a DVC repository" in result.stderr
    run("dvc", "init", "--quiet", "--no-scm", cwd=tmp_path)
    result = run("python", "-m", "stages.compare", cwd=tmp_path, check=False, **env)
    assert "not a git repository" in result.stderr


def test_outputs_that_are_elsewhere(study: Path, tmp_path: Path) -> None:
    run("dvc", "push", "--quiet", cwd=study)
    run("git", "clone", "--quiet", str(study), "elsewhere", cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    message = refused(elsewhere, "HEAD", "HEAD")
    assert "HEAD: data/grid_search/cv_results.csv is not in DVC's cache" in message
    assert "`dvc fetch --all-commits`" in message
    assert "`dvc checkout`" in refused(elsewhere, "workspace", "HEAD")
    (study / ".dvc-remote").rename(elsewhere / ".dvc-remote")
    # What the message says, done.
    run("dvc", "fetch", "--quiet", "--all-commits", cwd=elsewhere)
    shutil.rmtree(elsewhere / ".dvc-remote")
    assert "2 of the 2 in both have the same scores." in told(elsewhere, "HEAD", "HEAD")


def test_what_is_stale_is_said(study: Path) -> None:
    params = study / "params.yaml"
    params.write_text(params.read_text().replace("- adam", "- sgd"))
    result = compare(study)
    warning = "has changed since the outputs were made; `dvc repro`"
    assert result.stderr == f"warning: workspace: params.yaml {warning}\n"
    assert "2 of the 2 in both have the same scores." in result.stdout
    commit(study, "Change without running")
    assert f"warning: HEAD: params.yaml {warning}\n" in compare(study).stderr
    shutil.rmtree(study / "data/nested_cv")
    warning = "data/nested_cv is not what dvc.lock says; `dvc checkout`"
    assert f"warning: workspace: {warning}\n" in compare(study).stderr
    figures = study / "reports/verdict.json"
    figures.replace(study / "reports/metrics.json")
    assert "no report" not in compare(study).stdout
    figures.write_text("{")
    assert "reports/verdict.json: damaged" in compare(study).stderr
    (study / "dvc.lock").write_text("stages: [")
    assert "error: workspace: dvc.lock: not YAML" in compare(study, "workspace").stderr


def test_rows_that_are_left_out_are_not_compared_fold_by_fold(study: Path) -> None:
    """The predictions that a search of fewer rows would have left, beside all else as it was."""
    scores = study / "data/grid_search/cv_results.csv"
    results = pd.read_csv(scores)
    results["split0_test_score"] += 0.01
    scores.unlink()
    write_csv(results, scores)
    assert "2 differ, on the same 2 folds, compared fold by fold" in compare(study).stdout
    path = study / "data/grid_search/predictions.parquet"
    table = pd.read_parquet(path)
    path.unlink()
    write_parquet(table[table["row"] > 0], path)
    assert "2 differ, on other folds (other rows or targets), compared" in compare(study).stdout


@pytest.mark.soak
def test_the_workflow_compares_a_pull_request(study: Path, tried: Path, tmp_path: Path) -> None:
    """Its own steps, but for setting up the environment: on a clone without DVC's outputs.

    DVC's cache and finished fits are those that an earlier run has left.
    """
    run("git", "switch", "--quiet", "--create", "change", cwd=study)
    params = study / "params.yaml"
    params.write_text(params.read_text().replace("- adam", "- adam\n    - sgd"))
    commit(study, "Try one more optimizer, not run")
    run("git", "switch", "--quiet", "main", cwd=study)
    merge = ("-c", "user.name=Test", "-c", "user.email=test@localhost", "merge", "--no-ff")
    run("git", *merge, "--quiet", "--message", "Merge", "change", cwd=study)
    runner = tmp_path / "runner"
    url = study.as_uri()
    run("git", "clone", "--quiet", "--depth=2", url, str(runner / "work"), cwd=tmp_path)
    env = {
        "GITHUB_WORKSPACE": str(runner / "work"),
        "RUNNER_TEMP": str(runner),
        "GITHUB_STEP_SUMMARY": str(runner / "summary.md"),
    }
    for kept in (".dvc/cache", ".gridlanes"):
        shutil.copytree(tried / kept, runner / "work" / kept)
    run("dvc", "repro", "--quiet", cwd=runner / "work")
    for name in ("Run the study of the base", "Compare"):
        run("bash", "-e", "-o", "pipefail", "-c", SCRIPTS[name], cwd=runner / "work", **env)
    summary = (runner / "summary.md").read_text()
    assert summary == (runner / "comparison.md").read_text()
    assert "### `workspace` compared with `base`" in summary
    assert "2 candidates then, 4 now: 2 in both, 2 new (optimizer sgd), 0 gone." in summary
    assert "2 of the 2 in both have the same scores." in summary
