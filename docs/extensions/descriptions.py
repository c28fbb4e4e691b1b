"""A description of each page, for what lists pages: the first paragraph, cut where it is long."""

import textwrap
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

#: So much of a description is shown.
LONGEST = 160


def describe(
    _app: Sphinx,
    _page: str,
    _template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Put the description of a page into its head."""
    texts = () if doctree is None else (own.astext() for own in doctree.findall(nodes.paragraph))
    first = next((text for text in texts if " " in text.strip()), None)
    if first is not None:
        said = escape(textwrap.shorten(first, LONGEST, placeholder=" …"))
        context["metatags"] += f'<meta name="description" content="{said}">\n'


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
