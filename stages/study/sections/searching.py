"""The sections of the stages that train: what is compared, and on which folds."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from stages.study.distributions import Distribution, Values
from stages.study.sections.scoring import (
    ONE_STANDARD_ERROR,
    OneOrSeveral,
    Scorers,
    all_named,
    check_refit,
    choosing,
)
from stages.study.sections.splitting import Splitting, split_beside
from stages.study.sections.values import Distinct, Network, Seed, whole_everywhere
from stages.study.yaml_sections import Section, Whole, left_out


def _not_one(value: Any) -> Any:
    if value == 1:
        raise ValueError("must be 0, which switches it off, or at least 2")
    return value


def _of_scoring(refit: str | None, info: ValidationInfo) -> str | None:
    # A scoring that is wrong is said of itself.
    if "scoring" in info.data:
        check_refit(refit, info.data["scoring"])
    return refit


def _distribution(written: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """Check a distribution, which stays as it is written."""
    Distribution.of(written)
    if info.data.get("method") == "grid":
        raise ValueError("only grid_search.method: random draws; a grid needs a list of values")
    return written


def _either(one: str, of: type, other: str) -> Discriminator:
    """Tell two forms of a key by a type, so that an error is that of the form that was meant."""
    return Discriminator(lambda value: f"tagged-{one if isinstance(value, of) else other}")


Listed = Annotated[list[Any], Field(min_length=1), Distinct]
Drawn = Annotated[dict[str, Any], BeforeValidator(_distribution)]
Grid = Annotated[
    dict[
        str,
        Annotated[
            Annotated[Drawn, Tag("tagged-drawn")] | Annotated[Listed, Tag("tagged-listed")],
            _either("drawn", dict, "listed"),
        ],
    ],
    Field(min_length=1),
]
Grids = Annotated[list[Grid], Field(min_length=1)]
Seeds = Annotated[list[Seed], Field(min_length=1), Distinct] | None


class CrossValidate(Section):
    """How the base model is judged.

    Attributes
    ----------
    folds
        How many folds the base model is judged on.
    split
        How rows are divided into folds, and how often.
    scoring
        What scores, see below.
    seeds
        Seeds with which every fold is trained; its score is the mean over them. Null is
        once, with ``seed``.
    """

    folds: Annotated[Whole, Field(ge=2)]
    split: Annotated[Splitting, split_beside("folds")] = Splitting()
    scoring: Scorers
    seeds: Seeds = None

    @property
    def scorers(self) -> list[str]:
        """The names of what scores."""
        return all_named(self.scoring)


class GridSearch(Section):
    """Which candidates are compared, and how.

    Attributes
    ----------
    network
        Replaces entries of ``model.network`` for the search.
    cv
        How many folds candidates are compared on.
    split
        How rows are divided into folds, and how often.
    scoring
        What scores, one or a list, see below.
    refit
        Of a list of scorers the name of the one that chooses, or ``one_standard_error``,
        the cheapest candidate that is as good as the best; null is the first.
    seeds
        Seeds with which every candidate is repeated; it is chosen by the mean over them.
        Null is once, with ``seed``.
    method
        ``grid`` tries every candidate, ``random`` draws some.
    param_grid
        What is tried, by the names that the network takes: lists of values and, to draw
        from, distributions (see below). Several grids are a list.
    n_iter
        How many candidates ``random`` draws; must be there then, and only then.
    """

    network: Network = Field(default_factory=dict)
    cv: Annotated[Whole, Field(ge=2)]
    split: Annotated[Splitting, split_beside("cv")] = Splitting()
    scoring: OneOrSeveral
    refit: Annotated[str | None, AfterValidator(_of_scoring)] = None
    seeds: Seeds = None
    # Before what is checked against it.
    method: Literal["grid", "random"] = "grid"
    param_grid: Annotated[
        Annotated[Grids, Tag("tagged-grids")] | Annotated[Grid, Tag("tagged-grid")],
        _either("grids", list, "grid"),
        BeforeValidator(whole_everywhere),
    ]
    n_iter: Annotated[Whole, Field(ge=1)] | None = Field(default=None, validate_default=True)

    @field_validator("n_iter")
    @classmethod
    def _fits(cls, drawn: int | None, info: ValidationInfo) -> int | None:
        if "method" not in info.data or "param_grid" not in info.data:
            return drawn
        if info.data["method"] == "grid":
            if drawn is not None:
                raise ValueError("is for grid_search.method: random; a grid tries all candidates")
            return drawn
        if drawn is None:
            raise left_out("must say how many candidates grid_search.method: random draws")
        there = _size(_grids(info.data["param_grid"]))
        if there is not None and drawn > there:
            raise ValueError(f"must be at most {there}, the candidates that there are")
        return drawn

    @property
    def grids(self) -> list[dict[str, Values]]:
        """Each grid with its values or distributions; one, or those of a list."""
        return _grids(self.param_grid)

    @property
    def named_grids(self) -> list[tuple[str, dict[str, Values]]]:
        """Each grid with its key path."""
        path, several = "grid_search.param_grid", isinstance(self.param_grid, list)
        return [(f"{path}[{n}]" * several or path, own) for n, own in enumerate(self.grids)]

    @property
    def candidates(self) -> int:
        """How many candidates are compared."""
        return self.n_iter or _size(self.grids) or 0

    @property
    def scorers(self) -> list[str]:
        """The names of what scores."""
        return all_named(self.scoring)

    @property
    def chooser(self) -> str:
        """The name of the scorer that chooses."""
        return choosing(self.scoring, self.refit)

    @property
    def takes_cheapest(self) -> bool:
        """Whether the cheapest candidate within one standard error of the best is chosen."""
        return self.refit == ONE_STANDARD_ERROR


def _grids(written: Any) -> list[dict[str, Values]]:
    return [
        {
            name: Distribution.of(values) if isinstance(values, Mapping) else values
            for name, values in grid.items()
        }
        for grid in (written if isinstance(written, list) else [written])
    ]


def _size(grids: list[dict[str, Values]]) -> int | None:
    """Return how many candidates there are; None if a distribution has no end of them."""
    there = 0
    for grid in grids:
        listed = [len(own) for own in grid.values() if not isinstance(own, Distribution)]
        if len(listed) < len(grid):
            return None
        there += math.prod(listed)
    return there


class NestedCV(Section):
    """What the choice of the best candidate is worth, and what chance alone would reach.

    Attributes
    ----------
    outer
        How many outer folds there are, with the whole search inside each; 0 switches it
        off.
    split
        How rows are divided into outer folds, and how often.
    permutations
        How often the search is repeated on permuted labels, to tell how high chance alone
        climbs.
    """

    outer: Annotated[Whole, BeforeValidator(_not_one), Field(ge=0)] = 10
    split: Annotated[Splitting, split_beside("outer")] = Splitting()
    permutations: Annotated[Whole, Field(ge=0)] = 0
