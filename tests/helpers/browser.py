"""A real browser for the tests of pages, without a screen."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

#: Resolves after all that the page's scripts have begun, and what follows from that.
DONE = "() => new Promise(done => setTimeout(() => setTimeout(done)))"


@dataclass
class Visit:
    """A page that was opened, what it has asked for and what it has said of any kind."""

    page: Page
    requested: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def open(self, file: Path) -> None:
        """Open a file in this window, and wait until its scripts have nothing left to do."""
        self.requested.clear()
        self.said.clear()
        self.page.goto("about:blank")
        self.page.goto(file.resolve().as_uri())
        self.settle()

    def settle(self) -> None:
        """Wait until the page has drawn what it was told to."""
        self.page.evaluate(DONE)

    def from_elsewhere(self) -> list[str]:
        """Return what was asked for and is not on this disk or in the page."""
        return [url for url in self.requested if not url.startswith(("file:", "data:", "blob:"))]


class Chromium:
    """Opens files as a user would who double-clicks them."""

    def __init__(self, playwright: Playwright) -> None:
        self.browser: Browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )

    @contextmanager
    def visit(self, file: Path, **settings: Any) -> Iterator[Visit]:
        """Open a file; ``settings`` are those of Playwright's ``new_context``."""
        context = self.browser.new_context(**settings)
        try:
            visit = Visit(context.new_page())
            context.on("request", lambda request: visit.requested.append(request.url))
            context.on("weberror", lambda error: visit.said.append(str(error.error)))
            context.on("console", lambda message: visit.said.append(message.text))
            visit.open(file)
            yield visit
        finally:
            context.close()
