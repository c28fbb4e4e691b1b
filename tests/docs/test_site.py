"""The site: it is built without a warning, found in, and opened from disk alone."""

import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from documents import OF_SITE, PAGES, named
from markdown_it import MarkdownIt
from mdit_py_plugins.anchors.index import slugify
from tiny import ROOT, run

if TYPE_CHECKING:
    from browser import Chromium, Visit

sys.path.append(str(ROOT / "docs/extensions"))

from search_words import WORDS

#: Words that people look for, and the page that has to be among the first three found.
SOUGHT = {
    "early stopping": "What rides in lanes",
    "class weight": "params.yaml, key by key",
    "resume": "Resume after a crash or Ctrl-C",
    "GPU": "Other machines’ workers",  # noqa: RUF001 - as typeset
    "save model": "Use the winner elsewhere",
    "predict": "Use the winner elsewhere",
    "time series": "Designs of studies",
    "text columns": "Your own data, your own network",
    "groups": "Your own data, your own network",
    "random search": "Designs of studies",
    "Optuna": "Coming from KerasTuner",
    "learning rate schedule": "What rides in lanes",
    "reproducible": "What agrees, and how it is checked",
    "missing values": "Your own data, your own network",
    "imbalanced": "Designs of studies",
}

#: Elements of a page that leave it at the right, but for what lies in a box that scrolls.
LEAVING = """() => {
    const article = document.querySelector("article");
    const right = article.getBoundingClientRect().right + 1;
    const scrolls = (own) => own !== article && (
        getComputedStyle(own).overflowX !== "visible" || scrolls(own.parentElement));
    return [...article.querySelectorAll("*")]
        .filter((own) => own.getBoundingClientRect().right > right && !scrolls(own.parentElement))
        .map((own) => `${own.tagName} ${own.textContent.slice(0, 60)}`);
}"""

#: Pages that are as wide as any: of long signatures, names in a line, and headings.
WIDEST = ["how-to/coming-from-scikeras.md", "reference/params.md"]

LOOKED_AT = [
    "index.html",
    "start/study.html",
    "reference/lanes.html",
    "reference/params.html",
    "reference/api/gridlanes.GridSearchCV.html",
    "project/measured.html",
]


def links(page: Path) -> Iterator[str]:
    for block in MarkdownIt("commonmark").enable("table").parse(page.read_text()):
        for own in block.children or ():
            if own.type == "link_open":
                yield str(own.attrs["href"])


