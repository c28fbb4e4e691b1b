"""Pictures of the answer, which a test compares: ``python tests/helpers/pictures.py`` takes them anew.

Look at them before they are committed.
"""

import io
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from browser import Chromium
from made_up import make_up
from PIL import Image
from playwright.sync_api import sync_playwright

from stages import report
from stages.reporting.evidence.verdict import verdict
from stages.reporting.pages.report import page
from stages.study import params

PICTURES = Path(__file__).parents[1] / "stages/reporting/pages/pictures"

#: A phone, a tablet, and a desk.
WIDTHS = (390, 800, 1400)

#: Squares of so many pixels are compared: letters may be drawn otherwise within one.
SQUARE = 10

#: What squares may differ by on average, and one of them at most, of 255. Another version of
#: Chromium moves edges by a part of a pixel, which is a half of that; a lost mark is twice as much.
MEAN, MOST = 4, 45

#: Pixels below the answer, and by how many it may be higher.
NAVIGATION, ROUNDED = 50, 2

#: The page's own font is whatever a system has.
FONT = "body { font-family: 'DejaVu Sans' !important; }"


def write_page(folder: Path) -> Path:
    """Write a page without figures, of a study that nobody trained; the folder is the current one."""
    make_up(folder, failed=[3])
    content = report.read()
    content["verdict"] = verdict(content)
    file = folder / "page.html"
    file.write_text(page(params.load(), content, [], folder), encoding="utf-8")
    return file


def taken(chromium: Chromium, file: Path, width: int, css: str = "") -> Image.Image:
    """Return the page down to its navigation, or what more style makes of it."""
    size: dict[str, Any] = {"viewport": {"width": width, "height": 844}, "color_scheme": "light"}
    with chromium.visit(file, **size) as visit:
        visit.page.add_style_tag(content=FONT + css)
        visit.settle()
        box = visit.page.locator(".answer").bounding_box() or {"y": 0, "height": 0}
        height = round(box["y"] + box["height"]) + NAVIGATION
        clip = {"x": 0, "y": 0, "width": width, "height": height}
        picture = visit.page.screenshot(clip=clip, full_page=True)
        return Image.open(io.BytesIO(picture)).convert("L")


def kept(width: int) -> Image.Image:
    """Return the picture of the repository."""
    with Image.open(PICTURES / f"{width}.png") as picture:
        return picture.convert("L")


def differs(one: Image.Image, other: Image.Image) -> bool:
    """Return whether two pictures show something else, not only otherwise."""
    if one.width != other.width or abs(one.height - other.height) > ROUNDED:
        return True
    height = min(one.height, other.height)
    gap = np.abs(_squares(one, height) - _squares(other, height))
    return bool(gap.mean() > MEAN or gap.max() > MOST)


def _squares(picture: Image.Image, height: int) -> np.ndarray:
    """Return the mean of each square down to a height."""
    own = np.asarray(picture, float)[:height]
    own = own[: own.shape[0] // SQUARE * SQUARE, : own.shape[1] // SQUARE * SQUARE]
    return own.reshape(own.shape[0] // SQUARE, SQUARE, -1, SQUARE).mean(axis=(1, 3))


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.chdir(folder)
        chromium, file = Chromium(playwright), write_page(Path(folder))
        for width in WIDTHS:
            taken(chromium, file, width).save(PICTURES / f"{width}.png", optimize=True)
        chromium.browser.close()


if __name__ == "__main__":
    main()
