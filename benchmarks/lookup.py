"""The process that measures a store by itself: so many fits kept, found, and looked for in vain.

``python -m benchmarks.lookup FITS`` prints what each took, as JSON. Nothing is trained, and
TensorFlow is not loaded.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from gridlanes.store.record import Record
from gridlanes.store.store import Key, Store

#: As in the tutorial's search: weights of the network, rows of a fold, epochs of the longest fits.
WEIGHTS, ROWS, EPOCHS = 221, 256, 25


def main() -> None:
    """Measure a store of as many fits as the command line says."""
    fits = int(sys.argv[1])
    records = _records(fits)
    absent = _keys(fits, salt=2)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fits.sqlite"
        with Store(file) as store:
            keep, _ = _timed(lambda: store.keep(records))
        size = file.stat().st_size
        # Opened anew, as a search does that comes later.
        with Store(file) as store:
            find, found = _timed(lambda: store.find(list(records)))
        with Store(file) as store:
            miss, nothing = _timed(lambda: store.find(absent))
    if len(found) != fits or nothing:
        raise RuntimeError(f"found {len(found)} of {fits} fits, and {len(nothing)} never kept")
    seconds = {"keep": keep, "find": find, "miss": miss}
    per_fit = {name: 1e6 * spent / fits for name, spent in seconds.items()}
    print(json.dumps({"fits": fits, "bytes": size / fits, **per_fit}))


def _keys(fits: int, salt: int) -> list[Key]:
    """Return random keys of the length of a digest."""
    random = np.random.default_rng(salt)
    return [(random.bytes(32), EPOCHS) for _ in range(fits)]


def _records(fits: int) -> dict[Key, Record]:
    """Return fits with the numbers of a tutorial's fit, each with its own."""
    random = np.random.default_rng(0)
    weights = random.random((fits, WEIGHTS), np.float32)
    outputs = random.random((fits, ROWS, 1), np.float32)
    # The store encodes each history anew, so all may share one.
    history = {name: random.random(EPOCHS).tolist() for name in ("loss", "accuracy")}
    # A network without statistics or integers has none in its state.
    others = np.empty(0, np.float32), np.empty(0, np.int64)
    rows = random.bytes(32).hex()
    return {
        key: Record("8-12-8-1", 0.01, history, (own, *others), {rows: said})
        for key, own, said in zip(_keys(fits, salt=1), weights, outputs, strict=True)
    }


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    value = call()
    return time.perf_counter() - started, value


if __name__ == "__main__":
    main()
