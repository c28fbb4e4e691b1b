"""Learning rates of schedules as tables: Keras' own at each step, without a word of TensorFlow's."""

import logging

import keras
import numpy as np

from gridlanes.programs.schedules import Schedule, tables


def test_many_tables_are_made_in_silence(caplog):
    logger = logging.getLogger("tensorflow")
    logger.addHandler(caplog.handler)
    try:
        for steps in range(3, 12):
            cosine = keras.optimizers.schedules.CosineDecay(0.1, steps)
            (rates,) = tables([Schedule(b"", cosine)], steps)
            own = [float(cosine(step)) for step in range(steps)]
            np.testing.assert_allclose(rates, own, rtol=1e-5)
    finally:
        logger.removeHandler(caplog.handler)
    assert caplog.text == ""
