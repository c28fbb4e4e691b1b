"""One term for one thing: what the glossary says not to say is not said."""

import ast
import re
import sys
from pathlib import Path

import pytest
from documents import OF_SITE, named
from tiny import ROOT

import gridlanes
import gridlanes.statistics
from stages.study.params import Params

sys.path.append(str(ROOT / "docs/extensions"))

import commands_page
import params_page

GLOSSARY = ROOT / "docs/glossary.md"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *OF_SITE]


def forbidden() -> list[str]:
    """Return the words of the first column of the table at the end of the glossary."""
    table = GLOSSARY.read_text().partition("| --- | --- |\n")[2]
    return [word for row in table.splitlines() for word in row.split("|")[1].strip().split(", ")]


def prose(text: str) -> str:
    """Return a text without its code, whose names may be anything."""
    text = re.sub(r"^( *)```.*?^\1```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"``?[^`]+``?|<!--.*?-->", "", text, flags=re.DOTALL)


def said(text: str) -> list[str]:
    words = "|".join(map(re.escape, forbidden()))
    return re.findall(rf"\b(?:{words})s?\b", " ".join(prose(text).split()), re.IGNORECASE)


def test_what_is_forbidden_is_found() -> None:
    assert len(forbidden()) >= 10
    assert said("The Verdicts, and `verdict` of a\ntraining\nset.\n```\ntrial\n```\n") == [
        *("Verdicts", "training set")
    ]


@pytest.mark.parametrize("page", [own for own in PAGES if own != GLOSSARY], ids=named)
def test_pages_use_the_terms_of_the_glossary(page: Path) -> None:
    assert said(page.read_text()) == []


def test_public_names_are_described_in_the_terms_of_the_glossary() -> None:
    for module in (gridlanes, gridlanes.statistics):
        docs = {name: getattr(module, name).__doc__ or "" for name in module.__all__}
        assert {name: said(text) for name, text in docs.items() if said(text)} == {}


def test_commands_and_keys_are_described_in_the_terms_of_the_glossary() -> None:
    described = dict(params_page.keys(Params))
    for name in commands_page.commands():
        source = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        if source.exists():
            described[name] = ast.get_docstring(ast.parse(source.read_text())) or ""
    assert "stages.compare" in described
    assert {name: said(text) for name, text in described.items() if said(text)} == {}


def test_terms_stand_once_and_in_order() -> None:
    terms = re.findall(r"^\*\*(.+?)\*\*:", GLOSSARY.read_text(), re.MULTILINE)
    assert terms == sorted(set(terms), key=str.casefold)
