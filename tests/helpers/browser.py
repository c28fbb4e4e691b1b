"""A real browser for the tests of pages, without a screen."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, ViewportSize

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

#: Resolves after all that the page's scripts have begun, and what follows from that.
DONE = "() => new Promise(done => setTimeout(() => setTimeout(done)))"

#: Leaves nothing of what a page has kept for its next visit, if it may keep anything.
FORGET = "() => { try { localStorage.clear(); sessionStorage.clear(); } catch {} }"

#: What Playwright takes for the size of a window.
SIZE: ViewportSize = {"width": 1280, "height": 720}


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
        self._free: list[Page] = []

    @contextmanager
    def visit(self, file: Path, **settings: Any) -> Iterator[Visit]:
        """Open a file; ``settings`` are those of Playwright's ``new_context``.

        A new window takes most of a second, so one that was used is used again, if a window has no
        other settings than its size and colour scheme. What pages keep is forgotten between.
        """
        again = settings.keys() <= {"viewport", "color_scheme"}
        with self._window({} if again else settings, again=again) as page:
            if again:
                page.set_viewport_size(settings.get("viewport", SIZE))
                page.emulate_media(media="null", color_scheme=settings.get("color_scheme", "light"))
            visit = Visit(page)
            hears: dict[Any, Callable[[Any], None]] = {
                "request": lambda request: visit.requested.append(request.url),
                "weberror": lambda error: visit.said.append(str(error.error)),
                "console": lambda message: visit.said.append(message.text),
            }
            for event, hear in hears.items():
                page.context.on(event, hear)
            try:
                visit.open(file)
                yield visit
            finally:
                for event, hear in hears.items():
                    page.context.remove_listener(event, hear)

    @contextmanager
    def _window(self, settings: dict[str, Any], *, again: bool) -> Iterator[Page]:
        """Give a window, which is kept for the next visit unless this one ends in an error."""
        page = self._free.pop() if again and self._free else None
        page = page or self.browser.new_context(**settings).new_page()
        try:
            yield page
            if again:
                page.evaluate(FORGET)
                page.goto("about:blank")
                self._free.append(page)
        finally:
            if page not in self._free:
                page.context.close()
