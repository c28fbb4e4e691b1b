"""What the winner of a study and a linear model say of rows set aside, and their scores."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from stages.study.answer_scores import certain, score
from stages.study.artifacts import BEST, SET_ASIDE
from stages.study.baselines import pipelines
from stages.study.counts import count
from stages.study.errors import warn
from stages.study.measures import measure
from stages.study.params import Params
from stages.study.predictions import by_class, probability_names
from stages.study.prepared import Prepared
from stages.study.progress import phase
from stages.study.rivals import RIVALS
from stages.study.routing import WEIGHTS, routing
from stages.study.thresholds import with_thresholds
from stages.study.winner import load_network, read_winner

#: What the winner is called beside the linear model.
NETWORK = "network"


def answers(settings: Params, data: Prepared, aside: Prepared) -> dict[str, pd.DataFrame]:
    """Return what each model says of rows, the winner first.

    Parameters
    ----------
    settings : Params
    data : Prepared
        What the winner was fitted to.
    aside : Prepared
        The rows.
    """
    return {NETWORK: of_winner(aside)} | of_rival(settings, data, aside)


def of_winner(aside: Prepared) -> pd.DataFrame:
    """Return what the winner says of rows, as a table of ``stages.study.predictions`` has it.

    Where it says no finite number of a row, nothing can be scored, which is a warning.
    """
    phase("asking the winner")
    winner = read_winner(BEST)
    rows = winner.network_rows(aside.X)
    said = winner.answer(load_network(BEST), rows)
    bad = ~np.isfinite(said.select_dtypes("number").to_numpy()).all(axis=1)
    if bad.any():
        warn(
            f"{SET_ASIDE}: the winner says of {count(int(bad.sum()), 'row')} nothing that is a "
            "finite number, so that it has no score there; a value may be missing, or far beyond "
            "those that it was trained on"
        )
    return said


def of_rival(settings: Params, data: Prepared, aside: Prepared) -> dict[str, pd.DataFrame]:
    """Return by its name what the linear model says of rows; nothing if it cannot be fitted."""
    name = RIVALS[aside.task]
    phase(f"fitting {name}")
    with routing(data) as given, warnings.catch_warnings(action="ignore"):
        chooser = settings.grid_search.chooser
        pipeline = pipelines(data, settings.model, settings.seed)[name]
        rival = with_thresholds(pipeline, [chooser], data, settings.seed)
        # Groups are for the folds that a threshold is tuned on.
        taken = [WEIGHTS, *["groups"] * measure(chooser).tuned]
        try:
            own = {role: value for role, value in given.items() if role in taken}
            rival.fit(data.X, data.y, **own)
            said = {"predicted": rival.predict(aside.X)}
            if aside.task == "classification":
                said |= by_class(rival.predict_proba(aside.X), rival.classes_)
        except ValueError:
            return {}
    return {name: pd.DataFrame(said)}


def summary(settings: Params, said: dict[str, pd.DataFrame], aside: Prepared) -> dict[str, Any]:
    """Return the scores of all models by the scorer that chose, then by others of the study.

    A threshold is that of the scorer that chose; others look at probabilities.
    """
    own = settings.grid_search.chooser
    others = [*settings.grid_search.scorers, *settings.cross_validate.scorers]
    scorers = dict.fromkeys([own, *(name for name in others if not measure(name).tuned)])
    scores = {
        scorer: {name: _score(scorer, answers, aside) for name, answers in said.items()}
        for scorer in scorers
    }
    return {"rows": len(aside.y), "scoring": own, "rival": RIVALS[aside.task], "scores": scores}


def _score(scorer: str, said: pd.DataFrame, aside: Prepared) -> float | None:
    """Return a score; None where it is not defined."""
    classes = np.unique(aside.y) if aside.task == "classification" else None
    columns = ["predicted"] if classes is None else probability_names(classes)
    outputs = said[columns].to_numpy()
    if classes is not None and measure(scorer).tuned and np.isfinite(outputs).all():
        outputs = certain(said["predicted"].to_numpy(), classes)
    found = score(scorer, outputs, classes, aside)
    return round(found, 6) if np.isfinite(found) else None


def table(said: dict[str, pd.DataFrame], aside: Prepared) -> pd.DataFrame:
    """Return the predictions of all models, one after the other, with what is known of each row."""
    known = {"row": range(len(aside.y)), "fold": 0, "truth": aside.y.to_numpy()}
    for role in ("groups", "weights"):
        own = getattr(aside, role)
        known |= {} if own is None else {role: own.to_numpy()}
    tables = [pd.DataFrame({"model": name, **known, **dict(own)}) for name, own in said.items()]
    return pd.concat(tables, ignore_index=True)
