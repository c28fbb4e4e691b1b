"""Entries of a network that say how it is trained: when it stops, and how fast it learns."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from stages.study.yaml_sections import Section, Whole

#: The share of rows that is held out where nobody says how many.
SHARE = 0.1

#: Entries that are mappings, of which one key may be set as ``early_stopping__patience``.
MAPPINGS = ("early_stopping", "reduce_on_plateau", "learning_rate")

Positive = Annotated[float, Field(gt=0)]
Decay = Annotated[float, Field(gt=0, le=1)]
Epochs = Annotated[Whole, Field(ge=1)]


class Watching(Section):
    """Something that looks at each epoch, and at what: its own rows if that is a ``val_`` metric.

    Attributes
    ----------
    monitor
        The loss or metric of an epoch; one with ``val_`` is of rows held out.
    patience
        For how many epochs it may not become better.
    validation
        The share of a fit's rows that is held out to be watched; null is 0.1, or none if
        what is watched is not of rows held out.
    """

    monitor: str = "val_loss"
    patience: Annotated[Whole, Field(ge=0)]
    validation: Annotated[float, Field(ge=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.monitor.startswith("val_") and self.validation == 0:
            raise ValueError(
                f"{self.monitor} is of rows held out, and validation: 0 holds out none; "
                f"monitor: {self.monitor.removeprefix('val_')} watches those that are trained on"
            )
        return self


class EarlyStopping(Watching):
    """Stops when what it watches has not become better for ``patience`` epochs.

    Attributes
    ----------
    restore_best
        Whether to go back to the weights of the best epoch.
    min_delta
        The least change that counts as better.
    """

    restore_best: bool = True
    min_delta: Annotated[float, Field(ge=0)] = 0


class ReduceOnPlateau(Watching):
    """Multiplies the learning rate when what it watches has not become better.

    Attributes
    ----------
    factor
        What the rate is multiplied by.
    min_lr
        The rate below which it does not fall.
    cooldown
        For how many epochs after a change nothing is watched.
    """

    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    min_lr: Annotated[float, Field(ge=0)] = 0
    cooldown: Annotated[Whole, Field(ge=0)] = 0


class Scheduled(Section):
    """What the learning rate follows.

    Attributes
    ----------
    schedule
        Its name.
    """

    schedule: str


class Falling(Scheduled):
    """From a first rate down to a last one.

    Attributes
    ----------
    initial
        The first rate.
    epochs
        In how many it falls; null is all of the fit.
    """

    initial: Positive
    epochs: Epochs | None = None


class Cosine(Falling):
    """Down to ``alpha`` of the first rate along half a wave, in all epochs if nothing is said.

    Attributes
    ----------
    alpha
        The last rate as a share of the first.
    """

    schedule: Literal["cosine"]
    alpha: Annotated[float, Field(ge=0, le=1)] = 0


class Polynomial(Falling):
    """Down to ``final``, in a line if ``power`` is 1.

    Attributes
    ----------
    final
        The last rate.
    power
        Of the polynomial.
    cycle
        Whether it falls again.
    """

    schedule: Literal["polynomial"]
    final: Annotated[float, Field(ge=0)] = 0.0001
    power: Positive = 1
    cycle: bool = False


class Repeating(Scheduled):
    """Less by the same rule every so many epochs.

    Attributes
    ----------
    initial
        The first rate.
    rate
        By how much.
    epochs
        How many that takes.
    staircase
        Whether it falls in steps.
    """

    initial: Positive
    rate: Positive
    epochs: Epochs = 1
    staircase: bool = False


class Exponential(Repeating):
    """Times ``rate`` every ``epochs``.

    Attributes
    ----------
    rate
        What it is multiplied by.
    """

    schedule: Literal["exponential"]
    rate: Decay


class InverseTime(Repeating):
    """Divided by 1, then by 1 + ``rate``, 1 + 2 ``rate``... every ``epochs``.

    Attributes
    ----------
    rate
        What is added to the divisor.
    """

    schedule: Literal["inverse_time"]


class Piecewise(Scheduled):
    """The first of ``values`` for so many epochs as the first of ``epochs`` says, then the next.

    Attributes
    ----------
    epochs
        After which the next value begins.
    values
        The rates, one more than ``epochs``.
    """

    schedule: Literal["piecewise"]
    epochs: Annotated[list[Epochs], Field(min_length=1)]
    values: list[Positive]

    @field_validator("epochs")
    @classmethod
    def _check_order(cls, epochs: list[int]) -> list[int]:
        if sorted(set(epochs)) != epochs:
            raise ValueError("must rise, since they are counted from the first epoch")
        return epochs

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.values) != len(self.epochs) + 1:
            raise ValueError(f"needs {len(self.epochs) + 1} values, one more than epochs")
        return self


Schedule = Cosine | Exponential | InverseTime | Piecewise | Polynomial

#: Each kind of schedule by its name in params.yaml.
SCHEDULES: dict[str, type[Schedule]] = {
    "cosine": Cosine,
    "exponential": Exponential,
    "inverse_time": InverseTime,
    "piecewise": Piecewise,
    "polynomial": Polynomial,
}


class Unknown(Section):
    """A schedule of no kind that there is; what is wrong is its name."""

    schedule: Literal["cosine", "exponential", "inverse_time", "piecewise", "polynomial"]


def schedule_of(entry: Mapping[str, Any]) -> type[Section]:
    """Return the section that a schedule is to be."""
    return SCHEDULES.get(str(entry.get("schedule")), Unknown)
