"""A comparison for people: as text for a terminal, as Markdown and as a page.

All three show the same: :func:`content`. It is short however many candidates there are.
"""

import math
from collections.abc import Sequence
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stages.reporting import TEMPLATES
from stages.reporting.comparing.comparability import chooser
from stages.reporting.comparing.comparison import Cell, Comparison, best, only_here
from stages.reporting.comparing.snapshot import Snapshot
from stages.reporting.evidence.decision import FEW
from stages.reporting.evidence.intervals import NO_TEST
from stages.reporting.spelling.formats import between, number
from stages.reporting.spelling.parameters import NUMBER, Change, at
from stages.reporting.spelling.values import among
from stages.study.artifacts import render
from stages.study.counts import count, folds_in_words
from stages.study.markdown import LENGTH, code, plain, shown

#: Rows of the table of changes, of those of new and gone candidates, lengths of lists in sentences.
CHANGES, OTHERS, NAMES = 10, 5, 5

TESTS = {
    "paired": "compared fold by fold (corrected t-test",
    "shared": "compared fold by fold (corrected t-test",
    "unpaired": "compared as means of independent folds (corrected Welch test",
}


def content(comparison: Comparison) -> dict[str, Any]:
    """Return what is shown: sentences, and tables as rows of text."""
    then, now = comparison.then, comparison.now
    new = [cell for cell in comparison.cells if cell.status == "new"]
    gone = [cell for cell in comparison.cells if cell.status == "gone"]
    return {
        "then": shown(then.name),
        "now": shown(now.name),
        "changes": [_change(change) for change in comparison.changes],
        "sentences": _sentences(comparison, new, gone),
        "largest": [_moved(cell) for cell in comparison.largest[:CHANGES]],
        "new": [_other(cell, cell.now) for cell in _top(new, "now")],
        "gone": [_other(cell, cell.then) for cell in _top(gone, "then")],
        "outcomes": [
            {"name": name, "then": own(then), "now": own(now)}
            for name, own in (
                ("best candidate", _best),
                ("nested estimate", _nested),
                ("decision", _decision),
            )
        ],
    }


def markdown(comparisons: Sequence[Comparison]) -> str:
    """Return comparisons for a comment on a pull request."""
    own = [content(comparison) for comparison in comparisons]
    return render(TEMPLATES / "compare.md.jinja", comparisons=own, plain=plain, code=code)


def page(comparisons: Sequence[Comparison]) -> str:
    """Return comparisons as a page."""
    own = [content(comparison) for comparison in comparisons]
    return render(
        TEMPLATES / "compare.html.jinja", comparisons=own, title="Comparison of revisions"
    )


def as_text(comparisons: Sequence[Comparison], file: TextIO) -> str:
    """Return comparisons for a terminal, as wide as it is, or for another file without colours."""
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    with console.capture() as written:
        for place, comparison in enumerate(comparisons):
            console.print("\n" * (place > 0), end="")
            _write(console, content(comparison))
    # Rich fills tables up with blanks.
    return "\n".join(line.rstrip() for line in written.get().splitlines())


def _write(console: Console, own: dict[str, Any]) -> None:
    then, now = own["then"], own["now"]
    console.print(Text(f"{now} compared with {then}", style="bold"))
    columns = {"path": "parameter", "then": then, "now": now}
    _table(console, columns, own["changes"])
    for sentence in own["sentences"]:
        console.print(sentence)
    columns = {"cell": "largest changes", "then": then, "now": now}
    figures = {"difference": "change", "pvalue": "p (Holm)", "noise": "beyond noise"}
    _table(console, {**columns, **figures}, own["largest"])
    _table(console, {"cell": "best of the new candidates", "mean": "mean"}, own["new"])
    _table(console, {"cell": "best of the candidates that are gone", "mean": "mean"}, own["gone"])
    _table(console, {"name": "outcome", "then": then, "now": now}, own["outcomes"])


def _table(console: Console, columns: dict[str, str], rows: list[dict[str, str]]) -> None:
    if not rows:
        return
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, expand=False)
    numbers = {"difference", "pvalue", "mean"}
    for name, title in columns.items():
        justify: Any = "right" if name in numbers else "left"
        table.add_column(Text(title), justify=justify, overflow="fold")
    styles = {"better": "green", "worse": "red"}
    for row in rows:
        cells = [Text(row[name]) for name in columns]
        table.add_row(*cells, style=styles.get(row.get("noise", ""), ""))
    console.print()
    console.print(table)
    console.print()


def _sentences(comparison: Comparison, new: list[Cell], gone: list[Cell]) -> list[str]:
    then, now = comparison.then, comparison.now
    both = len(now.cells) - len(new)
    said = [] if comparison.changes else ["No parameter has changed."]
    if comparison.files:
        said.append(f"Code of the search has changed: {_listed(comparison.files)}.")
    said.append(
        f"{count(len(then.cells), 'candidate')} then, {len(now.cells)} now: {both} in both, "
        f"{len(new)} new{_values(new, then)}, {len(gone)} gone{_values(gone, now)}."
    )
    for name, side in comparison.unfixed.items():
        said.append(
            f"No candidate could be joined by {shown(name)}: {shown(side)} neither searches it nor "
            "fixes it in grid_search.network or model.network."
        )
    drawn = [at(side.params, "grid_search.method") == "random" for side in (then, now)]
    if any(drawn) and not both:
        said.append(
            "Candidates were drawn at random, none of them on both sides: the best and nested "
            "estimates can be compared, not candidate by candidate."
        )
    return said + (_outcome(comparison, both) if both else [])


