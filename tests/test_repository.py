"""The house: what the files of the repository promise about each other."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import grimp
import pytest
from ruamel.yaml import YAML
from tiny import CSV, ROOT, commit, run

import gridlanes
from stages.reporting import TEMPLATES
from stages.study import winner

STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("gridlanes", "stages", exclude_type_checking_imports=True)


def test_import_rules() -> None:
    result = run("lint-imports", cwd=ROOT, check=False)
    assert result.returncode == 0, result.stdout


def code_of(stage: str) -> list[str]:
    """Return what a stage depends on besides data."""
    return [
        path for path in STAGES[stage]["deps"] if not path.startswith(("data/", "models/", "$"))
    ]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_the_code_it_imports(stage: str, imports: grimp.ImportGraph) -> None:
    modules = {f"stages.{stage}", *imports.find_upstream_modules(f"stages.{stage}")}
    # To import a module is to import the packages that it is in.
    parts = [module.split(".") for module in modules]
    modules |= {".".join(own[:n]) for own in parts for n in range(1, len(own))}
    paths = [Path(module.replace(".", "/")) for module in modules]
    files = {f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py" for path in paths}
    # It says how a command ends that is still loading: nothing that a stage leaves depends on it.
    assert imports.find_modules_directly_imported_by("stages") == set()
    files -= {"stages/__init__.py"}
    listed = code_of(stage)
    covered = {
        file: [path for path in listed if f"{file}/".startswith(f"{path}/")] for file in files
    }
    assert [file for file, paths in covered.items() if not paths] == []
    assert set(listed) == {path for paths in covered.values() for path in paths}


def test_a_pipeline_that_is_read_in_one_look() -> None:
    assert len((ROOT / "dvc.yaml").read_text().splitlines()) <= 160


#: How a module names a template, and how a template names another.
TEMPLATE = re.compile(r"""TEMPLATES / "([^"]+)"|\{%-? (?:extends|include|import) "([^"]+)" """)


def rendered(source: Path) -> set[str]:
    """Return the templates that a module or template names, and those that these name."""
    names = {one or other for one, other in TEMPLATE.findall(source.read_text())}
    return names.union(*(rendered(TEMPLATES / name) for name in names))


def test_every_template_is_rendered() -> None:
    """Another name than that of a file would end in a missing file."""
    named = set().union(*(rendered(path) for path in ROOT.glob("stages/reporting/**/*.py")))
    assert named == {path.name for path in TEMPLATES.iterdir()}
    assert winner.CARD.is_file()


def test_the_lock_matches_what_is_committed() -> None:
    lock = YAML(typ="safe").load(ROOT / "dvc.lock")["stages"]
    params = YAML(typ="safe").load(ROOT / "params.yaml")
    assert set(lock) == set(STAGES)
    tracked = run("git", "ls-files", cwd=ROOT).stdout.splitlines()
    for name, stage in lock.items():
        for section, value in stage["params"]["params.yaml"].items():
            assert params[section] == value
        for item in [*stage["deps"], *stage["outs"]]:
            path = item["path"]
            if path in code_of(name) or path in tracked:
                inside = [own for own in tracked if own.startswith(f"{path}/")]
                assert digest(path, inside) == item["md5"], path


def digest(path: str, inside: list[str]) -> str:
    """Return what DVC writes into its lock for a file, or for a folder of these files."""
    if not inside:
        return hashlib.md5((ROOT / path).read_bytes()).hexdigest()
    files = [{"md5": digest(own, []), "relpath": own[len(path) + 1 :]} for own in sorted(inside)]
    return hashlib.md5(json.dumps(files, sort_keys=True).encode()).hexdigest() + ".dir"


def test_everything_the_documents_link_is_in_git() -> None:
    tracked = set(run("git", "ls-files", cwd=ROOT).stdout.splitlines())
    templates = "docs/templates/"
    documents = {name for name in tracked if name.endswith(".md") and templates not in name}
    for document in documents:
        text = (ROOT / document).read_text()
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
            path = os.path.normpath(Path(document).parent / link)
            assert path in tracked or any(name.startswith(f"{path}/") for name in tracked), link


def test_public_names() -> None:
    for name in gridlanes.__all__:
        assert getattr(gridlanes, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Keras'"):
        gridlanes.Keras  # noqa: B018


def test_no_file_names_a_package_index() -> None:
    for path in [ROOT / "requirements.txt", *ROOT.glob("requirements/*.txt")]:
        assert not re.search(r"index-url|find-links|https?://", path.read_text())


def test_the_data_card_counts_what_the_file_holds() -> None:
    rows = [line.split(",") for line in CSV.read_text().splitlines()]
    card = (CSV.parent / "README.md").read_text()
    for number, name in enumerate(rows[0][:8]):
        zeros = sum(float(row[number]) == 0 for row in rows[1:])
        assert re.search(rf"^\| {name} \|.*\| {zeros} \|$", card, re.MULTILINE), name


def test_tables_keep_their_bytes_in_git(tmp_path: Path) -> None:
    """By which DVC knows whether they have changed, in every clone and in the queue's copies."""
    content = b"a,y\r\n1,0\r\n2,1\r\n"
    names = ["data/raw/a.txt", "data/raw/deep/a.dat", "elsewhere/a.csv", "a.tsv"]
    (own := tmp_path / "own").mkdir()
    shutil.copy(ROOT / ".gitattributes", own)
    for name in (*names, "code.py"):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_bytes(content)
    run("git", "init", "--quiet", cwd=own)
    run("git", "config", "user.name", "Test", cwd=own)
    run("git", "config", "user.email", "test@localhost", cwd=own)
    commit(own, "Start")
    run("git", "clone", "--quiet", str(own), str(tmp_path / "clone"), cwd=tmp_path)
    for folder in (own, tmp_path / "clone"):
        assert [name for name in names if (folder / name).read_bytes() != content] == []
    assert b"\r" not in (tmp_path / "clone/code.py").read_bytes()


@pytest.mark.parametrize("command", ["repro", "test"])
def test_a_folder_without_git_says_what_to_do(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    for name in ("Makefile", "developing.mk", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    result = run("make", command, cwd=folder, check=False)
    assert result.returncode != 0
    assert "not a git repository" in result.stderr
    assert "    git init\n" in result.stderr
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    plan = run("make", "--dry-run", command, cwd=folder).stdout
    assert "python3" in plan
    assert "-m venv --clear .venv" in plan


def test_an_unusable_python_is_named(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "requirements").mkdir()
    for name in ("requirements.txt", "requirements/dev.txt"):
        (tmp_path / name).touch()
    result = run("make", "repro", "PYTHON=", cwd=tmp_path, check=False)
    assert result.returncode != 0
    assert "no python3 from 3.11 to 3.13" in result.stderr


def test_a_machine_without_a_browser_and_without_packages_is_told(tmp_path: Path) -> None:
    for name in ("Makefile", "developing.mk"):
        shutil.copy(ROOT / name, tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "id", "make"):
        (tools / name).symlink_to(Path(shutil.which(name)))
    result = run("make", "browser", cwd=tmp_path, check=False, PATH=str(tools))
    assert result.returncode != 0
    assert 'the tests need a browser, and none could be installed; put "chromium"' in result.stderr
    (tools / "chromium").symlink_to("/bin/true")
    assert "Installing" not in run("make", "browser", cwd=tmp_path, PATH=str(tools)).stdout
