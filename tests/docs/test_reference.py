"""The reference has every public name, key and command, each said what it is."""

import ast
import importlib
import inspect
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate
from ruamel.yaml import YAML
from tiny import ROOT

import gridlanes
import gridlanes.statistics
from stages import architecture
from stages.study.params import Params

sys.path.append(str(ROOT / "docs/extensions"))

import commands_page
import own_types
import params_page

#: What numpydoc asks for beyond what the house does: references, examples, more than a summary.
NOT_ASKED = {"SA01", "EX01", "ES01"}

PUBLIC = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in (gridlanes, gridlanes.statistics)
    for name in module.__all__
}

#: What the reference lists: the public names, and types that nobody imports but is given.
LISTED = own_types.listed(ROOT / "docs/reference/api.rst")

#: Every class of the library, by its name.
CLASSES = {
    own.name
    for file in ROOT.glob("gridlanes/**/*.py")
    for own in ast.parse(file.read_text()).body
    if isinstance(own, ast.ClassDef)
}

#: Of what a plan and hyperparameters consist, which people print and ask.
INSIDE = {"Asked", "Backend", "Group", "Part"}

BETWEEN_WINGS = runpy.run_path(str(ROOT / "docs/conf.py"))["autosummary_context"]["between_wings"]

FILES = [ROOT / "params.yaml", *sorted(ROOT.glob("examples/*/params.yaml"))]


def test_every_public_name_has_a_page() -> None:
    assert set(PUBLIC) <= set(LISTED)


def resolved(name: str) -> Any:
    module, _, own = name.rpartition(".")
    return getattr(importlib.import_module(module), own)


def shown(name: str) -> Iterator[Any]:
    """Yield what a page shows: a name, and of a class the methods that are not left out."""
    yield resolved(name)
    for own, value in inspect.getmembers(resolved(name), inspect.isfunction):
        home = str(value.__module__)
        if not own.startswith("_") and own not in BETWEEN_WINGS and home.startswith("gridlanes"):
            yield value


def types_said(own: Any) -> set[str]:
    """Return the words of a docstring's types and, of a function, of its annotations."""
    said = NumpyDocString(inspect.getdoc(own) or "")
    parts = [field.type for part in ("Parameters", "Returns", "Attributes") for field in said[part]]
    if inspect.isfunction(own):
        parts += map(str, own.__annotations__.values())
    return {word for text in parts for word in re.findall(r"\w+", text)}


def test_types_of_our_own_have_a_page() -> None:
    said = {name: set().union(*map(types_said, shown(name))) for name in LISTED}
    known = {own.rpartition(".")[2] for own in LISTED} | INSIDE
    without = {name: (words & CLASSES) - known for name, words in said.items()}
    assert {name: words for name, words in without.items() if words} == {}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented_as_numpydoc_asks(name: str) -> None:
    # The fields of a named tuple have docstrings of their own.
    fields = {"PR01"} if hasattr(PUBLIC[name], "_fields") else set()
    errors = dict(validate(name)["errors"])
    assert {code: errors[code] for code in set(errors) - NOT_ASKED - fields} == {}


def leaves(tree: Any, known: set[str], path: str = "") -> set[str]:
    """Return the key paths of a file, down to those below which the page lists none."""
    found = set()
    for key, value in tree.items():
        own = f"{path}{key}"
        below = isinstance(value, dict) and any(name.startswith(f"{own}.") for name in known)
        found |= {own} | (leaves(value, known, f"{own}.") if below else set())
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda own: own.parent.name)
def test_every_key_of_a_study_is_listed(file: Path) -> None:
    tree, known = YAML(typ="safe").load(file), dict(params_page.keys(Params))
    assert leaves(tree, set(known)) - set(known) == set()
    entries = {*tree["model"]["network"], *tree["grid_search"].get("network", {})}
    own = {*inspect.signature(architecture.create_model).parameters}
    estimator = {*inspect.signature(gridlanes.KerasClassifier).parameters}
    page = (ROOT / "docs/reference/params.md").read_text()
    if not (file.parent / "stages/architecture.py").exists():
        unknown = {name for name in entries - own - estimator if f"`{name}`" not in page}
        assert unknown == set()


def test_the_page_says_what_a_key_may_be() -> None:
    known = dict(params_page.keys(Params))
    assert "Has to be given; `classification` or `regression`." in known["data.task"]
    assert "Default `10`; whole number, at least 0." in known["nested_cv.outer"]
    assert "whole number, at least 1, at most 100" in known["grid_search.split.repeats"]
    assert all(len(text.partition("\n\n")[0]) > 10 for text in known.values())


def test_the_page_has_a_place_for_each_part() -> None:
    page = (ROOT / "docs/reference/params.md").read_text()
    marked = re.findall(r"<!-- keys of (.*) -->", page)
    assert marked == list(params_page.PARTS)
    assert all(params_page.PARTS[own]() for own in marked)


def test_every_command_is_found() -> None:
    assert {"stages.init", "stages.predict", "gridlanes.store"} <= set(commands_page.commands())
    assert "stages.architecture" not in commands_page.commands()
