"""What a notebook shows of searches, plans, fit reports and stores, and while a search trains."""

import re
from html.parser import HTMLParser

import nbformat
import pytest
from nbclient import NotebookClient
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from small_search import CLASSIFIER, GRID, PIPELINE, X, y

from gridlanes import GridSearchCV, RandomizedSearchCV, Store
from gridlanes.compat.notebook import table
from gridlanes.model_selection.fit_report import FitReport

pytestmark = pytest.mark.usefixtures("traced")


class Read(HTMLParser):
    """Takes HTML apart: the text, the tags, and those that are not closed in turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts, self.tags, self.open = [], [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def shown(what) -> Read:
    bundle = what._repr_mimebundle_()
    assert bundle["text/html"] == what._repr_html_()
    return Read(bundle["text/html"])


def test_text_is_escaped_and_nothing_is_fetched():
    html = table("<i>title", [("a&b", "<script>")], ["<b>", "c"])
    read = Read(html)
    assert read.texts == ["<i>title", "<b>", "c", "a&b", "<script>"]
    assert not {"script", "link", "style", "img", "i", "b"} & {*read.tags}


@pytest.mark.parametrize("kind", [GridSearchCV, RandomizedSearchCV])
def test_a_search_shows_its_network(kind):
    search = kind(PIPELINE, {"kerasclassifier__units": [1, 3]})
    html = search._repr_html_()
    assert "<label" in html
    assert "KerasClassifier" in re.sub(r'<div class="sk-text-repr-fallback">.*?</div>', "", html)
    assert "Best candidate" not in html
    # Pages of scikit-learn do not know estimators of others.
    assert "https://scikit-learn.org" not in clone(CLASSIFIER)._repr_html_()


def test_a_fitted_search_shows_what_was_found_and_plan_and_report_say_what_they_print(tmp_path):
    search = GridSearchCV(CLASSIFIER, GRID, cv=KFold(3), memory=tmp_path / "fits.sqlite")
    plan = search.plan(X, y)
    assert str(plan).split("\n")[0] == shown(plan).texts[0]
    assert plan._repr_mimebundle_()["text/plain"] == str(plan)
    search.fit(X, y)
    html = search._repr_html_()
    under = html[html.index("Best candidate") :]
    best = ["score", f"{search.best_score_:.4f}", "units", str(search.best_params_["units"])]
    assert Read(re.search("<tbody>.*?</tbody>", under).group()).texts == best
    assert str(search.fit_report_) in under
    assert shown(search.fit_report_).texts[:5] == ["Fits", "asked for", "6", "trained", "6"]
    assert shown(search.plan(X, y)).texts[1:] == ["Other fits", "6 fits", "in the store"]
    held = shown(Store(search.memory))
    rows = Store(search.memory).holdings()
    assert "7 fits" in held.texts[0]  # with the refit
    assert held.tags.count("tr") == 1 + len(rows)
    assert {own.architecture for own in rows} < {*held.texts}


def test_an_estimator_without_a_network_has_its_reason():
    search = GridSearchCV(LogisticRegression(), {"C": [1]}).fit(X, y)
    assert str(search.fit_report_) in search._repr_html_()
    assert shown(FitReport(elsewhere="<b>")).texts == ["by scikit-learn: <b>"]


def test_looking_at_a_store_neither_makes_nor_breaks_anything(tmp_path):
    assert shown(Store(tmp_path / "none")).texts == [f"{Store(tmp_path / 'none')!r}: no file yet"]
    assert [*tmp_path.iterdir()] == []
    (tmp_path / "text").write_text("not a store" * 100)
    assert "not a" in shown(Store(tmp_path / "text")).texts[0]


def test_whoever_wants_text_gets_text():
    with config_context(display="text"):
        for own in (FitReport(), Store("x"), GridSearchCV(CLASSIFIER, GRID)):
            assert not hasattr(own, "_repr_html_")
            assert [*own._repr_mimebundle_()] == ["text/plain"]


def test_a_bar_in_a_real_kernel_is_updated_in_place_and_leaves_a_line():
    code = """
import time
from gridlanes.model_selection.progress import bar
with bar(2_000, 2, shown=SHOWN) as report:
    report(500, 1)
    report(1_500, 1)
"""
    cells = [nbformat.v4.new_code_cell(code.replace("SHOWN", own)) for own in ("True", "False")]
    heard = []
    client = NotebookClient(nbformat.v4.new_notebook(cells=cells), kernel_name="python3")
    process = client.process_message

    def listen(message, *args):
        heard.append(message)
        return process(message, *args)

    client.process_message = listen
    client.execute()
    (line,), nothing = (cell.outputs for cell in cells)
    assert line.data == {"text/plain": "training: 2 of 2 fits, 2,000 lane-epochs"}
    assert nothing == []
    drawn = [own["content"]["data"]["text/plain"] for own in heard if "update" in own["msg_type"]]
    assert "1 of 2 fits, 500 of 2,000 lane-epochs" in drawn[0]
    assert drawn[0].count("█") == 30 // 4
