"""Which edits of the code change the keys of a store, shown on copies of the code."""

import ast
import re
import shutil
from pathlib import Path

import pytest
from tiny import ROOT

from gridlanes.versions import NUMERIC, code_version

#: Modules that cannot change a result: they decide what is asked for, which is part of every
#: fit's content, or what is done with a result.
OTHERS = {
    "__init__",
    "audit",
    "base",
    "base_search",
    "content",
    "engine",
    "errors",
    "estimators",
    "fit_report",
    "folds",
    "keeping",
    "joblib_private",
    "keras_objects",
    "loading",
    "machine",
    "nested",
    "origin",
    "parameters",
    "places",
    "plan_text",
    "predictions",
    "progress",
    "quick_scoring",
    "record",
    "replay",
    "search",
    "seeding",
    "sklearn_private",
    "statistics",
    "store",
    "store_command",
    "validation",
    "versions",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "gridlanes", tmp_path / "gridlanes")


def edit(copy: Path, module: str, pattern: str, replacement: str) -> None:
    path = copy / f"{module}.py"
    text, count = re.subn(pattern, replacement, path.read_text(), count=1, flags=re.MULTILINE)
    assert count == 1
    ast.parse(text)
    path.write_text(text)


def test_every_module_is_known_to_change_numbers_or_not_to():
    paths = (path.relative_to(ROOT / "gridlanes") for path in (ROOT / "gridlanes").rglob("*.py"))
    # A package within counts as one.
    modules = {path.parts[0].removesuffix(".py") for path in paths}
    assert {*NUMERIC} | OTHERS == modules
    assert not {*NUMERIC} & OTHERS


@pytest.mark.parametrize(
    ("module", "pattern", "replacement"),
    [
        ("optimizers", r'"""Lion\."""', '"""Lion, evolved by a search."""'),
        ("program", r'^"""TensorFlow functions', '"""Some TensorFlow functions'),
        (
            "training",
            r"^    # Reading|^            # Reading a number",
            "            # To read one",
        ),
        ("states", r"^def keep", "\n\n# Another comment.\n\n\ndef keep"),
        ("plan_text", r"in the store", "found"),
        ("store", r"CHUNK = 8", "CHUNK = 4"),
        ("base_search", r'"Search, as', '"Search as'),
    ],
)
def test_what_cannot_change_numbers_keeps_the_keys(copy, module, pattern, replacement):
    before = code_version(copy)
    edit(copy, module, pattern, replacement)
    assert code_version(copy) == before


@pytest.mark.parametrize(
    ("module", "pattern", "replacement"),
    [
        ("optimizers", r"0\.96", "0.97"),
        ("optimizers", r"w - g\.total \* lr, slots", "w + g.total * lr, slots"),
        ("streams", r"epoch \* own \+", "epoch + own +"),
        ("rounding", r"128 \* 128", "64 * 64"),
        ("targets", r"reshape\(-1, 1\)\.astype\(dtype\)", "reshape(-1, 1).astype(float)"),
        ("training", r"epoch \+ 1 < ", "epoch + 1 <= "),
        ("plan", r"longest = max", "longest = min"),
        ("riding", r'"elu",\n', ""),
    ],
)
def test_what_can_change_numbers_changes_the_keys(copy, module, pattern, replacement):
    before = code_version(copy)
    edit(copy, module, pattern, replacement)
    assert code_version(copy) != before


@pytest.mark.parametrize("module", NUMERIC)
def test_every_numeric_module_counts(copy, module):
    before = code_version(copy)
    (copy / f"{module}.py").write_text((copy / f"{module}.py").read_text() + "\nADDED = 1\n")
    assert code_version(copy) != before
