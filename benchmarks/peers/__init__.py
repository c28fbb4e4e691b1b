"""The peers: each a module with one function ``search``, written as its users would write it.

``search(task, cells, **options)`` trains the given fits of a task (None for all) and returns an
:class:`Outcome`. A module imports its libraries at its top, so that importing it is what its users
wait for before a search begins.
"""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Outcome:
    """What a search leaves.

    Attributes
    ----------
    scores : list of (candidate, fold, accuracy)
        Accuracy on the fold left out, one entry a fit.
    phases : dict of str to float
        Seconds of each phase, if the peer can tell them apart.
    counts : dict
        What became of the fits, if the peer tells.
    """

    scores: list[tuple[int, int, float]]
    phases: dict[str, float] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Peer:
    """How a peer is called.

    Attributes
    ----------
    label : str
        For the tables.
    module : str
        In this folder.
    options : dict
        For its ``search``.
    sampled : {"never", "quick", "always"}
        When it runs on a sample of the fits (always: except with ``--full``).
    """

    label: str
    module: str
    options: dict[str, Any] = field(default_factory=dict)
    sampled: Literal["never", "quick", "always"] = "never"


#: The one that all others are compared with.
OURS = "gridlanes"

#: The strongest plain loop: what the curves compare with.
LOOP = "keras-best"

PEERS: dict[str, Peer] = {
    "scikeras": Peer(
        "SciKeras + GridSearchCV, n_jobs=1", "scikeras_search", {"n_jobs": 1}, "always"
    ),
    "scikeras-2": Peer(
        "SciKeras + GridSearchCV, n_jobs=2", "scikeras_search", {"n_jobs": 2}, "always"
    ),
    "keras": Peer("model.fit loop, defaults", "plain_keras", {"best": False}, "always"),
    LOOP: Peer("model.fit loop, best settings", "plain_keras", {"best": True}, "always"),
    "mlp": Peer("MLPClassifier + GridSearchCV, n_jobs=1", "sklearn_mlp", {"n_jobs": 1}, "quick"),
    "mlp-2": Peer("MLPClassifier + GridSearchCV, n_jobs=2", "sklearn_mlp", {"n_jobs": 2}, "quick"),
    "jax": Peer("JAX, vmap over 9 lanes", "jax_vmap"),
    OURS: Peer("gridlanes.GridSearchCV", "gridlanes_search"),
}

#: Not a peer: the lines that define a fit, for counting agreement.
CONTRACT = Peer("the contract in plain Keras", "contract")
