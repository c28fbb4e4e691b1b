"""The section ``model``: what happens to a row before the network, and the network."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stages.study.sections.values import Network, by_name
from stages.study.yaml_sections import Section, Whole


class Imputer(Section):
    """What fills gaps in numbers, and whether a column says where they were.

    Attributes
    ----------
    strategy
        What fills gaps in numbers. The key above it may be this name alone.
    indicator
        Whether a column more says where gaps were.
    """

    strategy: Literal["none", "median", "mean", "most_frequent", "knn"]
    indicator: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.indicator and self.strategy == "none":
            raise ValueError("indicator says where an imputer has filled a gap; there is none")
        return self


class Categorical(Section):
    """How categories become numbers, and which are rare enough to count as one.

    Attributes
    ----------
    encoder
        What makes numbers of categories. The key above it may be this name alone.
    min_frequency
        Values of fewer rows (a share if below 1) are joined to one.
    """

    encoder: Literal["onehot", "ordinal", "target"] = "onehot"
    min_frequency: Annotated[Whole, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.encoder == "target" and self.min_frequency is not None:
            raise ValueError("min_frequency is for onehot and ordinal; target weighs rare values")
        return self


class Model(Section):
    """The base model: what happens to a row before the network, and the network.

    Attributes
    ----------
    imputer
        What fills gaps in numbers, fitted on training rows only.
    scaler
        What brings numbers into one unit, fitted on training rows only.
    categorical
        What makes numbers of categories, fitted on training rows only.
    target
        What a regression's target goes through before the network; it is undone for
        predictions.
    network
        What the network of the base model is given, see below.
    """

    imputer: Annotated[Imputer, by_name("strategy")]
    scaler: Literal["none", "minmax", "standard", "robust", "quantile"]
    categorical: Annotated[Categorical, by_name("encoder")] = Categorical()
    target: Literal["none", "standard", "log1p", "yeo_johnson"] = "none"
    network: Network
