"""What can be checked of what callbacks watch: it takes a step of the network."""

import copy
import re
from dataclasses import replace
from typing import Any

from gridlanes.errors import did_you_mean
from gridlanes.networks.lane import Lane, Request
from stages.study.errors import InputError
from stages.study.params import PATH

#: Rows that are enough to see what Keras logs.
ROWS = 8


def check_monitors(lane: Lane, key_path: str) -> None:
    """Check that what callbacks watch is something that the network logs, and Keras can judge.

    Raises
    ------
    InputError
    """
    for callback in lane.callbacks:
        name = callback.monitor.removeprefix("val_")
        if name == "loss":
            continue
        logged = _logged(lane)
        if name not in logged:
            allowed = [*logged, *(f"val_{own}" for own in logged)]
            hint = did_you_mean(callback.monitor, allowed) or "."
            raise InputError(
                f"{PATH}: {_monitor(callback, key_path)}: the network logs no "
                f"{callback.monitor!r}{hint} It logs {', '.join(logged)}, and with val_ before "
                "them those of rows held out"
            )
        own = copy.deepcopy(callback)
        own.monitor = name
        try:
            _logged(lane, own)
        except ValueError:
            raise InputError(
                f"{PATH}: {_monitor(callback, key_path)}: Keras does not know whether "
                f"{callback.monitor!r} is to rise or to fall"
            ) from None


def _monitor(callback: Any, key_path: str) -> str:
    """Return where it says what a callback watches, as far as a key path tells."""
    stops = type(callback).__name__ == "EarlyStopping"
    entry = "early_stopping" if stops else "reduce_on_plateau"
    if key_path.endswith(".network"):
        return f"{key_path}.{entry}.monitor"
    if re.search(rf"\.{entry}\[\d+\]$", key_path):
        return f"{key_path}.monitor"
    return key_path if "monitor" in key_path else f"{key_path}: {entry}.monitor"


def _logged(lane: Lane, *callbacks: Any) -> list[str]:
    """Return what ``model.fit`` logs of rows that are trained on, by a step of it."""
    from gridlanes.networks import reference

    def eager() -> Any:
        model = lane.build()
        model.run_eagerly = True
        return model

    weights = None if lane.sample_weight is None else lane.sample_weight[:ROWS]
    short: Any = replace(
        lane,
        build=eager,  # type: ignore[arg-type]
        X=lane.X[:ROWS],
        y=lane.y[:ROWS],
        sample_weight=weights,
        epochs=1,
        validation=None,
        callbacks=callbacks,
    )
    return sorted(reference.run(Request(short)).history)
