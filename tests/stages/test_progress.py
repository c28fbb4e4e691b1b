"""In a terminal a line says how far a stage is, and is gone when it ends; elsewhere there is none."""

import re

import pytest
from ruamel.yaml import YAML
from terminal import in_terminal
from tiny import run, write_params

pytestmark = pytest.mark.xdist_group("study")

BAR = "━"


def lines_of(screen, stage: str) -> list[str]:
    """Return what the line of a stage has said, without its bar and the time."""
    own = [line for line in screen.seen if line.startswith(stage)]
    return list(dict.fromkeys(re.split(r"  +|[━╸╺]", line)[0].rstrip() for line in own))


def test_a_stage_says_what_it_does_and_leaves_nothing(study):
    (study / ".gridlanes/fits.sqlite").unlink()
    screen, status = in_terminal("python", "-m", "stages.cross_validate", cwd=study)
    assert status == 0
    assert re.fullmatch(r"2 fits: 0 found, 2 trained in \d+\.\d s", screen.text)
    said = [line.partition(": ")[2] for line in lines_of(screen, "cross_validate")]
    fits = "2 fits of the base model"
    phases = [
        "reading data/prepared",
        "checking model.network",
        fits,
        f"{fits}, preparing rows",
        f"{fits}, building networks",
        f"{fits}, training",
        f"{fits}, scoring",
        "baselines, looking scores up",
        "baselines",
        "writing data/cross_validate",
    ]
    assert [line for line in said if line in phases] == phases


def test_on_a_narrow_terminal_it_stays_one_line(study):
    screen, status = in_terminal("python", "-m", "stages.nested_cv", cwd=study, width=44)
    assert status == 0
    assert BAR not in screen.text
    assert screen.text.startswith("nested: 10 fits: 10 found")
    own = [line for line in screen.seen if line.startswith("nested_cv")]
    assert len(own) > 5
    assert max(map(len, own)) <= 44
    assert any(line.startswith("nested_cv: looking") for line in own)


def test_an_error_stands_alone(study):
    params = YAML().load(study / "params.yaml")
    params["model"]["network"]["activation"] = "rleu"
    write_params(params, study)
    screen, status = in_terminal("python", "-m", "stages.cross_validate", cwd=study, width=300)
    assert status == 1
    assert screen.text.startswith("error: params.yaml: model.network.activation: ")
    assert BAR not in screen.text
    assert "cross_validate: checking model.network" in lines_of(screen, "cross_validate")


def test_what_is_said_meanwhile_stands_above(study):
    """Warnings are whole, and in their place."""
    table = study / "data/raw/pima-indians-diabetes.csv"
    rows = [f"{line},{1 if n else 'same'}" for n, line in enumerate(table.read_text().splitlines())]
    table.write_text("\n".join(rows) + "\n")
    screen, status = in_terminal("python", "-m", "stages.preprocess", cwd=study, width=500)
    assert status == 0
    *warnings, said = screen.text.splitlines()
    assert {line.partition(": ")[0] for line in warnings} == {"warning"}
    assert (
        f"warning: {table.relative_to(study)}: column 'same' is constant and tells a network nothing"
        in warnings
    )
    assert said == "9 columns as features: 9 numbers"
    assert "preprocess: checking columns" in lines_of(screen, "preprocess")


def test_without_a_terminal_there_is_none(study):
    stage = ("python", "-m", "stages.cross_validate")
    assert run(*stage, cwd=study).stderr == ""
    # Nor in one that draws no line anew.
    screen, status = in_terminal(*stage, cwd=study, TERM="dumb")
    assert (status, len(screen.seen)) == (0, 1)


@pytest.mark.soak
def test_dvc_hands_its_terminal_on(study):
    screen, status = in_terminal("dvc", "repro", "--force", cwd=study)
    assert status == 0
    assert BAR not in screen.text
    stages = "preprocess cross_validate grid_search nested_cv diagnose holdout report"
    for stage in stages.split():
        assert f"{stage}: writing" in " ".join(lines_of(screen, stage))
    assert BAR not in run("dvc", "repro", "--force", cwd=study).stderr
