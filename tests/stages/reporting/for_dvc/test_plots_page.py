"""``dvc plots``: the templates of .dvc/plots and the page, drawn by a real browser."""

import csv
import itertools
import json
import shutil
from pathlib import Path

import pytest
import vl_convert
from dvc.render.converter.vega import VegaConverter
from dvc_render import VegaRenderer, render_html
from plot_cases import CASES, table, write
from ruamel.yaml import YAML
from tiny import ROOT, run

from stages.reporting import PLOTS_PAGE as PAGE
from stages.reporting.for_dvc import plot_data
from stages.reporting.for_dvc import plots_page as dvc_plots_page

# One process has the study, and a browser.
pytestmark = pytest.mark.xdist_group("study")

PLOTS = {
    name: own
    for plot in YAML(typ="safe").load(ROOT / "dvc.yaml")["plots"]
    for name, own in plot.items()
}
#: Cases at whose edges a browser may differ from what draws them without one; `make soak` has more.
IN_A_BROWSER = {"one cell", "hostile names", "hostile values"}
#: A name of a revision that only looks like code.
LIKE_CODE = "x');alert(1);//${1}`"
OWN = sorted(path.name for path in (ROOT / ".dvc/plots").glob("*.json"))


def renderers(revisions: dict[str, Path]) -> list[VegaRenderer]:
    """Return the plots of dvc.yaml, filled by DVC with the tables of each revision."""
    return [renderer(name, revisions) for name in PLOTS]


def renderer(name: str, revisions: dict[str, Path]) -> VegaRenderer:
    (path,) = PLOTS[name]["y"]
    points, shared = [], {}
    for revision, folder in revisions.items():
        with (folder / Path(path).name).open(newline="") as file:
            rows = list(csv.DictReader(file))
        own, settings = VegaConverter(name, {path: rows}, PLOTS[name]).flat_datapoints(revision)
        points += own
        shared = shared or settings
    settings = {"title": name, **shared, "revs_with_datapoints": list(revisions)}
    return VegaRenderer(points, name, template_dir=str(ROOT / ".dvc/plots"), **settings)


def drawn(visit) -> dict[str, dict]:
    """Return of each plot of a page its texts, its description and how many marks it shows."""
    visit.page.wait_for_function(
        "[...document.querySelectorAll('body > div')].every(plot => "
        "plot.querySelector('[role=graphics-document] svg'))"
    )
    return visit.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('body > div')].map(plot => {
            const marks = [...plot.querySelectorAll('.role-mark > path, .role-mark > line')];
            const size = mark => mark.getBBox().width + mark.getBBox().height;
            return [plot.id, {
                texts: [...plot.querySelectorAll('svg text')].map(text => text.textContent),
                marks: marks.filter(mark => size(mark) > 0).length,
                described: plot.querySelector('[aria-label]').getAttribute('aria-label'),
            }];
        }))"""
    )


def must_be_whole(visit, revisions) -> dict[str, dict]:
    """Check of a page what holds for any, and return what it shows."""
    shown = drawn(visit)
    assert visit.requested
    assert visit.from_elsewhere() == []
    assert visit.said == []
    assert list(shown) == [VegaRenderer.remove_special_chars(name) for name in PLOTS]
    for name, (plot, about) in zip(PLOTS, shown.items(), strict=True):
        assert set(revisions) <= set(about["texts"]), plot
        assert about["marks"] >= len(revisions), plot
        assert about["described"].startswith(f"{name}: ")
    return shown


def filled(case: str) -> list:
    """Return in which ways the templates are filled: each case once, and `make soak` does all."""
    short = {("5.21", 1), ("5.8", 0)} if case == "a grid" else {("5.21", 1)}
    short = {("5.8", 0)} if case in IN_A_BROWSER else short
    return [
        pytest.param(case, *way, marks=() if way in short else pytest.mark.soak)
        for way in itertools.product(("5.8", "5.21"), (0, 1))
    ]


@pytest.mark.parametrize(
    ("case", "version", "earlier"), [way for case in CASES for way in filled(case)]
)
def test_templates_are_filled_and_drawn(case, version, earlier, tmp_path):
    folder = write(tmp_path / "plots", CASES[case])
    revisions = dict.fromkeys(["HEAD~1", "workspace"][1 - earlier :], folder)
    for plot in renderers(revisions):
        filled = plot.get_filled_template()
        assert "<DVC_METRIC" not in json.dumps(filled)
        svg = vl_convert.vegalite_to_svg(filled, vl_version=version)
        assert all(f">{name}</text>" in svg for name in revisions)
        assert "<path" in svg
        assert "NaN" not in svg


def test_every_template_is_used_and_described():
    assert sorted(f"{plot['template']}.json" for plot in PLOTS.values()) == OWN
    for name in OWN:
        template = json.loads((ROOT / ".dvc/plots" / name).read_text())
        assert template["description"].startswith("<DVC_METRIC_TITLE>: ")
        assert template["$schema"].endswith("/v5.json")


def test_the_page_is_what_its_script_writes():
    written = dvc_plots_page.page()
    assert PAGE.read_text(encoding="utf-8") == written
    assert "{scripts}" not in written
    tracked = run("git", "ls-files", ".dvc/plots", cwd=ROOT).stdout.split()
    assert tracked == [f".dvc/plots/{name}" for name in OWN]


def is_among(name, names, texts):
    """Return whether a name is drawn, cut off or not: how wide it is depends on the fonts."""
    cut_off = [text[:-1] for text in texts if text.endswith("…")]
    own = [
        text for text in cut_off if [other for other in names if other.startswith(text)] == [name]
    ]
    return name in texts or any(2 * len(text) > len(name) for text in own)


@pytest.mark.parametrize(
    "case",
    [
        case if case in IN_A_BROWSER else pytest.param(case, marks=pytest.mark.soak)
        for case in CASES
    ],
)
def test_a_browser_draws_all_without_a_message(case, tmp_path, chromium):
    folder = write(tmp_path / "plots", CASES[case])
    page = tmp_path / "index.html"
    render_html(renderers({"main": folder, LIKE_CODE: folder}), page, html_template=PAGE)
    with chromium.visit(page) as visit:
        shown = must_be_whole(visit, ["main", LIKE_CODE])
        assert visit.page.evaluate("window.hacked") is None
    names = {str(name).replace("<", plot_data.LIKE_LESS_THAN) for name in CASES[case].columns[1:-6]}
    for plot in (
        "Mean_scores_of_the_candidates_by_hyperparameter",
        "Candidates_and_their_mean_scores",
    ):
        assert [name for name in names if not is_among(name, names, shown[plot]["texts"])] == []


HOSTILE = [
    "</script><script>window.hacked=1</script>",
    "</script></template><script>window.hacked=1</script>",
    "</script></template><img/src=x/onerror=window.hacked=1>",
    "</script></div></template><svg/onload=window.hacked=1>",
    "</script><!--<script>",
]


def test_whoever_names_a_branch_runs_nothing(tmp_path, chromium):
    """The revisions are data of all plots, and DVC writes them as they are."""
    folder = write(tmp_path / "plots", CASES["a grid"])
    page = tmp_path / "index.html"
    render_html(renderers(dict.fromkeys(["main", *HOSTILE], folder)), page, html_template=PAGE)
    assert all(name in page.read_text(encoding="utf-8") for name in HOSTILE)
    with chromium.visit(page) as visit:
        visit.page.wait_for_load_state()
        assert visit.page.evaluate("window.hacked") is None
        assert visit.from_elsewhere() == []
        assert "not drawn" in visit.page.inner_text("body")


@pytest.mark.soak
def test_the_oldest_version_at_hand_warns_of_nothing_either(tmp_path, chromium, monkeypatch):
    """DVC's own page and editors draw with Vega-Lite 5."""
    monkeypatch.setattr(dvc_plots_page, "VEGA_LITE", "5.8")
    folder = write(tmp_path / "plots", CASES["a grid"])
    template, page = tmp_path / "page.html", tmp_path / "index.html"
    template.write_text(dvc_plots_page.page())
    render_html(renderers({"main": folder, "topic": folder}), page, html_template=template)
    with chromium.visit(page) as visit:
        drawn(visit)
        # It is put together with a later Vega here.
        others = [text for text in visit.said if "The compiled spec uses Vega v5" not in text]
        assert (len(visit.said), others) == (len(PLOTS), [])


