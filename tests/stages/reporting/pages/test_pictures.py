"""The answer of a report at three widths: what it looks like, and what fits a first screen."""

import pytest
from pictures import WIDTHS, differs, kept, taken, write_page

# Where a browser is open already.
pytestmark = pytest.mark.xdist_group("study")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield write_page(folder)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_answer_looks_as_it_did(file, chromium, width):
    """`python tests/helpers/pictures.py` takes the pictures anew."""
    assert not differs(taken(chromium, file, width), kept(width))


@pytest.mark.parametrize(
    "css",
    [
        "nav { display: none; }",
        ".drawn circle, .drawn .interval { display: none; }",
        ".answer .drawn .drawing { display: none !important; }",
        ".answer { padding-top: 2rem; }",
        ".decision { font-size: 1rem !important; }",
    ],
)
def test_a_lost_or_moved_part_is_seen(file, chromium, css):
    assert differs(taken(chromium, file, 390, css), kept(390))


def test_another_drawing_of_letters_is_not(file, chromium):
    css = "body { -webkit-font-smoothing: antialiased; text-rendering: geometricPrecision; } "
    css += "main { transform: translate(.3px, .4px); }"
    assert not differs(taken(chromium, file, 390, css), kept(390))


def test_answer_and_figure_fit_a_phone_and_the_navigation_stays(file, chromium):
    with chromium.visit(file, viewport={"width": 390, "height": 844}) as visit:
        page = visit.page
        box = page.locator("#figure-answer").bounding_box()
        assert box["y"] + box["height"] <= 844
        assert box["x"] + box["width"] <= 390
        assert page.locator("nav").bounding_box()["height"] <= 48
        page.evaluate("location.hash = 'base'")
        visit.settle()
        navigation, heading = (page.locator(own).bounding_box() for own in ("nav", "h2#base"))
        assert navigation["y"] == 0
        assert navigation["height"] <= heading["y"] <= 120
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        assert page.locator("#figure-answer svg").first.is_visible()
