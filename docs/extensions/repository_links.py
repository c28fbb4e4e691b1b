"""Pages of the site that are files of the repository, and links that lead out of ``docs/``.

A page that says ``<!-- the page: ../../CHANGELOG.md -->`` and nothing else is that file, whose
links are read from where it lies. A link to such a file leads to its page. Links to other files
of the repository stay: MyST offers those for download.
"""

import os
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

#: What a page says that is a file of the repository.
BROUGHT = re.compile(r"<!-- the page: (\S+) -->\s*")

#: The target of a link or picture that is not on the web and not on its own page.
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")

#: A block of code, or code in a line, in which nothing is a link.
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


def brought(folder: Path) -> dict[Path, Path]:
    """Return the page of each file of the repository that has one."""
    found = {}
    for page in folder.rglob("*.md"):
        match = BROUGHT.fullmatch(page.read_text(encoding="utf-8"))
        if match is not None:
            found[(page.parent / match[1]).resolve()] = page
    return found


def relinked(text: str, origin: Path, page: Path, pages: dict[Path, Path]) -> str:
    """Return a text with its links as they are to be on a page.

    Parameters
    ----------
    text : str
    origin : Path
        The file that the text is from, to which its links are relative.
    page : Path
        The file that Sphinx takes it to be from.
    pages : dict
        The page of each file of the repository that has one.
    """

    def target(link: re.Match[str]) -> str:
        to = (origin.parent / link[1]).resolve()
        return Path(os.path.relpath(pages.get(to, to), page.parent)).as_posix()

    parts = CODE.split(text)
    return "".join(own if n % 2 else LINK.sub(target, own) for n, own in enumerate(parts))


def read(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace what a page says by what it is to say."""
    page = Path(app.env.doc2path(docname)).resolve()
    if page.suffix != ".md":
        return
    origin, match = page, BROUGHT.fullmatch(source[0])
    if match is not None:
        origin = (page.parent / match[1]).resolve()
        source[0] = origin.read_text(encoding="utf-8")
        app.env.note_dependency(str(origin))
    source[0] = relinked(source[0], origin, page, brought(Path(app.srcdir)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("source-read", read)
    return {"parallel_read_safe": True}
