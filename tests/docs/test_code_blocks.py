"""The code on the pages: Python runs, commands and settings name what there is."""

import ast
import importlib
import itertools
import re
import shlex
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from documents import PAGES, named
from ruamel.yaml import YAML
from sybil import Document
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from tiny import ROOT
from transcripts import NOT_RUN

sys.path.append(str(ROOT / "docs/extensions"))

import params_page

from stages.study.params import Params

#: All keys of params.yaml.
KEYS = dict(params_page.keys(Params))


def python(page: Path) -> Document:
    return Document.parse(str(page), PythonCodeBlockParser())


def runs(example: Any) -> bool:
    return NOT_RUN.search(example.document.text[: example.start]) is None


def blocks(language: str) -> Iterator[str]:
    for page in PAGES:
        document = Document.parse(str(page), CodeBlockParser(language, lambda _: None))
        for example in document.examples():
            yield str(example.parsed)


WITH_PYTHON = [own for own in PAGES if list(python(own).examples())]


def test_few_blocks_are_not_run() -> None:
    examples = [own for page in WITH_PYTHON for own in python(page).examples()]
    # A script for SciKeras and one for KerasTuner, beside what becomes of them, and the front page's.
    assert len([own for own in examples if not runs(own)]) == 3
    assert len(examples) >= 9


def test_the_front_page_has_the_ten_lines_that_are_run_elsewhere() -> None:
    first = next(iter(python(ROOT / "docs/start/ten-lines.md").examples()))
    assert [own.parsed for own in python(ROOT / "docs/index.md").examples()] == [first.parsed]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=named)
def test_python_takes_from_the_library_what_is_there(page: Path) -> None:
    for example in python(page).examples():
        for node in ast.walk(ast.parse(str(example.parsed))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("gridlanes"):
                module = importlib.import_module(str(node.module))
                assert [own.name for own in node.names if not hasattr(module, own.name)] == []


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("page", WITH_PYTHON, ids=named)
def test_python_runs(page: Path, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block after block, in a folder in which a study has run."""
    monkeypatch.chdir(study)
    document = python(page)
    for example in document.examples():
        if runs(example):
            example.evaluate()


def commands() -> Iterator[list[str]]:
    """Yield the words of each command that is shown, those behind a ``&&`` or a bar too."""
    for block in blocks("console"):
        # A command may go on in the next line.
        lines = re.sub(r"\\\n\s*", "", block)
        for line in re.findall(r"^ *\$ (.*)$", lines, re.MULTILINE):
            words = shlex.split(line, comments=True)
            ends = [n for n, word in enumerate(words) if word in ("&&", "|")]
            for begin, end in itertools.pairwise([-1, *ends, len(words)]):
                yield words[begin + 1 : end]


def test_commands_name_what_there_is() -> None:
    rules = (ROOT / "Makefile").read_text() + (ROOT / "developing.mk").read_text()
    targets = re.findall(r"^(\w+):", rules, re.MULTILINE)
    looked_at = 0
    for words in commands():
        if words[:2] == ["python", "-m"] and find_spec(words[2].partition(".")[0]) is not None:
            assert find_spec(words[2]) is not None, words
            looked_at += 1
        if words[:1] == ["make"]:
            assert words[1] in targets, words
            looked_at += 1
        for example in (own for own in words if own.startswith("examples/")):
            assert (ROOT / example).exists(), words
    assert looked_at >= 10


def known(path: str) -> bool:
    """Return whether a key path is one of params.yaml, or lies below a mapping of free keys."""
    free = [own for own in KEYS if own.endswith((".network", ".param_grid", ".missing", ".dates"))]
    return path in KEYS or path.startswith(tuple(f"{own}." for own in free))


def test_settings_on_command_lines_are_keys() -> None:
    paths = [
        word.lstrip("+~").partition("=")[0]
        for words in commands()
        for flag, word in itertools.pairwise(words)
        if flag in ("-S", "--set-param")
    ]
    assert len(paths) >= 10
    assert [own for own in paths if not known(own)] == []


def inside(tree: Any, path: str = "") -> Iterator[str]:
    for key, value in tree.items():
        yield f"{path}{key}"
        if isinstance(value, dict) and not known(f"{path}{key}.any"):
            yield from inside(value, f"{path}{key}.")


def test_settings_in_files_are_keys() -> None:
    loaded = [YAML(typ="safe").load(block) for block in blocks("yaml")]
    of_params = [own for own in loaded if set(own) <= set(Params.model_fields)]
    assert of_params
    for tree in of_params:
        assert [path for path in inside(tree) if not known(path)] == []
