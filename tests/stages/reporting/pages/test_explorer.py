"""The page in a real browser: opened from disk, brushed, sorted, shared, downloaded, read aloud."""

import csv
import math
import re

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from made_up import GRID, make_up, report_in_words, report_the_search

from stages.reporting.figures.parallel_coordinates import PADDING, chart
from stages.reporting.figures.search import MOST
from stages.study.artifacts import GRID_SEARCH, REPORTS, read_csv

# Where a browser is open already.
pytestmark = pytest.mark.xdist_group("study")

PAGE = REPORTS / "report.html"

#: WCAG 2.1, levels A and AA, and what is good practice beyond it.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A report of 18 cells, one of them failed."""
    folder = tmp_path_factory.mktemp("made up")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        make_up(folder, failed=[3])
        report_the_search()
    return folder


@pytest.fixture
def table(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return read_csv(GRID_SEARCH / "cv_results.csv")


@pytest.fixture(scope="module")
def window(folder, chromium):
    """A window of a common size."""
    with chromium.visit(folder / PAGE, viewport={"width": 1280, "height": 900}) as visit:
        yield visit


@pytest.fixture
def opened(folder, window):
    """The page in that window, loaded afresh."""
    window.open(folder / PAGE)
    yield window
    assert window.from_elsewhere() == []
    assert window.said == []


def cells(page) -> list[int]:
    """Return the cells of the table, in its order."""
    return [int(own) for own in page.locator("#cells-table tbody td:first-child").all_inner_texts()]


def axis_place(page, axis: int, height: float, last: int = len(GRID)) -> tuple[float, float]:
    """Return where on the screen an axis of the chart is, so high from 0 to 1.

    The axis of scores is the last one.
    """
    box = page.locator("#chart canvas").bounding_box()
    width = box["width"] - PADDING["left"] - PADDING["right"]
    inner = box["height"] - PADDING["top"] - PADDING["bottom"]
    across = box["x"] + PADDING["left"] + width * axis / last
    return across, box["y"] + PADDING["top"] + inner * (1 - height)


def brush(page, axis: int, low: float, high: float, last: int = len(GRID)) -> None:
    page.locator("#chart").scroll_into_view_if_needed()
    page.mouse.move(*axis_place(page, axis, high, last))
    page.mouse.down()
    page.mouse.move(*axis_place(page, axis, (low + high) / 2, last))
    page.mouse.move(*axis_place(page, axis, low, last))
    page.mouse.up()


def test_it_opens_from_disk_with_all_cells(opened, table):
    ranked = table.sort_values(["rank_test_score", "candidate"])["candidate"].tolist()
    assert cells(opened.page) == ranked
    assert opened.requested[0].startswith("file:")
    assert opened.page.locator("#count").inner_text() == "18 of 18 candidates"


def test_a_brush_filters_table_and_boxes(opened, table):
    page = opened.page
    # Texts in order: relu, sigmoid, tanh from the bottom up.
    brush(page, 0, 0.7, 0.98)
    tanh = table.query("activation == 'tanh'")["candidate"]
    assert sorted(cells(page)) == tanh.tolist()
    boxes = page.locator("#filters fieldset[data-axis='0'] input")
    assert [box.is_checked() for box in boxes.all()] == [False, False, True]
    # A second one narrows further, and a click on an axis lets go.
    brush(page, 1, 0.02, 0.3)
    assert (
        sorted(cells(page))
        == table.query("activation == 'tanh' and epochs == 5")["candidate"].tolist()
    )
    page.mouse.click(*axis_place(page, 0, 0.5))
    assert sorted(cells(page)) == table.query("epochs == 5")["candidate"].tolist()
    page.get_by_role("button", name="Clear the filters").click()
    assert len(cells(page)) == 18


def test_a_brush_on_the_scores_keeps_the_best(opened, table):
    brush(opened.page, len(GRID), 0.5, 1)
    low, high = table["mean_test_score"].min(), table["mean_test_score"].max()
    kept = set(cells(opened.page))
    # Within a pixel or two of the middle.
    above = table["mean_test_score"] > (low + high) / 2 + 0.01 * (high - low)
    below = table["mean_test_score"] < (low + high) / 2 - 0.01 * (high - low)
    assert set(table.loc[above, "candidate"]) <= kept
    assert not kept & set(table.loc[below, "candidate"])
    assert 3 not in kept
    bounds = opened.page.locator("[data-score=mean] input")
    assert float(bounds.first.input_value()) == pytest.approx((low + high) / 2, abs=0.002)


def test_headers_sort_both_ways(opened, table):
    page = opened.page
    columns = {"candidate": "candidate", "rank": "rank_test_score"}
    columns |= {"mean": "mean_test_score", "sd": "std_test_score"}
    columns |= {"activation": "activation", "epochs": "epochs"}
    for name, column in columns.items():
        header = page.locator("#cells-table").get_by_role("columnheader", name=name, exact=True)
        for ascending, said in ((True, "ascending"), (False, "descending")):
            header.get_by_role("button").click()
            assert header.get_attribute("aria-sort") == said
            sorting = table.sort_values(column, ascending=ascending, kind="stable")
            assert cells(page) == sorting["candidate"].tolist(), name


def test_scores_filter_by_number_and_by_what_is_alike(opened, table):
    page = opened.page
    low = page.locator("[data-score=mean] input").first
    low.fill("0.75")
    assert sorted(cells(page)) == table.query("mean_test_score >= 0.75")["candidate"].tolist()
    low.fill("")
    page.locator("[data-score=sd] input").last.fill("0.01")
    assert sorted(cells(page)) == table.query("std_test_score <= 0.01")["candidate"].tolist()
    page.get_by_role("button", name="Clear").click()
    standings = page.locator("#standings label").all_inner_texts()
    assert [own.strip() for own in standings] == ["best (1)", "tied (16)", "failed (1)"]
    page.get_by_label("failed").uncheck()
    assert page.locator("#count").inner_text() == "17 of 18 candidates"
    header = page.locator("#cells-table").get_by_role("columnheader", name="beside the best")
    header.get_by_role("button").click()
    place = page.locator("#cells-table thead th").all_inner_texts().index("beside the best") + 1
    shown = page.locator(f"#cells-table tbody tr td:nth-child({place})").all_inner_texts()
    assert shown == ["best", *["tied"] * 16]


def test_a_cell_is_shared_by_its_address(folder, chromium, table):
    with chromium.visit(folder / PAGE) as visit:
        page = visit.page
        page.get_by_role("link", name="7", exact=True).click()
        assert page.url.endswith("#candidate=7")
        address = page.url
        page.goto("about:blank")
        page.goto(address)
        detail = page.locator("#cell")
        own = table.iloc[7]
        assert detail.get_by_role("heading").inner_text() == "Candidate 7"
        assert own["activation"] in detail.inner_text()
        folds = ", ".join(f"{own[f'split{fold}_test_score']:.4f}" for fold in range(3))
        assert folds in detail.inner_text()
        assert page.locator("tr.picked td").first.inner_text() == "7"
        page.goto(f"{address}000")
        assert "There is no candidate 7000; they go from 0 to 17." in detail.inner_text()
        # As addresses of earlier reports are.
        page.goto(re.sub(r"candidate=\d+", "cell=3", address))
        assert "failed" in detail.inner_text()
        assert visit.said == []


def test_the_download_holds_what_is_selected(opened, table, tmp_path):
    page = opened.page
    page.get_by_label("tanh").uncheck()
    page.get_by_role("button", name="mean").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download").click()
    assert caught.value.suggested_filename == "candidates.csv"
    caught.value.save_as(tmp_path / "candidates.csv")
    found = pd.read_csv(tmp_path / "candidates.csv")
    wanted = table.query("activation != 'tanh'").sort_values("mean_test_score")
    assert found["candidate"].tolist() == wanted["candidate"].tolist()
    assert found["activation"].tolist() == wanted["activation"].tolist()
    assert found["mean"].to_numpy() == pytest.approx(
        wanted["mean_test_score"].to_numpy(), abs=1e-6, nan_ok=True
    )


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (390, "light"),
        (1280, "dark"),
        pytest.param(390, "dark", marks=pytest.mark.soak),
        pytest.param(1280, "light", marks=pytest.mark.soak),
    ],
)
def test_it_suits_the_eye_and_the_screen(folder, chromium, scheme, width):
    settings = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with chromium.visit(folder / PAGE, **settings) as visit:
        page = visit.page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # What the network is worth needs no scrolling.
        table = "e => [e.scrollWidth, e.clientWidth]"
        needed, there = page.locator(".beside .scroll").evaluate(table)
        assert needed <= there
        # What is shared is seen at once.
        page.goto(f"{page.url}#cell=7")
        visit.settle()
        box = page.locator("#cell").bounding_box()
        assert -5 <= box["y"] <= 100
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(18, 18, 18)")
        found = Axe().run(page, options=RULES).response
        assert {own["id"]: own["nodes"] for own in found["violations"]} == {}
        assert "color-contrast" in {own["id"] for own in found["passes"]}
        assert visit.said == []


