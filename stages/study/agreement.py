"""What entries of params.yaml mean for each other, as far as no table has to be read."""

from collections.abc import Iterator

from stages.study.sections.data import Data
from stages.study.sections.model import Model
from stages.study.sections.scoring import ONE_STANDARD_ERROR
from stages.study.sections.searching import CrossValidate, GridSearch
from stages.study.suited import why_no_regression

#: What a seed is called by the estimator, and would be by somebody who looks for it.
SEEDS = frozenset(["random_state", "seed", "seeds"])


def unsuited(data: Data, base: CrossValidate, search: GridSearch) -> Iterator[str]:
    """Say which scorers cannot score what the study predicts."""
    if data.task == "regression":
        for section, names in (("cross_validate", base.scorers), ("grid_search", search.scorers)):
            for why in filter(None, map(why_no_regression, names)):
                yield f"{section}.scoring: {why}"


def without_an_error(data: Data, search: GridSearch) -> Iterator[str]:
    """Say where the rule of one standard error has none to go by."""
    if search.takes_cheapest and data.time:
        yield (
            f"grid_search.refit: {ONE_STANDARD_ERROR} takes folds to be alike, and those in the "
            "order of data.time grow; leave it out, or name a scorer"
        )


def of_seeds(model: Model, base: CrossValidate, search: GridSearch) -> Iterator[str]:
    """Say where a grid would choose the luckiest seed, or where one reaches nothing."""
    for path, network in (("model", model.network), ("grid_search", search.network)):
        for section, seeds in (("cross_validate", base.seeds), ("grid_search", search.seeds)):
            if "random_state" in network and seeds:
                yield (
                    f"{path}.network.random_state: reaches nothing beside {section}.seeds, which "
                    "has the seeds"
                )
                return
    for path, grid in search.named_grids:
        for name in sorted(SEEDS & grid.keys()):
            yield (
                f"{path}.{name}: would choose the luckiest seed; grid_search.seeds: [0, 1] trains "
                "every candidate with each of them, and chooses by the mean"
            )
