"""What a study knows of its rows besides their features, in sentences."""

from typing import Any

from stages.reporting.spelling.formats import title
from stages.study.counts import count
from stages.study.scorers import takes_weights


def row_words(profile: dict[str, Any], scorers: list[str]) -> list[str]:
    """Return a sentence or two on groups, on the time and on weights, as far as there are any.

    Parameters
    ----------
    profile : dict
        Of the table.
    scorers : list of str
        All that the study scores by.
    """
    said = []
    if "groups" in profile:
        said.append(_groups(profile["groups"], profile["rows"]))
    if "time" in profile:
        said.append(_time(profile["time"]))
    if "weights" in profile:
        models = ["linear discriminant analysis"] * (profile["task"] == "classification")
        without = [*models, *(title(own) for own in scorers if not takes_weights(own))]
        said.append(_weights(profile["weights"], without))
    return said


def _groups(own: dict[str, Any], rows: int) -> str:
    return (
        f"Rows with the same {own['column']} stay on one side of every split: "
        f"{count(own['groups'], 'group')}, the largest of {own['largest']} of {rows} rows. It is "
        "groups that the bootstrap draws, and the scores of folds that intervals come from."
    )


def _time(own: dict[str, Any]) -> str:
    return (
        f"Folds go by {own['column']}, from {own['minimum']} to {own['maximum']} "
        f"({own['times']} different times): each is tested on what is later than all that it was "
        "trained on, and the earliest rows are never tested. For such folds no test or interval "
        "is known."
    )


def _weights(own: dict[str, Any], without: list[str]) -> str:
    take = "takes" if len(without) == 1 else "take"
    rest = f"; {' and '.join(without)} {take} no weights" if without else ""
    return (
        f"Rows weigh what {own['column']} says, from {own['minimum']} to {own['maximum']}, in fits "
        f"and scores{rest}. Figures of predictions count every row once."
    )
