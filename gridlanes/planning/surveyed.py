"""What is found out of a fit before anything is trained, as plain data."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

from gridlanes.networks.lane import Lane
from gridlanes.programs.network_description import Description
from gridlanes.programs.optimizers import Kind
from gridlanes.programs.weights import Weights


@dataclass(frozen=True, eq=False, slots=True)
class Surveyed:
    """What is known of a fit that can ride.

    Attributes
    ----------
    structure : hashable
        Equal for fits that can share a program.
    identity : hashable
        Equal for fits that differ in nothing but their number of epochs.
    start : Weights
        Before training.
    description : Description
        Of the network.
    kind, constants, rate
        The optimizer, see :func:`gridlanes.programs.optimizer_description.describe_optimizer`.
    """

    lane: Lane
    structure: Hashable
    identity: Hashable
    start: Weights
    description: Description
    kind: Kind
    constants: dict[str, Any]
    rate: Any


class Made(NamedTuple):
    """What a fit starts from, told by content.

    Attributes
    ----------
    content : bytes
        Of the model before training: architecture, weights, optimizer, loss and metrics.
    loss : str, callable or keras.losses.Loss
        What the model is compiled with.
    architecture : str
        For people.
    """

    content: bytes
    loss: Any
    architecture: str
