"""Whatever is wrong with a file of a study, its stages say so in a line and leave all as it was."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from mutations import MUTATIONS, mutated
from tiny import CSV, ROOT, tiny_params, write_params, write_table

import stages
from stages import preprocess
from stages.study import compute, params
from stages.study.artifacts import PREPARED
from stages.study.errors import reporting
from stages.study.prepared import read_prepared
from stages.study.search import make_search

#: Together, and with those of new rows, 2,000 in the long form.
SHARE = settings(
    max_examples=settings().max_examples // 4, suppress_health_check=[HealthCheck.too_slow]
)
#: Networks are built for each.
SLOW = settings(SHARE, max_examples=settings().max_examples // 20)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small table, tiny parameters and the user's file."""
    folder = tmp_path_factory.mktemp("mutations")
    write_table(folder, 39)
    write_params(tiny_params(), folder)
    shutil.copy(ROOT / "stages/architecture.py", folder)
    (folder / "compute.yaml").write_text("backend: dask\nworkers: 2\n")
    return folder


def ends_in_a_line(study: Path, name: str, mutations: list, act: Callable[[], object]) -> None:
    """Check what holds of a command, whatever one of its files has become."""
    file = study / name
    whole = file.read_bytes()
    file.write_bytes(mutated(whole.decode(), mutations).encode("utf-8", "surrogatepass"))
    try:
        with _inside(study), reporting():
            act()
    except SystemExit as ended:
        message = str(ended.code)
        assert message.startswith("error: "), message
        first, *others = re.split(r"\n(?=\d+\. |and \d+ more$)", message)
        assert len(others) <= 11
        assert all(1 <= len(one.splitlines()) <= 3 for one in (first, *others))
        assert not (study / PREPARED).exists() or name == "architecture.py"
    finally:
        file.write_bytes(whole)
    assert not list(study.rglob(".partial-*"))
    shutil.rmtree(study / PREPARED, ignore_errors=True)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@given(MUTATIONS)
@settings(SHARE)
def test_parameters(study, mutations):
    ends_in_a_line(study, "params.yaml", mutations, preprocess.main)


@given(MUTATIONS)
@settings(SHARE)
def test_the_raw_table(study, mutations):
    ends_in_a_line(study, f"data/raw/{CSV.name}", mutations, preprocess.main)


@given(MUTATIONS)
@settings(SHARE)
def test_where_to_train(study, mutations):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compute, "PATH", study / "compute.yaml")
        patch.setattr(compute, "PATIENCE", 1)
        ends_in_a_line(study, "compute.yaml", mutations, compute.load)


@given(MUTATIONS)
@settings(SLOW)
def test_the_file_of_the_user(study, mutations):
    """It is imported and its network built, as each stage does before it trains."""

    def check() -> None:
        preprocess.main()
        make_search(params.load(), read_prepared())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "__path__", [str(study), *stages.__path__])
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.delitem(sys.modules, "stages.architecture", raising=False)
        patch.delattr(stages, "architecture", raising=False)
        ends_in_a_line(study, "architecture.py", mutations, check)
        # What was imported is not the user's file of any other test.
        sys.modules.pop("stages.architecture", None)
        vars(stages).pop("architecture", None)
