"""The reference has every public name, key and command, each said what it is."""

import inspect
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from numpydoc.validate import validate
from ruamel.yaml import YAML
from tiny import ROOT

import gridlanes
import gridlanes.statistics
from stages import architecture
from stages.study.params import Params

sys.path.append(str(ROOT / "docs/extensions"))

import commands_page
import params_page

#: What numpydoc asks for beyond what the house does: references, examples, more than a summary.
NOT_ASKED = {"SA01", "EX01", "ES01"}

PUBLIC = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in (gridlanes, gridlanes.statistics)
    for name in module.__all__
}

FILES = [ROOT / "params.yaml", *sorted(ROOT.glob("examples/*/params.yaml"))]


def test_every_public_name_has_a_page() -> None:
    page = (ROOT / "docs/reference/api.rst").read_text()
    module, listed = "", []
    for line in page.splitlines():
        module = line.partition("currentmodule:: ")[2] or module
        listed += [f"{module}.{own}" for own in re.findall(r"^   ([A-Za-z_0-9]+)$", line)]
    assert sorted(listed) == sorted(PUBLIC)


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