def test_the_chart_follows_the_colour_scheme_and_a_brush_survives_that(folder, chromium):
    settings = {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}}
    with chromium.visit(folder / PAGE, **settings) as visit:
        page, chart = visit.page, visit.page.locator("#chart canvas")
        brush(page, 0, 0.7, 0.98)
        visit.settle()
        light, old = chart.screenshot(), chart.element_handle()
        page.emulate_media(color_scheme="dark")
        # Another canvas is drawn.
        page.wait_for_function("canvas => !canvas.isConnected", arg=old, polling=20)
        visit.settle()
        assert len(cells(page)) == 6
        # Outside of the assertion, which would explain for minutes how two pictures differ.
        differs = chart.screenshot() != light
        assert differs
        assert visit.said == []


def test_the_keyboard_reaches_and_does_everything(opened):
    page = opened.page
    controls = "a[href], button:not([disabled]), input, summary, [tabindex]"
    wanted = page.locator("main").locator(controls).count()
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(4 * wanted):
        page.keyboard.press("Tab")
        number = page.evaluate(
            "(controls) => [...document.querySelectorAll(controls)].indexOf(document.activeElement)",
            controls,
        )
        if number >= 0 and number in reached:
            break
        if number >= 0:
            reached.add(number)
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert len(reached) == wanted
    page.get_by_label("relu").focus()
    page.keyboard.press("Space")
    assert len(cells(page)) == 12
    page.get_by_role("button", name="candidate", exact=True).focus()
    page.keyboard.press("Enter")
    assert cells(page) == sorted(cells(page))
    page.get_by_role("link", name="9", exact=True).focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#candidate=9")


