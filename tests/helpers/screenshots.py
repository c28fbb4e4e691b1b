"""Takes the pictures of the README from the study's report: ``python tests/helpers/screenshots.py``."""

from browser import Chromium
from playwright.sync_api import sync_playwright
from tiny import ROOT

from stages.reporting.figures.parallel_coordinates import HEIGHT, PADDING

IMAGES = ROOT / "docs/images"


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = Chromium(playwright)
        window = {"viewport": {"width": 1100, "height": 800}, "color_scheme": "light"}
        with chromium.visit(ROOT / "reports/report.html", **window) as visit:
            page = visit.page
            page.screenshot(path=IMAGES / "report.png", clip=_above(page, "nav", 0))
            page.locator("#chart").scroll_into_view_if_needed()
            box = page.locator("#chart canvas").bounding_box()
            across = box["x"] + box["width"] - PADDING["right"]
            page.mouse.move(across, box["y"] + PADDING["top"])
            page.mouse.down()
            page.mouse.move(across, box["y"] + PADDING["top"] + HEIGHT / 6)
            page.mouse.move(across, box["y"] + PADDING["top"] + HEIGHT / 5)
            page.mouse.up()
            page.evaluate("document.querySelector('#explorer').scrollIntoView()")
            page.wait_for_timeout(300)
            page.set_viewport_size({"width": 1100, "height": 800})
            page.evaluate("document.querySelector('#explorer').scrollIntoView()")
            page.wait_for_timeout(300)
            page.screenshot(path=IMAGES / "explorer.png")
        chromium.browser.close()


def _above(page, selector: str, top: float) -> dict[str, float]:
    """Return what lies above an element of the page, the window's width wide."""
    bottom = page.locator(selector).first.bounding_box()["y"]
    return {"x": 0, "y": top, "width": page.viewport_size["width"], "height": bottom - top}


if __name__ == "__main__":
    main()
