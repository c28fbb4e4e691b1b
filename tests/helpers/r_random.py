"""R's normal random numbers, to work on the data of examples that were published with R."""

import numpy as np
from scipy.stats import norm


def r_normal(seed: int, size: int) -> np.ndarray:
    """Return what R gives for ``set.seed(seed); rnorm(size)``: Mersenne Twister and inversion."""
    for _ in range(50):
        seed = (69069 * seed + 1) % 2**32
    state = []
    for _ in range(625):
        seed = (69069 * seed + 1) % 2**32
        state.append(seed)
    generator = np.random.RandomState()
    generator.set_state(("MT19937", np.array(state[1:], dtype=np.uint32), 624))
    words = generator.randint(0, 2**32, size=2 * size, dtype=np.uint32)
    uniform = np.clip(words * 2.3283064365386963e-10, 2**-33, 1 - 2**-33)
    big = 2**27
    return norm.ppf((np.floor(big * uniform[::2]) + uniform[1::2]) / big)
