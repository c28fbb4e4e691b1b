"""What entries of params.yaml mean for each other, as far as no table has to be read."""

from collections.abc import Iterator, Mapping
from typing import Any

from stages.study.distributions import Distribution
from stages.study.sections.data import Data
from stages.study.sections.model import Model
from stages.study.sections.searching import CrossValidate, GridSearch
from stages.study.sections.training import MAPPINGS
from stages.study.suited import why_no_regression

#: What a seed is called by the estimator, and would be by somebody who looks for it.
SEEDS = frozenset(["random_state", "seed", "seeds"])


def unsuited(data: Data, base: CrossValidate, search: GridSearch) -> Iterator[str]:
    """Say which scorers cannot score what the study predicts."""
    if data.task == "regression":
        for section, names in (("cross_validate", base.scorers), ("grid_search", search.scorers)):
            for why in filter(None, map(why_no_regression, names)):
                yield f"{section}.scoring: {why}"


def of_seeds(search: GridSearch) -> Iterator[str]:
    """Say where a grid would choose among seeds, of which the luckiest would win."""
    for path, grid in search.named_grids:
        for name in SEEDS & grid.keys():
            yield (
                f"{path}.{name}: would choose the luckiest seed; grid_search.seeds: [0, 1] trains "
                "every candidate with each of them, and chooses by the mean"
            )


def without_entry(model: Model, search: GridSearch) -> Iterator[str]:
    """Say which keys of an entry, as ``early_stopping__patience``, have no entry to be in."""
    base = dict(model.network)
    of_search = base | search.network
    yield from _without_entry(base, {}, "model.network")
    yield from _without_entry(search.network, base, "grid_search.network")
    for path, grid in search.named_grids:
        yield from _without_entry(grid, of_search, path)


def _without_entry(said: Mapping[str, Any], before: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in said:
        entry, _, key = name.partition("__")
        if not key or entry not in MAPPINGS:
            continue
        values = said.get(entry, before.get(entry))
        several = entry in said and isinstance(values, list)
        if not any(isinstance(own, Mapping) for own in (values if several else [values])):
            found = "null" if values is None else values
            first = "" if path.endswith(".network") or _is_drawn(said[name]) else "[0]"
            yield (
                f"{path}.{name}{first}: would reach nothing, since {entry} is {found}; {key} is a "
                f"key of the mapping that {path.split('.', maxsplit=1)[0]}.network.{entry} may be"
            )


def _is_drawn(values: Any) -> bool:
    return isinstance(values, Distribution)
