"""The sections of the stages that train: what is compared, and on which folds."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from stages.study.sections.scoring import Scorer
from stages.study.sections.values import Distinct, Network, Seed, whole_everywhere
from stages.study.yaml_sections import Section, Whole


def _not_one(value: Any) -> Any:
    if value == 1:
        raise ValueError("must be 0, which switches it off, or at least 2")
    return value


Values = Annotated[list[Any], Field(min_length=1), Distinct]


class CrossValidate(Section):
    """How the base model is judged."""

    folds: Annotated[Whole, Field(ge=2)]
    scoring: Annotated[list[Scorer], Field(min_length=1), Distinct]


class GridSearch(Section):
    """Which candidates are compared, and how."""

    network: Network = Field(default_factory=dict)
    cv: Annotated[Whole, Field(ge=2)]
    scoring: Scorer
    seeds: Annotated[list[Seed], Field(min_length=1), Distinct] | None = None
    param_grid: Annotated[dict[str, Values], Field(min_length=1), BeforeValidator(whole_everywhere)]


class NestedCV(Section):
    """What the choice of the best candidate is worth, and what chance alone would reach."""

    outer: Annotated[Whole, BeforeValidator(_not_one), Field(ge=0)] = 10
    permutations: Annotated[Whole, Field(ge=0)] = 0
