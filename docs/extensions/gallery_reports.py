"""Links from the gallery's pages to the reports, where ``docs/gallery/build.py`` has made them.

Reports have more than a megabyte each, so that git has none of them: a page says how to make its
own until it is there.
"""

import re
import shutil
from pathlib import Path
from typing import Any

REPORTS = Path("gallery/reports")


def link(app: Any, _: str, source: list[str]) -> None:
    """Put a link to a study's report in the place of the comment that names the study."""
    for name in re.findall(r"^<!-- report (\w+) -->$", source[0], re.MULTILINE):
        report = REPORTS / f"{name}.html"
        if (app.srcdir / report).exists():
            target = (
                f'<p><a href="reports/{name}.html">The report of this study</a>, one page.</p>\n'
            )
            source[0] = source[0].replace(f"<!-- report {name} -->", target)


def copy(app: Any, error: Exception | None) -> None:
    """Copy the reports to where the links point."""
    if error is None and (app.srcdir / REPORTS).is_dir():
        shutil.copytree(app.srcdir / REPORTS, Path(app.outdir) / REPORTS, dirs_exist_ok=True)


def setup(app: Any) -> dict[str, bool]:
    """Have Sphinx call these."""
    app.connect("source-read", link)
    app.connect("build-finished", copy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
