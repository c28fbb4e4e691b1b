"""The site: it is built without a warning, found in, and opened from disk alone."""

import re
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
    from browser import Chromium

#: Words that people look for, and the page that has to be among those found.
SOUGHT = {
    "early stopping": "params.yaml, key by key",
    "class weight": "params.yaml, key by key",
    "resume": "The library",
}

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


@pytest.mark.soak
@pytest.mark.xdist_group("site")
@pytest.mark.parametrize("words", SOUGHT)
def test_the_search_finds(site: Path, chromium: "Chromium", words: str) -> None:
    with chromium.visit(site / "index.html") as visit:
        visit.page.goto(f"{(site / 'search.html').as_uri()}?q={words.replace(' ', '+')}")
        found = visit.page.locator("#search-results li > a")
        found.filter(has_text=SOUGHT[words]).first.wait_for()
        assert visit.from_elsewhere() == []
