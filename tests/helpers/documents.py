"""What there is to read: the pages of the repository's top and of ``docs/``."""

from pathlib import Path

from tiny import ROOT

#: Folders of ``docs/`` whose Markdown is no page: what is built, and what pages are made of.
NO_PAGES = {"_build", "templates"}

#: The pages of the site that are written by hand.
OF_SITE = sorted(
    own for own in (ROOT / "docs").rglob("*.md") if NO_PAGES.isdisjoint(own.relative_to(ROOT).parts)
)

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *OF_SITE]


def named(page: Path) -> str:
    """Return what a page is called in the names of tests."""
    return str(page.relative_to(ROOT))
