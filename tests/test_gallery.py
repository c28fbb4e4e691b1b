"""The gallery: its pages are made from what the studies said, and say it still."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
from tiny import ROOT

GALLERY = ROOT / "docs/gallery"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery_build", GALLERY / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date(build: ModuleType) -> None:
    """``python docs/gallery/build.py --pages-only`` writes them."""
    for name, text in build.pages().items():
        assert (GALLERY / name).read_text() == text
    assert {path.name for path in GALLERY.glob("*.md")} == {*build.pages()}


def test_every_study_has_its_words_and_a_small_picture(build: ModuleType) -> None:
    assert set(json.loads(build.WORDS.read_text())) == set(build.STUDIES)
    sizes = {path.stem: path.stat().st_size for path in build.PICTURES.iterdir()}
    assert set(sizes) == set(build.STUDIES)
    assert max(sizes.values()) < 100_000


def test_the_committed_study_says_what_its_page_quotes(build: ModuleType) -> None:
    verdict = json.loads((ROOT / "reports/verdict.json").read_text())
    words = json.loads(build.WORDS.read_text())["default"]
    assert [words[0], words[2]] == verdict["in_words"][:2]


@pytest.mark.soak
def test_a_study_says_again_what_its_page_quotes(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = json.loads(build.WORDS.read_text())["four"]
    monkeypatch.setattr(build, "GALLERY", tmp_path)
    for name in ("WORDS", "PICTURES", "REPORTS"):
        monkeypatch.setattr(build, name, tmp_path / getattr(build, name).name)
    build.run_study("four", tmp_path / "four")
    assert json.loads(build.WORDS.read_text()) == {"four": kept}
    assert (build.PICTURES / "four.png").stat().st_size < 100_000
