"""The diagrams of the documentation: up to date, and drawn of what there is."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML
from tiny import ROOT

STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "docs/diagrams")
    import draw

    return draw


def test_the_diagrams_are_up_to_date(draw: ModuleType) -> None:
    """``python docs/diagrams/draw.py`` draws them."""
    for name, svg in draw.diagrams().items():
        assert (ROOT / "docs/images" / name).read_text() == svg


def test_arrows_lead_from_what_a_stage_needs(draw: ModuleType) -> None:
    needed = draw.pipeline.needs(STAGES)
    assert needed["preprocess"] == set()
    assert needed["diagnose"] == {"preprocess", "grid_search"}
    assert needed["report"] == set(STAGES) - {"report"}
    assert draw.pipeline.direct(needed, "diagnose") == {"grid_search"}
    assert "preprocess" not in draw.pipeline.direct(needed, "report")


def test_a_new_stage_is_drawn(draw: ModuleType) -> None:
    more = {"desc": "Something", "deps": ["models/best"], "params": ["seed"], "outs": ["data/more"]}
    assert "Something" in draw.pipeline.draw({**STAGES, "more": more})
    assert Path(sys.modules["pipeline"].__file__ or "").parent == ROOT / "docs/diagrams"
