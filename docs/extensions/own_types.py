"""Types of our own, as docstrings say them of parameters and results, as links to their pages.

Those are what ``docs/reference/api.rst`` lists. All other types stay words: numpydoc would link
``int`` and its kin, too, to references that are not here.
"""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

API = "reference/api.rst"

#: A line that says in which module the names below it are, or a name.
LINE = re.compile(r"^\.\. currentmodule:: (\S+)$|^   ~?([A-Za-z_][\w.]*)$", re.MULTILINE)


def listed(page: Path) -> list[str]:
    """Return the names that the page lists, in full."""
    module, names = "", []
    for match in LINE.finditer(page.read_text(encoding="utf-8")):
        module = match[1] or module
        if match[2]:
            names.append(f"{module}.{match[2]}")
    return names


def types(page: Path) -> dict[str, str]:
    """Return the classes that the page lists, by their names alone."""
    by_name = {name.rpartition(".")[2]: name for name in listed(page)}
    return {short: name for short, name in by_name.items() if short[0].isupper()}


def link(app: Sphinx, config: Config) -> None:
    """Have numpydoc know these types and no others, after it has taken its own."""
    page = Path(app.confdir) / API
    config.numpydoc_xref_aliases_complete = types(page)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("config-inited", link, priority=900)
    return {"parallel_read_safe": True}
