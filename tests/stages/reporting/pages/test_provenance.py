"""Which commit a report names, and what it says of inputs that no commit holds."""

from pathlib import Path

import pytest
from tiny import ROOT, commit, run

from stages.reporting.pages import provenance

DATA = "data/raw/rows.csv"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with a pipeline of one stage, committed."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "dvc.yaml": "stages: {a: {deps: ['${data.path}', code.py, data/b, code], outs: [data/b]}}",
        "code.py": "",
        "code/style.css": "",
        "params.yaml": "",
        "requirements.txt": "",
        DATA: "a\n1\n",
    }.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    run("git", "init", "--quiet", cwd=tmp_path)
    run("git", "config", "user.name", "Test", cwd=tmp_path)
    run("git", "config", "user.email", "test@localhost", cwd=tmp_path)
    return tmp_path


def head(folder):
    return run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()


def clean(commit):
    return {"commit": commit, "changed": [], "blob": None}


def test_inputs_are_read_and_not_written(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = provenance.inputs()
    assert {"params.yaml", "dvc.yaml", "requirements.txt"} <= set(found)
    assert {"stages/architecture.py", "stages/reporting", "gridlanes"} <= set(found)
    assert not [path for path in found if path.startswith(("data/", "reports", "models", "$"))]
    assert found == sorted(set(found))


def test_the_commit_is_the_last_one_that_changed_an_input(repository):
    assert provenance.revision(DATA) == {"commit": None, "changed": [], "blob": None}
    commit(repository, "Start")
    start = head(repository)
    Path("README.md").write_text("more")
    Path("data/b").write_text("an output")
    commit(repository, "Keep the results")
    assert provenance.revision(DATA) == clean(start)
    for name in ("code/style.css", DATA, "dvc.yaml", "requirements.txt"):
        Path(name).write_text(Path(name).read_text() + " ")
        assert provenance.revision(DATA)["changed"] == [name]
        commit(repository, f"Change {name}")
        assert provenance.revision(DATA) == clean(head(repository))


def test_a_table_that_no_commit_holds_is_named(repository):
    Path(".gitignore").write_text("*.csv")
    commit(repository, "Start")
    assert provenance.revision(DATA)["changed"] == [DATA]
    Path(f"{DATA}.dvc").write_text("outs: []")
    assert provenance.revision(DATA)["changed"] == [DATA, f"{DATA}.dvc"]
    commit(repository, "Track the table by DVC")
    assert provenance.revision(DATA) == clean(head(repository))
    outside = str(repository.parent / "rows.csv")
    found = provenance.revision(outside)
    assert found["changed"] == [outside]
    assert found["commit"] is not None


def test_what_was_changed_is_found_in_the_commit_that_came_to_hold_it(repository):
    """A page that was made before its inputs were committed stays true."""
    commit(repository, "Start")
    Path("code.py").unlink()
    Path("params.yaml").write_text("seed: 8")
    found = provenance.revision(DATA)
    assert found["changed"] == ["code.py", "params.yaml"]
    commit(repository, "Change it, with what that made")
    search = ("git", "log", "--all", "--format=%H", f"--find-object={found['blob']}")
    assert run(*search, cwd=repository).stdout.split() == [head(repository)]


def test_many_changes_are_counted(repository):
    commit(repository, "Start")
    for name in ("code.py", "code/style.css", "params.yaml", "requirements.txt", "dvc.yaml", DATA):
        Path(name).write_text(Path(name).read_text() + " ")
    changed = provenance.revision(DATA)["changed"]
    assert len(changed) == provenance.SHOWN + 1
    assert changed[-1] == "1 more"