def test_revisions_with_other_values_share_their_order(tmp_path, chromium):
    one = {"epochs": [10, 100], "activation": ["tanh", "relu"], "units": ["16 to 31", "4 to 15"]}
    two = {"epochs": [5, 10], "activation": ["elu", "tanh"], "units": ["32 to 64", "4 to 15"]}
    one, two = (write(tmp_path / f"{n}", table(grid)) for n, grid in enumerate((one, two)))
    page = tmp_path / "index.html"
    render_html(renderers({"one": one, "two": two}), page, html_template=PAGE)
    with chromium.visit(page) as visit:
        drawn(visit)
        for plot, axis in {
            "Mean_scores_of_the_candidates_by_hyperparameter": "x",
            "Candidates_and_their_mean_scores": "y",
        }.items():
            places = visit.page.evaluate(
                """([plot, axis]) => Object.fromEntries(
                    [...document.querySelectorAll(`#${plot} svg text`)].map(text =>
                        [text.textContent, text.getBoundingClientRect()[axis]]))""",
                [plot, axis],
            )
            order = [
                ["5", "10", "100"],
                ["elu", "relu", "tanh"],
                ["4 to 15", "16 to 31", "32 to 64"],
            ]
            for values in order:
                own = [places[value] for value in values]
                assert own == sorted(own, reverse=axis == "y"), plot
                assert len(set(own)) == 3


def test_the_page_may_ask_for_nothing(tmp_path, chromium):
    """What DVC's own page loads, this one would not be allowed to."""
    page = tmp_path / "index.html"
    page.write_text(PAGE.read_text().replace("</template>", f"</template>{VegaRenderer.SCRIPTS}"))
    with chromium.visit(page) as visit:
        assert len(visit.said) >= 3
        assert all("Content Security Policy" in message for message in visit.said)


def test_dvc_compares_two_revisions_and_draws_one(experiments, tmp_path, chromium):
    study = tmp_path / "study"
    shutil.copytree(experiments[0], study, symlinks=True)
    run("dvc", "plots", "diff", "HEAD", cwd=study)
    with chromium.visit(study / "dvc_plots/index.html") as visit:
        shown = must_be_whole(visit, ["HEAD", "workspace"])
    for texts in (about["texts"] for about in list(shown.values())[4:]):
        assert all(any(name in text for text in texts) for name in ("elu", "relu", "tanh"))
    # A table without rows takes no other plot with it.
    pairs = study / "reports/plots/pairs.csv"
    pairs.write_text(pairs.read_text().splitlines()[0] + "\n")
    run("dvc", "plots", "show", cwd=study)
    with chromium.visit(study / "dvc_plots/index.html") as visit:
        shown = visit.page.locator("body > div").all_inner_texts()
        assert [text.endswith(": no data") for text in shown].count(True) == 1
        assert sum("workspace" in text for text in shown) == len(PLOTS) - 1
        assert visit.page.locator("[role=graphics-document] svg").count() == len(PLOTS) - 1
        assert visit.said == []
