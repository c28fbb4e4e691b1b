"""Learning rates that change while a network is trained: Keras' schedules, told in epochs."""

from typing import Any

from gridlanes.compat.load_keras import of_keras
from stages.study.sections.training import Cosine, Exponential, Piecewise, Polynomial, Schedule


def schedule(said: Schedule, steps: int, epochs: int) -> Any:
    """Return a schedule of Keras.

    Parameters
    ----------
    said : Schedule
    steps : int
        Mini-batches in an epoch of the fit.
    epochs : int
        Of the fit; what a schedule lasts for that does not say.
    """
    schedules = of_keras("optimizers.schedules")
    if isinstance(said, Piecewise):
        # Keras changes after the step of a boundary, and counts steps from 0.
        ends = [last * steps - 1 for last in said.epochs]
        return schedules.PiecewiseConstantDecay(ends, list(said.values))
    span = (said.epochs or epochs) * steps
    if isinstance(said, Cosine):
        return schedules.CosineDecay(said.initial, span, said.alpha)
    if isinstance(said, Polynomial):
        return schedules.PolynomialDecay(said.initial, span, said.final, said.power, said.cycle)
    if isinstance(said, Exponential):
        return schedules.ExponentialDecay(said.initial, span, said.rate, said.staircase)
    return schedules.InverseTimeDecay(said.initial, span, said.rate, said.staircase)
