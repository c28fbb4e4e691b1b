"""What notebooks show in place of plain text, as scikit-learn's estimators do."""

import sys
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

#: Colours are those of the page around it, so that light and dark ones both fit.
_TABLE = "border-collapse:collapse;margin:0"
_CELL = "text-align:left;vertical-align:top;padding:0.15em 1em 0.15em 0;overflow-wrap:break-word"


class Shown:
    """Has a table in notebooks, unless ``sklearn.set_config(display="text")`` says otherwise."""

    def _html_repr(self) -> str:
        """Return what a notebook shows."""
        raise NotImplementedError

    @property
    def _repr_html_(self) -> Callable[[], str]:
        if not _diagrams():
            raise AttributeError("_repr_html_ is there only with display='diagram'")
        return self._html_repr

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        plain = {"text/plain": str(self)}
        return plain | ({"text/html": self._html_repr()} if _diagrams() else {})


def table(title: str, rows: Iterable[Sequence[object]], names: Sequence[str] = ()) -> str:
    """Return a table in HTML that needs no style or script from elsewhere.

    Parameters
    ----------
    title : str
    rows : iterable of sequences
        Whose first cell says what the others are of; any text, which is escaped.
    names : sequence of str
        Of the columns, if they have any.
    """
    head = _row([("th scope='col'", name) for name in names])
    body = [
        _row([("th scope='row'", first), *(("td", own) for own in others)])
        for first, *others in rows
    ]
    parts = [f"<thead>{head}</thead>"] if names else []
    parts += [f"<tbody>{''.join(body)}</tbody>"] if body else []
    inner = f'<table style="{_TABLE}">{"".join(parts)}</table>' if parts else ""
    return f'<div style="overflow-x:auto"><p><strong>{escape(title)}</strong></p>{inner}</div>'


def _row(cells: Iterable[tuple[str, object]]) -> str:
    own = [f'<{tag} style="{_CELL}">{escape(str(text))}</{tag.split()[0]}>' for tag, text in cells]
    return f"<tr>{''.join(own)}</tr>"


def _diagrams() -> bool:
    # Whoever only looks into a store does without scikit-learn.
    from sklearn import get_config

    return bool(get_config()["display"] == "diagram")


def in_notebook() -> bool:
    """Return whether this process computes the cells of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


def updated_line(text: str) -> Callable[[str], None]:
    """Show a line under the cell of a notebook, and return what puts another in its place."""
    from IPython.display import display

    show: Callable[..., Any] = display
    shown = show({"text/plain": text}, raw=True, display_id=True)

    def update(text: str) -> None:
        shown.update({"text/plain": text}, raw=True)

    return update