def test_filters_start_as_the_table_does_after_going_back(folder, chromium):
    with chromium.visit(folder / PAGE) as visit:
        page = visit.page
        page.get_by_label("tanh").uncheck()
        assert page.locator("#count").inner_text() == "12 of 18 candidates"
        page.goto("about:blank")
        page.go_back()
        page.wait_for_function("document.querySelector('#count').textContent")
        boxes = page.locator("#filters fieldset[data-axis='0'] input")
        shown = 6 * sum(box.is_checked() for box in boxes.all())
        assert page.locator("#count").inner_text() == f"{shown} of 18 candidates"


def test_print_leaves_out_what_only_a_screen_can_do(opened):
    page = opened.page
    page.emulate_media(media="print")
    assert not page.locator("#explorer-app").is_visible()
    assert page.locator("#figure-answer svg").first.is_visible()
    assert page.get_by_text("The 3 best of 18 candidates").is_visible()
    page.emulate_media(media="null")


def test_nothing_of_the_user_becomes_markup(tmp_path, monkeypatch, chromium):
    monkeypatch.chdir(tmp_path)
    hostile = '<script>document.title = "taken"</script>'
    grid = {
        hostile: ["</script><img src=x onerror=alert(1)>", '"quoted", and more', "=1+1"],
        # A script in a comment is not ended by the next end of a script.
        "$\\frac": ["日本", "x" * 300, "<!-- <script >"],
    }
    make_up(tmp_path, grid, title=hostile)
    report_the_search()
    with chromium.visit(tmp_path / PAGE, viewport={"width": 390, "height": 800}) as visit:
        page = visit.page
        assert page.title() == hostile
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.get_by_role("columnheader", name=hostile).count() >= 1
        page.goto(f"{page.url}#cell=0")
        assert grid[hostile][0] in page.locator("#cell").inner_text()
        with page.expect_download() as caught:
            page.get_by_role("button", name="Download").click()
        with caught.value.path().open(newline="") as file:
            rows = list(csv.DictReader(file))
        # A spreadsheet would compute the last one.
        assert {row[hostile] for row in rows} == {*grid[hostile][:2], "'=1+1"}
        assert page.locator("img[src=x]").count() == 0
        assert visit.said == []
        assert visit.from_elsewhere() == []


@pytest.mark.parametrize(
    ("grid", "failed", "said"),
    [
        ({"a": [1]}, [], "Candidate 0 won, the only one: a 1"),
        ({"a": [1, 2, 3]}, [], "won, the best of 3"),
        ({"a": [1, 2]}, [0, 1], "none could be trained and scored on all 3 folds"),
        (
            {"a": [1, 2], "b": ["x", "y"]} | {f"c{n}": [1] for n in range(10)},
            [0, 1, 3],
            "9 of 12 fits failed",
        ),
    ],
    ids=["one cell", "one hyperparameter", "all failed", "one left"],
)
def test_any_search_opens_and_says_what_happened(
    tmp_path, monkeypatch, chromium, grid, failed, said
):
    monkeypatch.chdir(tmp_path)
    make_up(tmp_path, grid, failed=failed)
    report_in_words()
    with chromium.visit(tmp_path / PAGE) as visit:
        assert said in visit.page.locator("main").inner_text()
        table = read_csv(GRID_SEARCH / "cv_results.csv")
        scored = table["mean_test_score"].notna().sum()
        assert visit.page.locator("#chart canvas").is_visible() == (scored > 1)
        assert len(cells(visit.page)) == len(table)
        # Of many hyperparameters most filters are folded away.
        folded = visit.page.locator("#filters details fieldset")
        assert folded.count() == max(len(grid) - MOST, 0)
        assert not any(own.is_visible() for own in folded.all())
        assert visit.said == []


