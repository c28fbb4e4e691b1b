"""Learning rates in pieces, of which a fit ends before it has come to the last one."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from stages.study.candidates import as_written
from stages.study.sections.model import Model
from stages.study.sections.searching import GridSearch
from stages.study.sections.training import Piecewise

#: What a rate is called, and each key of a schedule begins with.
OTHER, RATE, KEY = "optimizer__learning_rate", "learning_rate", "learning_rate__"


def never_reached(model: Model, search: GridSearch, seed: int) -> Iterator[str]:
    """Say which piecewise schedules have values for epochs that there are not.

    Parameters
    ----------
    model : Model
    search : GridSearch
    seed : int
        Of the study, which draws candidates.
    """
    late = _late(model.network)
    if late:
        yield f"model.network.learning_rate.epochs: {late}"
        return
    said = [model.network, search.network, *search.grids]
    if not any("piecewise" in str(own) for own in said):
        return
    for number, candidate in enumerate(as_written(search, seed)):
        late = _late(model.network, search.network, candidate)
        if late:
            told = ", ".join(f"{name}: {value}" for name, value in candidate.items())
            yield f"grid_search.param_grid: candidate {number}, {told}: {late}"


def _late(*said: Mapping[str, Any]) -> str:
    """Return why a fit does not come to its last rate, if so; what is said later counts."""
    rate: Any = None
    epochs: Any = 1
    for one in said:
        # By either name, as of the rate below.
        epochs = one.get("fit__epochs", one.get("epochs", epochs))
        # Either name replaces what the other has said.
        rate = one.get(RATE, None if OTHER in one else rate)
        if isinstance(rate, Mapping):
            keys = {name: value for name, value in one.items() if name.startswith(KEY)}
            rate = {**rate, **{name.removeprefix(KEY): value for name, value in keys.items()}}
    if not isinstance(rate, Mapping) or rate.get("schedule") != "piecewise":
        return ""
    try:
        own = Piecewise.model_validate(rate)
    except ValidationError:
        # Of two values that do not fit each other it is the stage that says so.
        return ""
    last = own.epochs[-1]
    if not isinstance(epochs, int) or last < epochs:
        return ""
    return (
        f"the learning rate changes after epoch {last}, and training ends with epoch {epochs}, so "
        f"that {own.values[-1]:g} would never be used"
    )
