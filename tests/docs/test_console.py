"""The commands on the pages run, and print what the pages say."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from documents import PAGES, named
from tiny import ROOT, clone, commit, run
from transcripts import Command, commands, console, difference, run_all

#: What is run elsewhere: the gallery's studies by its own test.
ELSEWHERE = {own for own in PAGES if own.parent.name == "gallery"}

#: Pages that speak of a clone, which has examples; all others of a study's own folder.
IN_CLONE = {ROOT / "README.md", ROOT / "docs/how-to/your-data.md"}

TRANSCRIPTS = {page: found for page in PAGES if page not in ELSEWHERE and (found := console(page))}


def test_lines_are_compared() -> None:
    page = ["24 fits: 0 found in 1.1 s", "...", "accuracy  0.771   # of ten"]
    said = ["24 fits: 0 found in 2 s", "more", "", "accuracy 0.7712"]
    assert difference(page, said) is None
    assert difference([], said) is None
    assert difference(page[:1], said) == "the end, found 'more'"
    assert difference(page[1:], ["accuracy 0.78"]) == f"{page[2]!r}, found 'the end'"
    assert difference(page[:1], ["25 fits: 0 found in 2 s"]) is not None
    assert commands("$ a \\\n  -b\nsaid\n$ c") == [
        Command("a \\\n  -b", ["said"]),
        Command("c", []),
    ]


def test_few_blocks_are_not_run() -> None:
    texts = [page.read_text() for page in PAGES if page not in ELSEWHERE]
    not_run = re.compile(r"<!-- not run: .+ -->\n+ *```console")
    # Those that ask the network for an environment, what is large, and a name of the reader's.
    assert sum(len(not_run.findall(text)) for text in texts) == 9
    assert len(TRANSCRIPTS) >= 8


@pytest.fixture(scope="module")
def finished_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with its study as it is committed, run and committed."""
    folder = clone(tmp_path_factory.mktemp("clone") / "gridlanes")
    shutil.copy(ROOT / "params.yaml", folder)
    commit(folder, "Take the study")
    run("dvc", "repro", cwd=folder)
    commit(folder, "Run the study")
    return folder


@pytest.fixture(scope="module")
def made_study(finished_clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make study` makes of it, run and committed; its fits are found."""
    folder = tmp_path_factory.mktemp("made") / "study"
    run("make", "study", f"DIR={folder}", f"PYTHON={sys.executable}", cwd=finished_clone)
    shutil.copytree(finished_clone / ".gridlanes", folder / ".gridlanes")
    for name in ("name", "email"):
        run("git", "config", f"user.{name}", "Test", cwd=folder)
    run("git", "branch", "--move", "--force", "main", cwd=folder)
    run("dvc", "repro", cwd=folder)
    commit(folder, "Run the study")
    return folder


@pytest.mark.soak
@pytest.mark.xdist_group("console")
@pytest.mark.parametrize("page", TRANSCRIPTS, ids=named)
def test_commands_print_what_the_page_says(
    page: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """One after the other, in a copy of a folder in which the committed study has run."""
    name = "finished_clone" if page in IN_CLONE else "made_study"
    source = request.getfixturevalue(name)
    folder = shutil.copytree(source, tmp_path / "place" / source.name, symlinks=True)
    told = TRANSCRIPTS[page]
    for command, said in zip(told, run_all(told, folder), strict=True):
        assert difference(command.below, said) is None, "\n".join([command.text, *said])
