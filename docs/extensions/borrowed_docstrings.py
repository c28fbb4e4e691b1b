"""Docstrings of others: of scikit-learn, whose references lead to pages that this site has not."""

import re
from typing import Any

from sphinx.application import Sphinx

#: A reference by a role, such as ``:term:`fit``` or ``:ref:`User Guide <routing>```.
REFERENCE = re.compile(r":(?:[a-z]+:)?[a-z]+:`~?([^`<]+?)(?:\s*<[^>`]*>)?`")


def in_our_words(
    _app: Sphinx, _what: str, _name: str, owner: Any, _options: Any, lines: list[str]
) -> None:
    """Replace references by their text, as code, and leave out what Python says of a field."""
    if lines and lines[0].startswith("Alias for field number"):
        lines.clear()
    # What scikit-learn makes for each estimator has the module of neither.
    origin = getattr(owner, "__module__", None) or getattr(
        getattr(owner, "__func__", None), "__module__", ""
    )
    if not str(origin).startswith("gridlanes"):
        lines[:] = REFERENCE.sub(r"``\1``", "\n".join(lines)).splitlines()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx, before numpydoc has read the sections."""
    app.connect("autodoc-process-docstring", in_our_words, priority=100)
    return {"parallel_read_safe": True}
