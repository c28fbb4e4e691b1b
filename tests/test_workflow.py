"""The workflows: their form and safety, and the shell of the one that comments on pull requests."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tiny import ROOT, run
from workflow import JOBS, SCRIPTS, WORKFLOW


def checked(tool: str, path: Path) -> subprocess.CompletedProcess:
    commands = {
        "schema": ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
        "zizmor": ["zizmor", "--offline", "--no-progress", "--persona", "auditor"],
    }
    return run(*commands[tool], str(path), cwd=ROOT, check=False)


@pytest.mark.parametrize("path", sorted(WORKFLOW.parent.iterdir()), ids=lambda path: path.stem)
@pytest.mark.parametrize("tool", ["schema", "zizmor"])
def test_each_workflow_is_sound(tool: str, path: Path) -> None:
    result = checked(tool, path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        (
            "github-issue-forms",
            [".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/feature.yml"],
        ),
        ("citation-file-format", ["CITATION.cff"]),
    ],
)
def test_forms_and_citation_are_sound(schema: str, names: list[str]) -> None:
    result = run(
        "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *names, cwd=ROOT, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_python_that_is_supported_is_tested() -> None:
    """By the workflow that runs `make test`; TensorFlow has wheels for no others."""
    workflow = YAML(typ="safe").load(WORKFLOW.with_name("tests.yml"))
    job = workflow["jobs"]["test"]
    assert job["steps"][-1]["run"] == "make test"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    first, last = (int(own) for own in re.findall(r"3\.(\d+)", project["requires-python"]))
    tested = [f"3.{minor}" for minor in range(first, last)]
    assert job["strategy"]["matrix"]["python"] == tested
    named = [own for own in project["classifiers"] if ":: 3." in own]
    assert [own.rpartition(" ")[2] for own in named] == tested


@pytest.mark.parametrize(
    ("tool", "old", "new", "said"),
    [
        ("schema", "runs-on: ubuntu-24.04", "run-on: ubuntu-24.04", "run-on"),
        ("zizmor", "permissions: {}", "permissions: write-all", "excessive-permissions"),
        ("zizmor", '"$NUMBER"', '"${{ github.event.pull_request.title }}"', "template-injection"),
        ("zizmor", "@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "@v5", "unpinned-uses"),
    ],
)
def test_an_unsound_workflow_is_told(
    tmp_path: Path, tool: str, old: str, new: str, said: str
) -> None:
    text = WORKFLOW.read_text()
    assert old in text
    broken = tmp_path / ".github/workflows/study.yml"
    broken.parent.mkdir(parents=True)
    broken.write_text(text.replace(old, new))
    result = checked(tool, broken)
    assert result.returncode != 0
    assert said in result.stdout


@pytest.mark.parametrize("step", SCRIPTS)
def test_each_step_is_bash(step: str) -> None:
    script = SCRIPTS[step]
    assert "${{" not in script
    subprocess.run(["bash", "-n", "-c", script], check=True)


def test_what_runs_the_code_of_a_pull_request_cannot_write() -> None:
    """Whatever checks out or runs `make` or Python may only read; the job that writes does not."""
    for name, job in JOBS.items():
        text = str(job["steps"])
        runs_code = "checkout" in text or "make " in text or "python" in text
        writes = "write" in job["permissions"].values()
        assert runs_code != writes, name
        assert writes or "github.token" not in text, name
