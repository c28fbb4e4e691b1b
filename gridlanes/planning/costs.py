"""What programs and runs are expected to cost: right to a factor of two on a small machine.

The figures were fitted to the processor seconds of the searches in ``benchmarks``. They decide how
lanes are divided into runs, and what people are told to expect.
"""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np

from gridlanes.networks.lane import Lane
from gridlanes.programs import optimizers
from gridlanes.programs.planned_lane import PlannedLane
from gridlanes.programs.program import Program

#: Seconds for the trace of a program, and for each of its layers.
TRACING, TRACING_LAYER = 0.15, 0.04

#: Seconds for an epoch, and for one in which a lane is watched by callbacks.
EPOCH, WATCHING = 5e-4, 5e-4

#: Seconds for a step, for each layer in it, and for each slot of its optimizer.
STEP, LAYER, SLOT = 5e-6, 1.6e-5, 5e-5

#: Of a step's lane: for each output of a layer, each product, and each weight and slot.
OUTPUT, PRODUCT, WEIGHT = 2.8e-9, 7e-12, 1.9e-9

#: Seconds by ``model.fit``: for the trace of a network, for a fit besides, and for a step of it.
KERAS_TRACING, KERAS_FIT, KERAS_STEP = 0.8, 0.25, 1.2e-3

#: Bytes that TensorFlow takes when it first trains, and for a program and each of its layers.
FIRST, BYTES, BYTES_LAYER = 40e6, 6e6, 2e6

#: Arrays of a lane that are alive at once: of its weights besides the slots, and of its outputs.
OF_WEIGHTS, OF_OUTPUTS = 6, 3


class Cost(NamedTuple):
    """What a run is expected to cost.

    Attributes
    ----------
    seconds : float
    fixed : float
        Those of the seconds that do not depend on the number of lanes.
    bytes : int
    in_turn : float
        Those of the seconds that are Python's, in which threads wait for each other.
    """

    seconds: float
    fixed: float
    bytes: int
    in_turn: float


def tracing(program: Program) -> float:
    """Return the seconds that a program is expected to be traced in."""
    return TRACING + TRACING_LAYER * len(program.network.layers)


def holding(program: Program) -> float:
    """Return the bytes that a traced program is expected to hold."""
    return BYTES + BYTES_LAYER * len(program.network.layers)


def running(program: Program, lanes: Sequence[PlannedLane]) -> Cost:
    """Return the expected cost of lanes of equal sizes and batch size as one run."""
    sizes, size = lanes[0].sizes, np.dtype(keras.config.floatx()).itemsize
    batch = max(planned.lane.batch_size for planned in lanes)
    steps = max(planned.lane.epochs * planned.lane.steps_per_epoch for planned in lanes)
    epochs = max(planned.lane.epochs for planned in lanes)
    slots = max(len(optimizers.slots_of(kind)) for kind in program.kinds)
    outputs = batch * sizes.row_numbers
    # Forward, and backward to inputs and to weights; each product is added up.
    products = 6 * batch * sizes.row_products
    each = OUTPUT * outputs + PRODUCT * products + WEIGHT * sizes.weights * (1 + slots)
    watched = sum(planned.lane.epochs for planned in lanes if planned.lane.callbacks)
    fixed = epochs * EPOCH + steps * (STEP + LAYER * len(program.network.layers) + SLOT * slots)
    held = size * (sizes.weights * (OF_WEIGHTS + slots) + OF_OUTPUTS * outputs)
    seconds = fixed + steps * len(lanes) * each + WATCHING * watched
    return Cost(seconds, fixed, len(lanes) * held, WATCHING * watched)


def by_keras(lane: Lane) -> float:
    """Return the seconds that ``model.fit`` is expected to take where a small network is traced."""
    held_out = len(lane.validation[0]) if lane.validation else 0
    steps = lane.steps_per_epoch + -(-held_out // lane.batch_size)
    return KERAS_FIT + KERAS_STEP * lane.epochs * steps
