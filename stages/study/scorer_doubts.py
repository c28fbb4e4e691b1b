"""What the scorers of a study may not tell of its target."""

from collections.abc import Iterator, Sequence
from typing import Any

from stages.study.scorers import is_of_a_class

#: A class with more than this share is nearly always right to name.
LARGEST = 0.9


def doubts(profile: dict[str, Any], scoring: Sequence[str]) -> list[str]:
    """Say what scorers may not tell of a target, one sentence each."""
    return [*_unbalanced(profile, scoring), *_of_no_named_class(profile, scoring)]


def _unbalanced(profile: dict[str, Any], scoring: Sequence[str]) -> Iterator[str]:
    """Say so if accuracy judges a target that is nearly always the same."""
    classes = profile.get("classes")
    if classes is None or "accuracy" not in scoring:
        return
    largest = max(classes, key=lambda own: own["rows"])
    if largest["share"] <= LARGEST:
        return
    yield (
        f"accuracy says little here: {largest['share']:.1%} of the rows are of class "
        f"{largest['label']!r}, and always naming it is right as often; roc_auc, "
        "average_precision and balanced_accuracy look at the others"
    )


def _of_no_named_class(profile: dict[str, Any], scoring: Sequence[str]) -> Iterator[str]:
    """Say of which class some scores are where nobody has said it and it is not the usual 1."""
    labels = [own["label"] for own in profile.get("classes", [])]
    of_a_class = [name for name in scoring if is_of_a_class(name)]
    if of_a_class and len(labels) == 2 and profile.get("positive") is None and 1 in labels[:1]:
        yield f"{', '.join(of_a_class)} is of class 1, not of {labels[1]}; data.positive names it"
