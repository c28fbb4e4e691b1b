"""What the report says of a transformed target: in which unit networks were trained."""

import pandas as pd

from stages.study.distributions import tried
from stages.study.params import Params

#: The parameter of an estimator that names what the target goes through.
TRANSFORMER = "target_transformer"


def transformed(settings: Params) -> str | None:
    """Return after which transformations networks were trained on the target; None for none."""
    own = settings.model.network.get(TRANSFORMER, settings.model.target)
    section = settings.grid_search
    fixed = [section.network.get(TRANSFORMER, own)]
    searched = list(
        dict.fromkeys(
            name for grid in section.grids for name in tried(grid.get(TRANSFORMER, fixed))
        )
    )
    if {own, *searched} == {"none"}:
        return None
    if searched == [own]:
        return f"after {own}"
    base = "as it is" if own == "none" else f"after {own}"
    return f"{base} in the base model, in the search by {TRANSFORMER}: {', '.join(searched)}"


def units(candidates: pd.DataFrame) -> dict[int, str]:
    """Return what the target of each candidate went through, where that is not always the same."""
    if TRANSFORMER not in candidates or candidates[TRANSFORMER].nunique() < 2:
        return {}
    numbers, names = candidates["candidate"].tolist(), candidates[TRANSFORMER].astype(str)
    return dict(zip(numbers, names.tolist(), strict=True))