def _outcome(comparison: Comparison, both: int) -> list[str]:
    """Return how the candidates in both were compared, and with what outcome."""
    counts = comparison.counts
    if comparison.test == "none":
        return [f"Scores are not compared: other {_listed(comparison.because)}."]
    if comparison.test == "unknown" and comparison.because:
        sides = " and ".join(map(shown, comparison.because))
        why = f"the report of {sides} does not hold them; `dvc repro` makes it anew"
        return [f"Scores are not compared: groups make folds of different sizes, and {why}."]
    if comparison.test == "unknown":
        return [f"Scores are not compared: {NO_TEST}."]
    moved = counts["better"] + counts["worse"] + counts["within"]
    sizes = [side.scores.shape[1] for side in (comparison.then, comparison.now)]
    said = f"{counts['same']} of the {both} in both have the same scores"
    if comparison.test == "shared":
        then, now = sizes
        said += f" on the {min(sizes)} folds that both sides have ({then} then, {now} now)"
    if moved:
        where = {
            "paired": f"the same {_folds(comparison.now)}",
            "shared": "these",
            "unpaired": f"other folds ({_listed(comparison.because)})",
        }[comparison.test]
        said += (
            f", {moved} differ, on {where}, {TESTS[comparison.test]}, Holm over {moved}): "
            f"{counts['better']} better and {counts['worse']} worse beyond noise, "
            f"{counts['within']} within it"
        )
        if counts["within"] == moved and min(sizes) < FEW:
            said += " (so few folds tell little apart)"
    failed = f"{counts['failed']} could not be compared, because fits failed then or now."
    return [f"{said}.", *([failed] if counts["failed"] else [])]


def _values(cells: list[Cell], other: Snapshot) -> str:
    """Return in brackets which values the other side does not have."""
    found = only_here([cell.params for cell in cells], other.cells)
    parts = [f"{shown(name)} {_few_or_range(values)}" for name, values in found.items()]
    return f" ({'; '.join(parts[:NAMES])})" if parts else ""


def _few_or_range(values: list[str]) -> str:
    """Return values, of many numbers that were drawn how many and from where to where."""
    if len(values) <= NAMES or not all(map(NUMBER.fullmatch, values)):
        return _listed(values)
    low, high = min(values, key=float), max(values, key=float)
    return f"{len(values)} values from {low} to {high}"


def _listed(names: list[str]) -> str:
    rest = len(names) - NAMES
    return ", ".join(map(shown, names[:NAMES])) + (f" and {rest} more" if rest > 0 else "")


def _change(change: Change) -> dict[str, str]:
    values = {"then": change.then, "now": change.now}
    own = {name: "not set" if value is None else shown(value) for name, value in values.items()}
    return {"path": shown(change.path), **own}


def _cell(params: dict[str, str]) -> str:
    return ", ".join(
        f"{shown(name)} {shown(among(value))}" for name, value in sorted(params.items())
    )


def _moved(cell: Cell) -> dict[str, str]:
    return {
        "cell": _cell(cell.params),
        "then": number(cell.then),
        "now": number(cell.now),
        "difference": f"{cell.difference:+.3f}",
        "pvalue": f"{cell.pvalue:.3f}" if cell.pvalue >= 0.0005 else "< 0.001",
        "noise": "no" if cell.status == "within" else cell.status,
    }


def _top(cells: list[Cell], side: str) -> list[Cell]:
    """Return the best of some cells, failed ones last."""

    def place(cell: Cell) -> float:
        mean: float = getattr(cell, side)
        return math.inf if math.isnan(mean) else -mean

    return sorted(cells, key=place)[:OTHERS]


def _other(cell: Cell, mean: float) -> dict[str, str]:
    return {"cell": _cell(cell.params), "mean": "failed" if math.isnan(mean) else number(mean)}


def _best(snapshot: Snapshot) -> str:
    found = best(snapshot)
    if found is None:
        return "all failed"
    params, mean, deviation = found
    scoring = shown(chooser(snapshot.params))
    spread = f"standard deviation {number(deviation)} over {_folds(snapshot)}"
    return f"{scoring} {number(mean)} ({spread}): {_cell(params)}"


def _nested(snapshot: Snapshot) -> str:
    if snapshot.nested is None:
        return "not asked for"
    nested = dict(snapshot.nested)
    folds = folds_in_words(nested["folds"], nested.get("repeats", 1), "outer fold")
    return f"{number(nested['mean'])} {between(nested)}, {folds}"


def _folds(snapshot: Snapshot) -> str:
    return folds_in_words(snapshot.scores.shape[1], snapshot.repeats)


def _decision(snapshot: Snapshot) -> str:
    return shown(snapshot.verdict, 5 * LENGTH) if snapshot.verdict else "no report"
