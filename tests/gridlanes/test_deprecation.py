"""How something public goes: with a warning at the user's line, and in the version it says."""

import ast
import sys
import types
import warnings

import pytest
from tiny import ROOT

from gridlanes import __version__

#: A module of the library with a parameter that goes, as CONTRIBUTING.md shows it.
LIBRARY = """
from gridlanes.deprecation import warn_deprecated

def search(lanes=True, engine=None):
    return _resolved(lanes, engine)

def _resolved(lanes, engine):
    if engine is not None:
        warn_deprecated("search(engine=...)", "search(lanes=...)", since="0.3", until="0.4")
        lanes = engine == "lanes"
    return lanes
"""


def library(name: str) -> types.ModuleType:
    module = types.ModuleType(name)
    exec(compile(LIBRARY, f"{name}.py", "exec"), module.__dict__)
    return module


def test_the_warning_names_the_line_of_the_user() -> None:
    search = library("gridlanes.model_selection.made_up").search
    with pytest.warns(FutureWarning) as caught:
        assert search(engine="keras") is False
    assert len(caught) == 1
    assert str(caught[0].message) == (
        "search(engine=...) is deprecated since gridlanes 0.3 and goes in 0.4; use search(lanes=...)"
    )
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert search() is True


def test_a_package_of_another_name_is_a_user() -> None:
    search = library("gridlanes_of_somebody").search
    with pytest.warns(FutureWarning) as caught:
        search(engine="keras")
    assert caught[0].filename == "gridlanes_of_somebody.py"


#: A package whose names are loaded on first use, as those of gridlanes are.
NAMES = """
from gridlanes.deprecation import warn_deprecated

def __getattr__(name):
    if name == "Old":
        warn_deprecated("gridlanes.Old", "gridlanes.New", since="0.3", until="0.4")
        return "new"
    raise AttributeError(name)
"""


def test_a_name_that_is_imported_can_go(monkeypatch: pytest.MonkeyPatch) -> None:
    package = types.ModuleType("gridlanes.made_up")
    package.__path__ = []
    exec(compile(NAMES, "made_up.py", "exec"), package.__dict__)
    monkeypatch.setitem(sys.modules, package.__name__, package)
    with pytest.warns(
        FutureWarning, match=r"gridlanes\.Old is deprecated .*; use gridlanes\.New"
    ) as caught:
        from gridlanes.made_up import Old
    assert Old == "new"
    assert {own.filename for own in caught} == {__file__}


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(own) for own in version.split(".")[:2])


def overdue(source: str, version: str) -> list[str]:
    """Return what a source still warns of in the version in which it was to be gone."""
    calls = [
        {key.arg: key.value.value for key in call.keywords} | {"old": ast.unparse(call.args[0])}
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("warn_deprecated")
    ]
    return [call["old"] for call in calls if numbers(call["until"]) <= numbers(version)]


def test_nothing_stays_longer_than_it_says() -> None:
    assert overdue(LIBRARY, "0.3.0") == []
    assert overdue(LIBRARY, "0.4.0.dev0") == ["'search(engine=...)'"]
    sources = [path for name in ("gridlanes", "stages") for path in (ROOT / name).rglob("*.py")]
    late = {
        str(path): overdue(path.read_text(), __version__)
        for path in sources
        if "warn_deprecated(" in path.read_text()
    }
    assert not any(late.values()), late
