"""Which figures a report holds, and what each shows in words for those who do not see it."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from stages.reporting.figures import data_set
from stages.reporting.figures.base_model import of_base_model
from stages.reporting.figures.drawing import save
from stages.reporting.figures.illustration import NAMED, Illustration
from stages.reporting.figures.search import of_search
from stages.reporting.figures.winner import of_winner
from stages.reporting.spelling.formats import percent
from stages.reporting.words.names import class_name, short
from stages.study.counts import count, in_digits, listed
from stages.study.predictions import each_row_once
from stages.study.progress import phase, progress


def draw(shown: Sequence[Illustration], folder: Path) -> None:
    """Draw figures into a new folder."""
    folder.mkdir()
    phase("drawing figures", total=len(shown))
    for done, own in enumerate(shown):
        progress(done, f"{done + 1} of {len(shown)}")
        save(own.draw(), folder, own.name)


def illustrations(content: dict[str, Any]) -> Iterator[Illustration]:
    """Return the figures of a report, in their order."""
    yield from of_winner(content)
    yield from of_search(content)
    yield from of_base_model(content)
    yield _data(content)


def _of_the_table(profile: dict[str, Any]) -> str:
    """Return what the figure of the data shows: how unequal classes are, and where values miss."""
    said = []
    if "classes" in profile:
        rows = {own["label"]: own["rows"] for own in profile["classes"]}
        few, most = min(rows, key=rows.__getitem__), max(rows, key=rows.__getitem__)
        share = percent(rows[few] / sum(rows.values()))
        said.append(
            f"The smallest class, {short(few)}, has {share} of the rows."
            if rows[few] < rows[most]
            else f"Each class has {count(rows[few], 'row')}."
        )
    gaps = {name: own["missing"] for name, own in profile["features"].items() if own["missing"]}
    if not gaps:
        return " ".join([*said, "No value is missing."])
    name = max(gaps, key=gaps.__getitem__)
    of = f"{count(len(gaps), 'feature')} of {len(profile['features'])}"
    share = percent(gaps[name] / profile["rows"])
    return " ".join([*said, f"Values miss in {of}; {short(name)} lacks most, {share}."])


def _data(content: dict[str, Any]) -> Illustration:
    profile = content["profile"]
    gaps = [(name, own["missing"]) for name, own in profile["features"].items() if own["missing"]]
    missing = listed((f"{name} in {count(rows, 'row')}" for name, rows in gaps), NAMED) or "nothing"
    if "classes" in profile:
        target = listed(
            (
                f"{class_name(own['label'])} has {count(own['rows'], 'row')}"
                for own in profile["classes"]
            ),
            NAMED,
        )
    else:
        ends = profile["target_range"]
        target = (
            f"{profile['target']} from {in_digits(ends['minimum'])} to {in_digits(ends['maximum'])}"
        )
    # In the order of time some rows are tested by no fold.
    of_tested = " of the rows that folds test" * ("time" in profile and "classes" not in profile)
    return Illustration(
        "data",
        "data",
        f"The target{of_tested}, and missing values by feature. {_of_the_table(profile)}",
        f"Target: {target}. Missing: {missing}.",
        partial(data_set.data, profile, each_row_once(content["own_predictions"])["truth"]),
    )
