"""Where the networks of one program may differ, and the numbers that a lane brings for it.

A *place* is a setting of a layer, such as ``2.rate``. What a network has there is told by
:mod:`gridlanes.programs.network_description`; a network that has nothing there, as one without a
regulariser among others with, brings what changes nothing.
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

#: A lane that has no constraint where others have one.
UNCONSTRAINED = ""

#: Bounds of norms that change nothing.
BOUNDS = {"min_value": 0.0, "max_value": math.inf, "rate": 1.0}

#: What AlphaDropout puts where it drops.
ALPHA = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946


class Places(NamedTuple):
    """What the lanes of a program may differ in.

    Attributes
    ----------
    choices : dict of str to list of str
        The activations or constraints among which a lane chooses, by place.
    numbers : frozenset of str
        Places where it brings numbers.
    """

    choices: Mapping[str, list[str]]
    numbers: frozenset[str]

    def hold(self, others: "Places") -> bool:
        """Return whether lanes that need other places have room in these."""
        chosen = others.choices.items()
        return others.numbers <= self.numbers and all(
            set(values) <= set(self.choices.get(place, ())) for place, values in chosen
        )


def is_choice(place: str) -> bool:
    """Return whether lanes choose there."""
    return place.endswith(("activation", "constraint"))


def constraint(name: str, config: Mapping[str, Any]) -> tuple[str, dict[str, float]]:
    """Return one of Keras' constraints as what a lane chooses and the numbers it brings."""
    bounds = {key: float(config[key]) for key in BOUNDS if key in config}
    return json.dumps([name, config.get("axis")]), bounds


def places_of(networks: Iterable[Mapping[str, Any]]) -> Places:
    """Return where the settings of some networks differ in what they need."""
    choices: dict[str, list[str]] = {}
    numbers: set[str] = set()
    for settings in networks:
        for place, value in settings.items():
            if not is_choice(place):
                numbers.add(place)
                continue
            own = value if isinstance(value, str) else value[0]
            known = choices.setdefault(place, [])
            known += [own] * (own not in known)
    for place, known in choices.items():
        if place.endswith("constraint"):
            known.insert(0, UNCONSTRAINED)
    return Places(choices, frozenset(numbers))


def numbers_for(settings: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Return one network's settings as the numbers that layers read.

    Constants derived from a setting are formed in double precision, as Keras does.
    """
    numbers: dict[str, Any] = {}
    for place, known in places.choices.items():
        if place.endswith("constraint"):
            own, bounds = settings.get(place, (UNCONSTRAINED, {}))
            numbers |= {f"{place}.{key}": value for key, value in {**BOUNDS, **bounds}.items()}
        else:
            own = settings[place]
        numbers[place] = known.index(own)
    for place in sorted(places.numbers):
        numbers |= _numbers(place, settings.get(place))
    return numbers


def _numbers(place: str, value: Any) -> dict[str, float]:
    if place.endswith("regularizer"):
        # Keras passes them through ops.cast, which rounds Python's floats.
        l1, l2 = np.asarray(value or (0.0, 0.0), np.float32).tolist()
        return {f"{place}.l1": l1, f"{place}.l2": l2}
    value = value or 0.0
    if place.endswith("momentum"):
        return {place: value, f"{place}.complement": 1.0 - value}
    if not place.endswith(("rate", "dropout")):
        return {place: value}
    kept = 1 - value
    spread = (kept * (1 + value * ALPHA**2)) ** -0.5 if kept else 0.0
    return {
        place: value,
        f"{place}.scale": 1 / kept if kept else 0.0,
        f"{place}.sd": math.sqrt(value / kept) if kept else 0.0,
        f"{place}.spread": spread,
        f"{place}.shift": -spread * ALPHA * value,
    }
