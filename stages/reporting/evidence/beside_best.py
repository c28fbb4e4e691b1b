"""How each candidate stands beside the best one, and how small a difference its folds could show.

A tie is no evidence of being as good: candidates that say one class for all rows are told by that,
and of each other one there is the least difference that would have shown.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridlanes.errors import ParameterError
from gridlanes.statistics import corrected_interval, indistinguishable
from stages.reporting.evidence.intervals import known
from stages.reporting.evidence.one_class import says_one_class
from stages.reporting.evidence.scoring import limits
from stages.reporting.evidence.verdict import fold_scores, of_candidates
from stages.reporting.spelling.formats import decimals_of, number
from stages.study.counts import count, folds_in_words

#: In the order in which a table sorts them.
STANDINGS = (
    "best",
    "tied",
    "perhaps behind",
    "behind",
    "not tested",
    "one class for all rows",
    "failed",
)


def beside_best(content: dict[str, Any]) -> dict[str, Any]:
    """Return what the explorer shows of each candidate beside the best.

    Returns
    -------
    dict
        ``behind``, the best mean minus the candidate's; ``seen``, the least difference that the
        corrected t-test on its folds would call one (p < 0.05, of this candidate alone);
        ``standing``, numbers of ``STANDINGS``. NaN where there is none. A tie has a difference
        below ``seen``; "perhaps behind" one above it, which is none among so many candidates
        (Holm); "behind" one that is.
    """
    scores = fold_scores(content["candidates"])
    behind = seen = np.full(len(scores), np.nan)
    means = content["candidates"]["mean_test_score"].to_numpy(float)
    failed = np.isnan(means)
    standing = np.full(len(scores), STANDINGS.index("not tested"))
    if not failed.all():
        behind = np.nanmax(means) - means
        best = behind <= 1e-12 * np.nanmax(np.abs(means))
        try:
            seen, tested = _tested(scores, int(np.argmax(best)), known(of_candidates(content)))
            standing = np.where(failed, standing, tested)
        except ParameterError:
            pass
        same = says_one_class(content)
        if same is not None:
            standing[same] = STANDINGS.index("one class for all rows")
        standing[best] = STANDINGS.index("best")
    standing[failed] = STANDINGS.index("failed")
    return {"behind": behind, "seen": seen, "standing": standing}


def _tested(
    scores: NDArray[np.float64], best: int, ratio: float
) -> tuple[NDArray[np.float64], NDArray[np.int_]]:
    """Return how small a difference from the best each candidate could show, and its standing."""
    differences = scores[best] - scores
    estimate, low, high = map(np.asarray, corrected_interval(differences, ratio))
    # Equal scores, or differences that are equal, hold no estimate of noise.
    seen = np.where(high > low, (high - low) / 2, np.nan)
    alike = indistinguishable(scores, ratio)
    kinds = [~alike, estimate > seen]
    names = [STANDINGS.index("behind"), STANDINGS.index("perhaps behind")]
    return seen, np.select(kinds, names, default=STANDINGS.index("tied"))


def in_words(found: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return what :func:`beside_best` found, in sentences."""
    own = dict(zip(*np.unique(found["standing"], return_counts=True), strict=True))
    counts = {name: int(own.get(place, 0)) for place, name in enumerate(STANDINGS)}
    said = []
    if counts["one class for all rows"]:
        same = counts["one class for all rows"]
        say = "says" if same == 1 else "say"
        said.append(f"{count(same, 'candidate')} {say} one class for all rows.")
    if counts["not tested"]:
        return [*said, "No test is known for these folds, so no difference from the best is told."]
    kinds = [(name, counts[name]) for name in ("tied", "perhaps behind", "behind") if counts[name]]
    if kinds:
        folds = folds_in_words(best["folds"], best.get("repeats", 1))
        room = best["mean"] - limits(best["scoring"])[0]
        said.append(_others(kinds) + _least(found, folds, room))
    return said


def _others(kinds: list[tuple[str, int]]) -> str:
    """Return how many others stand how beside the best: kinds of standings, their numbers."""
    others = sum(own for _, own in kinds)
    with_best = {name: f"{name}{' with' * (name == 'tied')}" for name, _ in kinds}
    if len(kinds) == 1:
        who = "The other one is" if others == 1 else f"All {others} others are"
        return f"{who} {with_best[kinds[0][0]]} the best"
    (name, first), *rest = kinds
    verb = "is" if first == 1 else "are"
    told = [f"{first} {verb} {with_best[name]} the best", *(f"{n} {of} it" for of, n in rest)]
    return f"Of {others} others {', '.join(told)}"


def _least(found: dict[str, Any], folds: str, room: float) -> str:
    """Return the end of a sentence: how large a difference would show, if any that there can be.

    ``room`` is how far behind the best a candidate can be at all.
    """
    of = [STANDINGS.index(name) for name in ("tied", "perhaps behind", "behind")]
    seen = found["seen"][np.isin(found["standing"], of)]
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return "."
    middle = float(np.median(seen))
    if middle >= room:
        return f"; {folds} are too few to show a difference."
    least = number(middle, decimals_of(middle))
    about = "" if len(seen) == 1 else "about "
    return f"; {folds} show a difference of {about}{least} or more."