@pytest.mark.parametrize(
    "grid",
    [
        {"a": list(range(16)), "b": list("abcdefghij"), "c": list(range(10))},
        pytest.param(
            {name: list(range(10)) for name in "abcd"},
            marks=[pytest.mark.soak, pytest.mark.costs(8)],
        ),
    ],
    ids=["more than the chart draws", "ten thousand"],
)
def test_thousands_of_cells(grid, tmp_path, monkeypatch, chromium):
    monkeypatch.chdir(tmp_path)
    make_up(tmp_path, grid, rows=100)
    report_the_search()
    assert PAGE.stat().st_size < 3e6
    many = math.prod(map(len, grid.values()))
    with chromium.visit(tmp_path / PAGE) as visit:
        page = visit.page
        assert page.locator("#count").inner_text() == f"{many} of {many} candidates"
        assert f"1,500 of {many:,} lines are drawn" in page.locator("main").inner_text()
        page.locator("#filters fieldset[data-axis='1'] input").first.uncheck()
        left = many * 9 // 10
        assert page.locator("#count").inner_text() == f"{left} of {many} candidates"
        assert page.locator("#pages").inner_text() == f"page 1 of {math.ceil(left / 20)}"
        page.get_by_role("button", name="Next page").click()
        assert len(cells(page)) == 20
        page.goto(f"{page.url}#cell={many - 1}")
        assert page.locator("tr.picked td").first.inner_text() == str(many - 1)
        assert visit.said == []


def test_the_chart_draws_a_line_for_each_cell():
    own = {
        "names": ["a"],
        "values": [["x", "y"]],
        "codes": [[0, 1]],
        "places": [[0.25, 0.75]],
        "ticks": [None],
        "mean": [0.5, None],
        "rank": [1, 2],
        "drawn": [0, 1],
    }
    (data, *_) = chart(own)["data"]
    assert [line["i"] for line in data["values"]] == [1, 0]
    assert data["values"][0]["p"][-1] is None


#: Over units, layers, dropout and learning rate, and a few candidates of something else.
DRAWN = {
    "method": "random",
    "n_iter": 60,
    "param_grid": [
        {
            "units": {"int": [4, 64], "log": True},
            "layers": [1, 2, 3],
            "dropout": {"uniform": [0, 0.5]},
            "learning_rate": {"loguniform": [1e-4, 1e-1]},
        },
        {"units": [None, 8]},
    ],
}


def test_numbers_that_were_drawn_are_filtered_by_range(tmp_path, monkeypatch, chromium):
    monkeypatch.chdir(tmp_path)
    make_up(tmp_path, search=DRAWN)
    report_the_search()
    table = read_csv(GRID_SEARCH / "cv_results.csv")
    with chromium.visit(tmp_path / PAGE, viewport={"width": 1280, "height": 900}) as visit:
        page = visit.page
        groups = page.locator("#filters fieldset[data-range] legend").all_inner_texts()
        assert groups == ["dropout", "learning_rate", "units"]
        boxes = page.locator("#filters fieldset[data-axis] label").all_inner_texts()
        assert [text.strip() for text in boxes] == ["1", "2", "3", "not set"]
        rates = page.locator("fieldset", has_text="learning_rate").locator("input")
        rates.first.fill("0.001")
        page.get_by_role("button", name="rank").click()
        kept = table[table["learning_rate"] >= 0.001]
        assert page.locator("#count").inner_text() == f"{len(kept)} of 60 candidates"
        rates.last.fill("0.01")
        kept = kept[kept["learning_rate"] <= 0.01]
        assert sorted(cells(page)) == kept["candidate"].tolist()
        # Across the upper half of the axis of units, a logarithmic one above a tenth for null.
        page.get_by_role("button", name="Clear the filters").click()
        brush(page, 3, 0.55, 1.0, last=4)
        units = pd.to_numeric(table["units"], errors="coerce")
        (low, high) = [
            float(own.input_value())
            for own in page.locator("fieldset", has_text="units").locator("input").all()
        ]
        assert (14 <= low <= 18, high) == (True, units.max())
        kept = table[units.between(low, high)]
        assert page.locator("#count").inner_text() == f"{len(kept)} of 60 candidates"
        assert visit.said == []
