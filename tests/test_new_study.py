"""`make study`: a folder with what a study needs, or a line that says why there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny import clone, commit, run

from new_study import __main__ as new_study

# One source serves all, and DVC is loaded there already.
pytestmark = pytest.mark.xdist_group("study")

#: All that lies in it.
STUDY = {
    *(".dvc", ".dvcignore", ".git", ".gitattributes", ".gitignore", "LICENSE", "Makefile"),
    *("README.md", "data", "dvc.yaml", "gridlanes", "models", "params.yaml", "reports"),
    *("requirements", "requirements.txt", "stages"),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as it lies here, committed."""
    folder = clone(tmp_path_factory.mktemp("places") / "gridlanes")
    for name in ("tests/test_more.py", "reports/metrics.json", "reports/.gitignore", "dvc.lock"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("/report.html\n")
    commit(folder, "Add what a study does not get")
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def asked(source: Path, *where: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "new_study", *where],
        cwd=source,
        env={"HOME": str(source.parent), "PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def mine(source: Path) -> Path:
    """A study as `make study` makes it, in an empty folder that is there already."""
    (folder := source.parent / "my study").mkdir()
    names = {
        f"GIT_{who}_{what}": "Me" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    python = f"PYTHON={sys.executable}"
    said = run(
        "make", "--no-print-directory", "study", "DIR=../my study", python, cwd=source, **names
    ).stdout
    assert said.splitlines()[-1] == "Then: cd '../my study' && make repro"
    assert "not committed" not in said
    return folder


def test_what_a_study_needs_and_no_more(source: Path, mine: Path) -> None:
    assert set(names(mine)) == STUDY
    assert names(mine / "reports") == [".gitignore"]
    assert names(mine / "requirements") == ["dask.txt", "ray.txt"]
    for name in ("stages", "gridlanes", ".dvc"):
        listed = [run("git", "ls-files", name, cwd=folder).stdout for folder in (source, mine)]
        assert listed[0] == listed[1] != ""
    for name in ("params.yaml", "dvc.yaml", "Makefile", "data/raw/pima-indians-diabetes.csv"):
        assert (mine / name).read_bytes() == (source / name).read_bytes()
    own = (mine / ".gitattributes").read_text()
    assert "export-ignore" not in own
    assert own == (source / ".gitattributes").read_text()[: len(own)]
    assert "**/data/raw/** -text" in own


def test_it_is_kept_by_git_and_dvc(source: Path, mine: Path) -> None:
    assert run("git", "status", "--porcelain", cwd=mine).stdout == ""
    head = run("git", "rev-parse", "--short", "HEAD", cwd=source).stdout.strip()
    log = run("git", "log", "--format=%an %s", cwd=mine).stdout
    assert log.startswith("Me Start a study with gridlanes ")
    assert log.endswith(f", commit {head}\n")
    stages = run("dvc", "stage", "list", "--name-only", cwd=mine).stdout.split()
    assert "report" in stages
    plan = run("make", "--dry-run", "repro", cwd=mine).stdout
    assert "-m venv --clear .venv" in plan
    assert "python -m dvc repro" in plan


def test_its_readme_is_one_screen_and_names_what_is_there(mine: Path) -> None:
    text = (mine / "README.md").read_text()
    assert len(text.splitlines()) <= 45
    assert "ORIGIN" not in text
    for path in (
        "params.yaml",
        "stages/architecture.py",
        "data/raw/",
        "LICENSE",
        "requirements/dask.txt",
    ):
        assert f"`{path}`" in text or path in text
        assert (mine / path).exists(), path
    for stage in ("init", "predict", "compare", "grid_search"):
        assert f"python -m stages.{stage}" in text
        assert (mine / f"stages/{stage}.py").is_file()


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ((), "error: say where, outside of this folder: make study DIR=../mine"),
        (("",), "error: say where, outside of this folder: make study DIR=../mine"),
        (("../full",), "error: ../full is not empty; nothing was changed there"),
        (("../full/mine.csv",), "error: ../full/mine.csv is a file; nothing was changed there"),
        (("mine",), "error: mine is inside of this folder; name one beside it: DIR=../mine"),
        (("../none/mine",), "error: ../none/mine: there is no folder"),
    ],
)
def test_nothing_is_made_where_it_cannot_be(
    source: Path, where: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = source.parent / "full"
    full.mkdir(exist_ok=True)
    (full / "mine.csv").write_text("a,b\n")
    before = names(source.parent)
    monkeypatch.chdir(source)
    monkeypatch.setattr(sys, "argv", ["new_study", *where])
    with pytest.raises(SystemExit) as caught:
        new_study.main()
    assert caught.value.code.startswith(says)
    assert len(caught.value.code.splitlines()) == 1
    assert names(source.parent) == before
    assert names(full) == ["mine.csv"]
    assert (full / "mine.csv").read_text() == "a,b\n"


def test_without_git(source: Path, tmp_path: Path) -> None:
    result = asked(source, str(tmp_path / "mine"), PATH=str(tmp_path))
    assert result.stderr == "error: git is not in PATH; a study is kept by it\n"
    assert names(tmp_path) == []


def test_a_git_that_fails_leaves_nothing(source: Path, tmp_path: Path) -> None:
    """Here no repository can be made, since what git would copy into it cannot be read."""
    template = tmp_path / "template"
    (template / "HEAD").mkdir(parents=True)
    (goal := tmp_path / "goal").mkdir()
    result = asked(source, str(goal / "mine"), GIT_TEMPLATE_DIR=str(template))
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert names(goal) == []


def test_a_git_that_knows_no_name(source: Path, tmp_path: Path) -> None:
    """A name that git makes up would be in the study's history for ever."""
    (source / "params.yaml").write_text((source / "params.yaml").read_text() + "# Mine.\n")
    goal = tmp_path / "mine"
    result = asked(source, str(goal), GIT_CONFIG_NOSYSTEM="1")
    run("git", "checkout", "--quiet", "params.yaml", cwd=source)
    assert result.returncode == 0, result.stderr
    _, dirty, unnamed, _ = result.stdout.splitlines()
    assert dirty == "What is not committed here is not in it."
    assert unnamed.startswith("Not committed yet, as git says: ")
    assert "# Mine." not in (goal / "params.yaml").read_text()
    assert "new file:   params.yaml" in run("git", "status", cwd=goal).stdout


@pytest.mark.soak
def test_it_runs_to_the_report(mine: Path, tmp_path: Path) -> None:
    own = shutil.copytree(mine, tmp_path / "mine")
    run("dvc", "repro", cwd=own)
    assert "Tiny" in (own / "reports/report.html").read_text()
    assert (own / "models/best/README.md").is_file()