def anchors(page: Path) -> set[str]:
    """Return the names of a page's headings, those that come again numbered as on GitHub."""
    tokens = MarkdownIt("commonmark").parse(page.read_text())
    seen: Counter[str] = Counter()
    found = set()
    for opened, heading in pairwise(tokens):
        if opened.type == "heading_open":
            parts = heading.children or ()
            name = slugify("".join(own.content for own in parts))
            found.add(f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
    return found


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_to_headings_that_there_are(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        if anchor and ":" not in path:
            target = (page.parent / path).resolve() if path else page
            assert anchor in anchors(target), link


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as ``make docs`` builds it; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    result = run(*command, "docs", str(folder), cwd=ROOT, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return folder


@pytest.mark.soak
@pytest.mark.xdist_group("site")
def test_every_page_is_built(site: Path) -> None:
    pages = {own.relative_to(ROOT / "docs").with_suffix(".html") for own in OF_SITE}
    assert pages <= {own.relative_to(site) for own in site.rglob("*.html")}


@pytest.mark.soak
@pytest.mark.xdist_group("site")
def test_no_page_loads_from_the_web(site: Path) -> None:
    """Those that are not opened below either."""
    loads = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)="(?:https?:)?//""")
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(OF_SITE)
    assert [own.name for own in pages if loads.search(own.read_text(encoding="utf-8"))] == []


@pytest.mark.soak
@pytest.mark.xdist_group("site")
@pytest.mark.parametrize("page", LOOKED_AT)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_a_page_needs_nothing_from_elsewhere(
    site: Path, chromium: "Chromium", page: str, scheme: str, width: int
) -> None:
    screen = {"width": width, "height": 900}
    with chromium.visit(site / page, viewport=screen, color_scheme=scheme) as visit:
        assert visit.from_elsewhere() == []
        assert [said for said in visit.said if not said.startswith("[PST]")] == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        background = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        light = sum(map(int, background.strip("rgb()").split(", "))) > 3 * 128
        assert light == (scheme == "light")


def leaving(visit: "Visit") -> list[str]:
    """Return what makes a page scroll sideways."""
    width = visit.page.viewport_size["width"]  # type: ignore[index]
    wide = visit.page.evaluate("document.documentElement.scrollWidth") > width
    return [*visit.page.evaluate(LEAVING), *["the page"] * wide]


def search(visit: "Visit", site: Path, words: str) -> list[str]:
    """Return what the search says of each page that it finds: title and quote."""
    visit.page.goto(f"{(site / 'search.html').as_uri()}?q={words.replace(' ', '+')}")
    visit.page.locator("h2", has_text="Search Results").wait_for()
    return visit.page.locator("#search-results li").all_inner_texts()


@pytest.fixture(scope="module")
def few_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pages, built as the site is."""
    folder = tmp_path_factory.mktemp("pages")
    for name in WIDEST:
        (folder / name).parent.mkdir()
        shutil.copy(ROOT / "docs" / name, folder / name)
    names = "\n   ".join(name.removesuffix(".md") for name in WIDEST)
    directive = ".. autoclass:: gridlanes.KerasClassifier\n   :members: fit, set_fit_request"
    (folder / "index.rst").write_text(f"A\n=\n\n.. toctree::\n\n   {names}\n\n{directive}\n")
    # Links to the other pages lead nowhere, of which it warns.
    command = [sys.executable, "-m", "sphinx", "-Q", "-c", "docs"]
    run(*command, str(folder), str(folder / "html"), cwd=ROOT)
    return folder / "html"


@pytest.mark.xdist_group("site")
def test_wide_pages_fit_on_a_phone_and_are_found(few_pages: Path, chromium: "Chromium") -> None:
    pages = ["index.html", *(name.replace(".md", ".html") for name in WIDEST)]
    with chromium.visit(few_pages / "index.html", viewport={"width": 390, "height": 900}) as visit:
        for page in pages:
            visit.open(few_pages / page)
            assert (page, leaving(visit)) == (page, [])
        title, _, quote = search(visit, few_pages, "early stopping")[0].partition("\n")
        assert title == "params.yaml, key by key"
        assert "Early stopping: early_stopping stops a training" in quote
        assert visit.from_elsewhere() == []


@pytest.mark.soak
@pytest.mark.xdist_group("site")
def test_every_page_fits_on_a_phone(site: Path, chromium: "Chromium") -> None:
    pages = [own for own in sorted(site.rglob("*.html")) if "<article" in own.read_text("utf-8")]
    assert len(pages) > len(OF_SITE)
    with chromium.visit(pages[0], viewport={"width": 390, "height": 900}) as visit:
        for page in pages:
            visit.open(page)
            assert (page.name, leaving(visit)) == (page.name, [])


@pytest.mark.soak
@pytest.mark.xdist_group("site")
def test_every_page_says_what_it_is_and_leads_on(site: Path) -> None:
    for name in OF_SITE:
        page = site / name.relative_to(ROOT / "docs").with_suffix(".html")
        text = page.read_text(encoding="utf-8")
        assert '<meta name="description"' in text, name
        assert 'rel="icon"' in text, name
        assert "next-title" in text or "prev-title" in text, name
    assert (
        "usage: python -m stages.preprocess [-h]" in (site / "reference/commands.html").read_text()
    )


@pytest.mark.soak
@pytest.mark.xdist_group("site")
@pytest.mark.parametrize("words", SOUGHT)
def test_the_search_finds(site: Path, chromium: "Chromium", words: str) -> None:
    with chromium.visit(site / "index.html") as visit:
        found = search(visit, site, words)
        titles = [own.partition("\n")[0].partition(" > ")[0] for own in found]
        assert SOUGHT[words] in list(dict.fromkeys(titles))[:3]
        # A quote stands below each title.
        assert [own for own in found[:3] if "\n" not in own] == []
        assert visit.from_elsewhere() == []


def test_pages_with_other_words_are_there() -> None:
    pages = {str(own.relative_to(ROOT / "docs").with_suffix("")) for own in OF_SITE}
    assert set(WORDS) <= pages
