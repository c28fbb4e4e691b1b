"""Which edits of the code change the keys of a store, shown on copies of the code."""

import ast
import re
import shutil
from pathlib import Path

import pytest
from tiny import ROOT

from gridlanes.store.versions import NUMERIC, code_version

#: Wings that cannot change a result: they decide what is asked for, which is part of every fit's
#: content, or what is done with a result.
WINGS = {"estimators", "model_selection", "statistics", "store"}

#: Modules of the other wings that cannot either.
OTHERS = {
    "__init__",
    "compat/__init__",
    "compat/joblib",
    "compat/joblib_in_turn",
    "compat/load_keras",
    "compat/notebook",
    "compat/sklearn",
    "deprecation",
    "errors",
    "networks/__init__",
    "networks/audit",
    "networks/hyperparameters",
    "networks/listed",
    "networks/metric_names",
    "networks/number_checks",
    "networks/parameters",
    "networks/pickling",
    "networks/signatures",
    "networks/spellings",
    "networks/tunable",
    "planning/__init__",
    "planning/fit_key",
    "planning/joblib_backend",
    "planning/machine",
    "planning/once",
    "planning/plan",
    "planning/stored_fits",
    "programs/__init__",
    "report_environment",
    "workers/__init__",
    "wrappers",
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
    modules = {path.with_suffix("").as_posix() for path in paths}
    known = {name for name in modules if name in OTHERS or name.partition("/")[0] in WINGS}
    assert {*NUMERIC} | known == modules
    assert modules >= OTHERS
    assert not {*NUMERIC} & known


@pytest.mark.parametrize(
    ("module", "pattern", "replacement"),
    [
        ("programs/optimizer_updates", r'"""Lion\."""', '"""Lion, evolved by a search."""'),
        ("programs/program", r'^"""TensorFlow functions', '"""Some TensorFlow functions'),
        (
            "programs/training_loop",
            r"^            # Reading numbers",
            "            # To read one",
        ),
        ("programs/states", r"^def keep", "\n\n# Another comment.\n\n\ndef keep"),
        ("planning/plan", r"in the store", "found"),
        ("store/store", r"CHUNK = 8", "CHUNK = 4"),
        ("model_selection/base_search", r'"Search, as', '"Search as'),
    ],
)
def test_what_cannot_change_numbers_keeps_the_keys(copy, module, pattern, replacement):
    before = code_version(copy)
    edit(copy, module, pattern, replacement)
    assert code_version(copy) == before


@pytest.mark.parametrize(
    ("module", "pattern", "replacement"),
    [
        ("programs/optimizer_updates", r"0\.96", "0.97"),
        (
            "programs/optimizer_updates",
            r'w - g\.total \* c\["lr"\], slots',
            'w + g.total * c["lr"], slots',
        ),
        ("programs/mini_batches", r"epoch\) \* own \+", "epoch) + own +"),
        ("programs/bitwise_equality", r"128 \* 128", "64 * 64"),
        ("networks/targets", r"reshape\(-1, 1\)\.astype\(dtype\)", "reshape(-1, 1).astype(float)"),
        ("programs/training_loop", r"epoch \+ 1 < ", "epoch + 1 <= "),
        ("planning/planner", r"longest = max", "longest = min"),
        ("programs/supported", r'"elu",\n', ""),
    ],
)
def test_what_can_change_numbers_changes_the_keys(copy, module, pattern, replacement):
    before = code_version(copy)
    edit(copy, module, pattern, replacement)
    assert code_version(copy) != before


@pytest.mark.parametrize("step", [15, pytest.param(1, marks=pytest.mark.soak)])
def test_every_numeric_module_counts(copy, step):
    before = code_version(copy)
    for module in NUMERIC[::step]:
        path = copy / f"{module}.py"
        text = path.read_text()
        path.write_text(text + "\nADDED = 1\n")
        assert code_version(copy) != before, module
        path.write_text(text)
    assert code_version(copy) == before
