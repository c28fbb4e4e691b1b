"""The wheel and the source archive: what is in them, and that they work without the repository."""

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tiny import ROOT, run

import gridlanes

# It is built once, and used where libraries are loaded already.
pytestmark = pytest.mark.xdist_group("study")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

#: The library's example of the README, and what that says it prints.
README = (ROOT / "README.md").read_text()
EXAMPLE = next(
    own for own in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "gridlanes" in own
)
PRINTS = re.search(r"it prints `(\{.*?\} 24 fits: 0 found, 24 trained)", README)[1]


def tracked(*paths: str) -> list[str]:
    """Return the files that git tracks here or would."""
    listed = run(
        *("git", "ls-files", "--cached", "--others", "--exclude-standard"), *paths, cwd=ROOT
    ).stdout.splitlines()
    return [name for name in listed if (ROOT / name).exists()]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel in a copy, as a person would."""
    return made(tmp_path_factory, "--wheel")


def made(tmp_path_factory: pytest.TempPathFactory, *what: str) -> Path:
    """Return a folder with what was built in a copy."""
    source, goal = (tmp_path_factory.mktemp(name) for name in ("source", "built"))
    names = ("LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "tests/test_suite.py")
    for name in (*tracked("gridlanes"), *names):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", str(goal))
    run(*build, *what, cwd=source)
    return goal


def wheel_of(built: Path) -> Path:
    return next(built.glob("*.whl"))


def test_a_wheel_of_the_library_alone(built: Path) -> None:
    names = zipfile.ZipFile(wheel_of(built)).namelist()
    code = [name for name in names if ".dist-info/" not in name]
    assert sorted(code) == sorted(tracked("gridlanes"))
    assert "gridlanes/py.typed" in code


@pytest.mark.soak
def test_a_source_archive_without_tests_makes_the_same_wheel(
    built: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # A wheel is made from the source archive where none is asked for alone.
    both = made(tmp_path_factory)
    wheels = [zipfile.ZipFile(wheel_of(folder)).namelist() for folder in (built, both)]
    assert sorted(wheels[0]) == sorted(wheels[1])
    with tarfile.open(next(both.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert set(tracked("gridlanes")) | {"LICENSE", "README.md", "pyproject.toml"} <= names
    assert not [name for name in names if name.startswith("tests")]


def test_the_wheel_says_what_it_is_and_needs(built: Path) -> None:
    wheel = zipfile.ZipFile(wheel_of(built))
    name = next(own for own in wheel.namelist() if own.endswith("METADATA"))
    said = Parser().parsestr(wheel.read(name).decode())
    assert said["Version"] == gridlanes.__version__
    assert said["Summary"] == PROJECT["description"]
    assert {"pipeline", "dask", "ray"} <= set(said.get_all("Provides-Extra"))
    needed = [own for own in said.get_all("Requires-Dist") if "extra ==" not in own]
    assert len(needed) == len(PROJECT["dependencies"])


def test_the_readmes_example_in_another_folder(built: Path, tmp_path: Path) -> None:
    """The libraries are those of the tests; `gridlanes` is the wheel's."""
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    offline = ("--no-deps", "--no-index", "--no-compile", "--quiet", "--target", str(site))
    pip = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check")
    run(*pip, *offline, str(wheel_of(built)), cwd=elsewhere)
    code = f"{EXAMPLE}\nimport gridlanes\nprint(gridlanes.__file__)"
    said = run("python", "-c", code, cwd=elsewhere, PYTHONPATH=str(site)).stdout
    assert PRINTS in said
    assert said.splitlines()[-1].startswith(str(site))
    assert (elsewhere / "fits.sqlite").is_file()


@pytest.mark.soak
def test_an_empty_environment(built: Path, tmp_path: Path) -> None:
    """With what pip finds for it, and with nothing of this repository."""
    home, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    elsewhere.mkdir()
    venv.create(home, with_pip=True)
    python = str(home / "bin/python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]

    def ended(*command: str) -> str:
        # `run` would put the tests' own environment first.
        result = subprocess.run(
            command,
            check=False,
            cwd=elsewhere,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    ended(*install, str(wheel_of(built)))
    assert PRINTS in ended(python, "-c", EXAMPLE)
    assert "24 fits: 24 found" in ended(python, "-c", EXAMPLE)
    assert f"gridlanes: {gridlanes.__version__}\n" in ended(
        python, "-m", "gridlanes.report_environment"
    )
    extras = f"gridlanes[pipeline,dask,ray] @ {wheel_of(built).as_uri()}"
    plan = ended(*(own for own in install if own != "--quiet"), "--dry-run", extras)
    assert re.search(r"Would install .*\bdistributed-.*\bdvc-.*\bray-", plan)


#: The headings of Keep a Changelog.
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
RELEASES = re.findall(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)


def test_the_changelog_has_a_section_for_each_release() -> None:
    sections = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert sections[0].startswith("Unreleased") or sections[0].startswith(gridlanes.__version__)
    assert len(RELEASES) >= len(sections) - 1
    assert sorted(RELEASES, reverse=True) == RELEASES
    assert RELEASES[-1][0] == "0.1.0"
    for section in re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.*)$", section, re.MULTILINE)
        assert set(kinds) <= KINDS
        assert len(kinds) == len(set(kinds))


def test_the_version_is_the_newest_release_or_comes_after_it() -> None:
    version, _, stage = gridlanes.__version__.partition(".dev")
    newest = tuple(map(int, RELEASES[0][0].split(".")))
    own = tuple(map(int, version.split(".")))
    assert own > newest if stage else own == newest


def test_the_citation_is_of_the_newest_release() -> None:
    said = YAML(typ="safe").load(ROOT / "CITATION.cff")
    assert (said["version"], str(said["date-released"])) == RELEASES[0]
