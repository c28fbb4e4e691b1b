"""What the search says of its results: the sections of all pages, with their text, in a script.

A page that is opened from disk may not read others to quote them, so that the words have to be
there already. ``docs/static/search.js`` quotes from them, and ranks by them.
"""

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from search_words import WORDS
from sphinx import addnodes
from sphinx.application import Sphinx

SCRIPT = "search_sections.js"

#: Elements whose text no reader sees.
UNSEEN = (nodes.Invisible, nodes.raw, addnodes.toctree)


def sections(doctree: nodes.document) -> list[list[str]]:
    """Return the anchor, heading and text of each section, in the order of the page.

    What has a signature, such as a method, counts as a section of its own.
    """
    found: list[list[str]] = [["", "", ""]]
    for own in doctree.findall(nodes.Element):
        if isinstance(own, addnodes.desc_signature) and own["ids"]:
            found.append([own["ids"][0], own.get("fullname", own.astext()), ""])
        elif isinstance(own, nodes.section):
            found.append([own["ids"][0], "", ""])
        elif isinstance(own, nodes.title):
            found[-1][1] = own.astext()
        elif isinstance(own, nodes.TextElement) and not _inside(own):
            found[-1][2] += " ".join(_seen(own).split()) + " "
    return [own for own in found if own[1] or own[2]]


def _seen(own: nodes.Element) -> str:
    """Return the text of an element, a space for each tag of HTML in it."""
    texts = own.findall(nodes.Text)
    return "".join(" " if isinstance(text.parent, nodes.raw) else str(text) for text in texts)


def _inside(own: nodes.Element) -> bool:
    """Say whether the text of an element is that of another, or is not seen."""
    kinds = (*UNSEEN, nodes.title, addnodes.desc_signature)
    return isinstance(own, UNSEEN) or isinstance(own.parent, (nodes.TextElement, *kinds))


def add_words(app: Sphinx, doctree: nodes.document) -> None:
    """Let pages be found by words that people use for what stands there in others."""
    words = WORDS.get(app.env.docname)
    if words is not None:
        # Sphinx takes what stands between commas for one word, and people ask for several.
        single = ", ".join(dict.fromkeys(re.findall(r"\w+", words)))
        doctree.insert(0, nodes.meta("", name="keywords", content=single))


def load(app: Sphinx, page: str, *_: Any) -> None:
    """Have the page of the search load the sections, and it alone."""
    if page == "search":
        app.add_js_file(SCRIPT)
        app.add_js_file("search.js")


def _script(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the sections of all pages."""
    if error is None and app.builder.format == "html":
        pages = {name: sections(app.env.get_doctree(name)) for name in sorted(app.env.all_docs)}
        text = f"const SECTIONS = {_script(pages)};\nconst WORDS = {_script(WORDS)};\n"
        (Path(app.outdir) / "_static" / SCRIPT).write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("doctree-read", add_words)
    app.connect("html-page-context", load)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
