"""The parts ``portfolio`` and ``shapes``: searches of many kinds beside what people use today.

The searches are of the kinds that tutorials, documentation and question threads show, on tables
of scikit-learn's or made up (``searches.py``). Each is measured in rounds, in which everyone starts
from a process of its own:

- gridlanes makes the whole search, the refit of the best candidate included;
- SciKeras makes single fits under scikit-learn's search, one candidate on one fold each;
- so does a user's own loop over candidates and folds, in one process of plain Keras.

The peers make a sample of the fits, from which the time of all is estimated by steps
(``sampling.py``). What a plan forecasts, what rides and how far lanes are from plain Keras is found
in one more process, after all rounds, whose time is not counted.

Limits: one process for each peer and no ``n_jobs``; a loop that draws its candidates one after the
other, as Optuna's and KerasTuner's users write it, trains the same fits and is not measured apart;
a step of a wider or deeper network than another takes longer, which an estimate by steps leaves to
the luck of the sample.
"""

from dataclasses import dataclass, field
from typing import Any

#: Everyone, with the module in this folder. The first is the one that others are compared with.
OURS, SCIKERAS, LOOP = "gridlanes", "scikeras", "keras"
MODULES = {OURS: "our_search", SCIKERAS: "scikeras_fit", LOOP: "loop_fit"}
LABELS = {OURS: "gridlanes", SCIKERAS: "SciKeras", LOOP: "model.fit loop"}

#: Functions of ``searches.py``.
NAMES = (
    "rate_and_momentum",
    "activations",
    "dropout_and_maxnorm",
    "hidden_layer_sizes",
    "housing_random",
    "units_and_layers",
    "images",
    "series_lstm",
    "text",
    "fraud",
    "two_inputs",
    "schedule",
    "plateau",
    "early_stopping",
    "batch_sizes",
    "widths",
    "depths",
    "depth_and_width",
    "log_rate_and_dropout",
    "big_table",
)

#: Whose steps are so long that there is little beside their arithmetic to save: not in the means.
HEAVY = "big_table", "fraud", "text"

#: Those of a quick run.
QUICK = "activations", "schedule", "widths"


@dataclass(frozen=True)
class Asked:
    """A search by name, to be sent to the process that makes it.

    Attributes
    ----------
    name : str
        Of a function in ``searches.py``.
    arguments : dict
        For it.
    """

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.name, *map(str, self.arguments.values())])
