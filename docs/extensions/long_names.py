"""Code in a line that is longer than a phone is wide, marked so that it may break."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

#: So many characters of a word have room on a phone, in a list of parameters too.
FITS = 24


def mark(_app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Give code with a long word a class, by which the style tells it."""
    for own in doctree.findall(nodes.literal):
        if any(len(word) > FITS for word in own.astext().split()):
            own["classes"].append("long")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("doctree-resolved", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
