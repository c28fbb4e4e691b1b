"""24 tables as people bring them: each runs, or ends in words that say how it would."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from many_tables import CASES, Case
from ruamel.yaml import YAML
from tiny import ROOT

from stages import (
    cross_validate,
    diagnose,
    grid_search,
    holdout,
    init,
    nested_cv,
    preprocess,
    report,
)
from stages.study import errors
from stages.study.artifacts import REPORTS
from stages.study.params import Params
from stages.study.prepared import read_prepared
from stages.study.yaml_sections import Section

pytestmark = [pytest.mark.usefixtures("traced"), pytest.mark.xdist_group("many tables")]

#: What a study of any of them starts from: no more than must be there.
START: dict[str, Any] = {
    "data": {"target": "y", "task": "classification"},
    "preprocess": {},
    "grid_search.param_grid": {"activation": ["relu"]},
}

#: To read the widest takes as long as all others.
EACH = [
    pytest.param(case, id=case.file, marks=[pytest.mark.soak] * (case.file == "genes.csv"))
    for case in CASES
]

#: Those that are run to their reports: kinds of columns, a positive class, weights.
RUN = [case for case in CASES if case.file in ("typed.parquet", "few.csv", "survey.csv")]

Bring = Callable[[Case, dict[str, Any]], None]


@pytest.fixture
def bring(workspace: Path, edit: Callable[[str, Any], None]) -> Bring:
    """Put a table where params.yaml says that it is, and set what else is to be said."""

    def put(case: Case, changes: dict[str, Any]) -> None:
        (workspace / "data/raw" / case.file).write_bytes(case.content())
        for key, value in START.items():
            edit(key, value)
        for key, value in {"data.path": f"data/raw/{case.file}", **changes}.items():
            edit(key, value)

    return put


def test_they_are_24() -> None:
    assert len(CASES) == len({case.words for case in CASES}) == 24
    assert len({case.file for case in CASES}) == 24


@pytest.mark.parametrize("case", EACH)
def test_it_runs_or_says_why_not(
    case: Case, bring: Bring, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(case, {})
    monkeypatch.setattr(sys, "argv", ["stage"])
    # Doubts about a scorer are told as training begins; a plan goes as far as that.
    search = grid_search.main if "scoring" in case.says else grid_search.plan
    try:
        for stage in (preprocess.main, search):
            errors.run(stage, "")
    except SystemExit as end:
        assert end.code == case.says
        return
    assert capsys.readouterr().err.strip() == case.says
    assert case.warns or not case.says


@pytest.mark.parametrize("case", [own for own in EACH if own.values[0].becomes])
def test_it_becomes_what_was_meant(
    case: Case, bring: Bring, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(case, case.changes)
    preprocess.main()
    assert capsys.readouterr().out.strip() == case.becomes
    assert len(read_prepared().y) == case.rows
    # Checks all that can be, and builds the network.
    grid_search.plan()
    assert "2 lanes for 2 fits" in capsys.readouterr().out


@pytest.mark.parametrize("case", EACH)
def test_init_finds_most_of_it(
    case: Case,
    workspace: Path,
    edit: Callable[[str, Any], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = f"data/raw/{case.file}"
    (workspace / path).write_bytes(case.content())
    wanted = case.becomes if case.by_init is None else case.by_init
    try:
        init.init(path, "y", write=True)
    except errors.InputError as error:
        assert f"error: {error}" == wanted
        return
    said = capsys.readouterr().out
    preprocess.main()
    assert capsys.readouterr().out.strip() == wanted
    # What is to be pasted holds, all of it at once.
    lines = said.partition("to paste below data")[2]
    pasted = [line for line in lines.splitlines()[1:] if line.startswith("  ")]
    for line in pasted:
        for key, value in YAML(typ="safe", pure=True).load(line).items():
            edit(f"data.{key}", value)
    if pasted:
        preprocess.main()


@pytest.mark.soak
@pytest.mark.parametrize("case", RUN, ids=[case.file for case in RUN])
def test_it_runs_to_its_report(case: Case, bring: Bring, workspace: Path) -> None:
    bring(case, {**case.changes, "nested_cv.permutations": 0})
    for stage in (preprocess, cross_validate, grid_search, nested_cv, diagnose, holdout, report):
        stage.main()
    assert case.file in (workspace / REPORTS / "report.html").read_text()


def rows_of_the_guide(head: str) -> list[str]:
    """Return the rows of a table of the guide, by its head."""
    guide = (ROOT / "docs/how-to/your-data.md").read_text()
    rows = guide.partition(f"{head}\n")[2].partition("\n\n")[0].splitlines()
    return rows[1:]


def test_the_guide_has_all_of_them() -> None:
    """``python tests/helpers/many_tables.py`` prints these rows."""
    said = rows_of_the_guide("| the table | what happens | what you may set |")
    assert said == [case.row for case in CASES]


def test_the_guide_shows_what_init_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (ROOT / "docs/how-to/your-data.md").read_text()
    command = "$ python -m stages.init data/raw/penguins.csv --target Sex\n"
    shown = guide.partition(command)[2].partition("```")[0]
    (tmp_path / "data").mkdir()
    shutil.copy(ROOT / "params.yaml", tmp_path)
    shutil.copytree(ROOT / "examples/penguins/data/raw", tmp_path / "data/raw")
    monkeypatch.chdir(tmp_path)
    init.init("data/raw/penguins.csv", "Sex")
    said = capsys.readouterr().out
    for part in shown.split("...\n"):
        assert part in said
        said = said.partition(part)[2]
    assert not said


def test_the_guide_has_every_key_and_which_must_be_there() -> None:
    rows = [row.split(" | ") for row in rows_of_the_guide("| entry | is | if left out |")]
    said = {row[0].strip("| `"): row[-1].strip(" |") == "error" for row in rows}
    keys: dict[str, bool] = {}
    for name, field in Params.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            inner = field.annotation.model_fields
            keys |= {f"{name}.{key}": own.is_required() for key, own in inner.items()}
        else:
            keys[name] = field.is_required()
    assert said == keys
    assert len(rows) == len(said)
