"""The candidates of a search as params.yaml has them."""

from typing import Any

from stages.study.sections.searching import GridSearch


def as_written(section: GridSearch, seed: int) -> list[dict[str, Any]]:
    """Return the candidates in their order, transformers by name.

    Parameters
    ----------
    section : GridSearch
    seed : int
        Of the study, which draws them.
    """
    # Loaded by those only who look at candidates, as compare and preprocess do not.
    from sklearn.model_selection import ParameterGrid, ParameterSampler

    if section.n_iter is None:
        return list(ParameterGrid(section.grids))
    return list(ParameterSampler(section.grids, section.n_iter, random_state=seed))
