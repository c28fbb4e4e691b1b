"""What scores: a scorer of scikit-learn by its name, F-beta, costs, and at which threshold."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from sklearn.metrics import get_scorer_names

from gridlanes.errors import did_you_mean
from stages.study.measures import TUNABLE, Measure

#: What takes numbers of its own, as it is written.
WITH_NUMBERS = {"fbeta": "{fbeta: 2}", "cost": "{cost: {fp: 1, fn: 5}}"}

#: Scorers by what they are called elsewhere, among others in Keras.
ELSEWHERE = {
    "rmse": "neg_root_mean_squared_error",
    "mse": "neg_mean_squared_error",
    "mae": "neg_mean_absolute_error",
    "mape": "neg_mean_absolute_percentage_error",
    "log_loss": "neg_log_loss",
    "logloss": "neg_log_loss",
    "auc": "roc_auc",
    "mcc": "matthews_corrcoef",
}

#: Scorers of classes without a best threshold.
ONE_SIDED = {
    "recall": "recall is highest where every row is named positive",
    "precision": "precision is highest where hardly any row is named positive",
}

#: The choice of the cheapest candidate that is as good as the best, to within its standard error.
ONE_STANDARD_ERROR = "one_standard_error"


def named(entry: Any) -> str:
    """Return the name of what an entry of ``scoring`` says; see :mod:`stages.study.measures`.

    Raises
    ------
    ValueError
        If it says nothing that scores.
    """
    if type(entry) is not dict:
        return _by_name(entry)
    if len(entry) != 1:
        raise ValueError(f"must be one scorer, such as {WITH_NUMBERS['fbeta']}")
    ((kind, says),) = entry.items()
    if kind == "fbeta":
        return _fbeta(says if type(says) is dict else {"beta": says}).name
    if kind == "cost":
        return _cost(says).name
    return _at_threshold(kind, says).name


def _by_name(name: Any) -> str:
    known = get_scorer_names()
    if isinstance(name, str) and name in WITH_NUMBERS:
        raise ValueError(f"{name} needs its numbers: {WITH_NUMBERS[name]}")
    if name not in known:
        _raise_unknown(name, known)
    return str(name)


def _raise_unknown(name: Any, known: list[str]) -> None:
    meant = ELSEWHERE.get(str(name).lower())
    hint = (
        f"; did you mean {meant!r}?"
        if meant
        else did_you_mean(name, [*known, *WITH_NUMBERS], most=3) or "; for example accuracy or r2"
    )
    raise ValueError(f"not the name of a scikit-learn scorer{hint}")


def _fbeta(says: dict[str, Any]) -> Measure:
    tuned = _taken(says, ("beta", "threshold"), "fbeta")
    beta = _number(says, "beta", "fbeta")
    if beta == 0:
        raise ValueError("fbeta: beta must be above 0; precision is F-beta of 0")
    return Measure("fbeta", {"beta": beta}, tuned)


def _cost(says: Any) -> Measure:
    if type(says) is not dict:
        raise ValueError(f"cost needs what each kind of error costs: {WITH_NUMBERS['cost']}")
    tuned = _taken(says, ("fp", "fn", "threshold"), "cost")
    costs = {kind: _number(says, kind, "cost") for kind in ("fp", "fn")}
    if not any(costs.values()):
        raise ValueError("cost: fp and fn are both 0, so that no error costs anything")
    return Measure("cost", costs, tuned)


def _at_threshold(kind: Any, says: Any) -> Measure:
    known = get_scorer_names()
    if kind not in known:
        _raise_unknown(kind, known)
    if type(says) is not dict or not _taken(says, ("threshold",), kind):
        raise ValueError(f"{kind}: must be {{{kind}: {{threshold: tuned}}}}, or its name alone")
    if kind in ONE_SIDED:
        raise ValueError(f"{ONE_SIDED[kind]}: no threshold to tune; fbeta weighs one by the other")
    if kind not in TUNABLE:
        can = ", ".join([*TUNABLE, *WITH_NUMBERS])
        raise ValueError(f"{kind} has no threshold that could be tuned; those that have are {can}")
    return Measure(kind, tuned=True)


def _taken(says: dict[str, Any], allowed: tuple[str, ...], kind: str) -> bool:
    """Check the keys of a scorer, and return whether its threshold is tuned."""
    for key in says:
        if key not in allowed:
            hint = did_you_mean(key, allowed) or "."
            raise ValueError(f"{kind}: unknown key {key!r}{hint} Allowed: {', '.join(allowed)}")
    if says.get("threshold", "tuned") != "tuned":
        raise ValueError(f"{kind}: threshold must be tuned, or left out")
    return "threshold" in says


def _number(says: dict[str, Any], key: str, kind: str) -> float:
    if key not in says:
        raise ValueError(f"{kind}: {key} is missing")
    value = says[key]
    if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{kind}: {key} must be a number of at least 0")
    return float(value)


def _known(entry: Any) -> Any:
    named(entry)
    return entry


def _distinct(entries: Any) -> Any:
    """Check that no two entries have one name; whatever is no list is left to others."""
    names = [named(entry) for entry in entries] if type(entries) is list else []
    repeated = [name for n, name in enumerate(names) if name in names[:n]]
    if repeated:
        raise ValueError(f"{repeated[0]!r} is listed twice")
    return entries


def _one_or_several(value: Any) -> Any:
    if type(value) is not list:
        return _known(value)
    if not value:
        raise ValueError("must be a scorer, or a list of at least one")
    for place, entry in enumerate(value):
        try:
            named(entry)
        except ValueError as error:
            raise ValueError(f"entry {place}, {entry!r}: {error}") from None
    return _distinct(value)


def all_named(scoring: Any) -> list[str]:
    """Return the names of one entry or of several."""
    return [named(entry) for entry in (scoring if type(scoring) is list else [scoring])]


def choosing(scoring: Any, refit: Any) -> str:
    """Return the name of the scorer that chooses: what ``refit`` names, the first unless it does.

    Parameters
    ----------
    scoring, refit
        Of ``grid_search``, as params.yaml has them.
    """
    names = all_named(scoring)
    return refit if refit in names else names[0]


def check_refit(refit: Any, scoring: Any) -> None:
    """Check that ``refit`` names one of the scorers, or a rule.

    Raises
    ------
    ValueError
    """
    if refit is None:
        return
    allowed = [*all_named(scoring), ONE_STANDARD_ERROR]
    if refit not in allowed:
        hint = did_you_mean(refit, allowed) or "."
        raise ValueError(
            f"must name one of the scorers, as results do, or a rule{hint} Allowed: "
            f"{', '.join(allowed)}"
        )


Scorer = Annotated[Any, BeforeValidator(_known)]
Scorers = Annotated[list[Scorer], Field(min_length=1), AfterValidator(_distinct)]
OneOrSeveral = Annotated[Any, BeforeValidator(_one_or_several)]
