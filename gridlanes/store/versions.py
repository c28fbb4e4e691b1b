"""Which code made a number: the version of everything between a fit and its result."""

import functools
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from gridlanes.store.content_digest import content, digest

#: The modules whose code can change the result of a fit. All others either decide what is asked
#: for, which is part of a fit's content, or what is done with its result.
NUMERIC = (
    "compat/keras",
    "compat/random_seed",
    "compat/sequential_models",
    "compat/tensorflow",
    "compat/tensorflow_math",
    "networks/building",
    "networks/lane",
    "networks/reference",
    "networks/seeding",
    "networks/shapes",
    "networks/targets",
    "planning/costs",
    "planning/fingerprint",
    "planning/fit_survey",
    "planning/network_inspection",
    "planning/planner",
    "planning/runs",
    "programs/bitwise_equality",
    "programs/callbacks",
    "programs/held_out",
    "programs/lane_arithmetic",
    "programs/lane_attention",
    "programs/lane_convolution",
    "programs/lane_einsum",
    "programs/lane_layers",
    "programs/lane_logs",
    "programs/lane_matrices",
    "programs/lane_metrics",
    "programs/lane_noise",
    "programs/lane_normalization",
    "programs/lane_recurrence",
    "programs/layer_description",
    "programs/layer_functions",
    "programs/mini_batches",
    "programs/network_description",
    "programs/one_thread",
    "programs/optimizer_updates",
    "programs/optimizers",
    "programs/own_functions",
    "programs/penalties",
    "programs/planned_lane",
    "programs/program",
    "programs/settings",
    "programs/sizes",
    "programs/states",
    "programs/stateless_network",
    "programs/supported",
    "programs/traced_lanes",
    "programs/training_loop",
    "programs/training_step",
    "programs/watch",
    "programs/weights",
    "workers/array_parcels",
    "workers/execute_plan",
    "workers/fit_results",
    "workers/joblib_tasks",
    "workers/threads",
    "workers/worker",
)

#: Where this package lies.
PACKAGE = Path(__file__).parents[1]

#: The packages that compute.
LIBRARIES = ("keras", "numpy", "tensorflow")


@functools.cache
def numeric_version() -> bytes:
    """Return a digest of the code and the libraries that a fit's numbers come from."""
    libraries = [f"{name} {own}" for name, own in _libraries().items()]
    return digest(_instructions(), *libraries, code_version(PACKAGE))


@functools.cache
def versions() -> dict[str, str]:
    """Return what has to be equal wherever fits of one search are trained, by name.

    Python is among it because functions travel as its bytecode.
    """
    code = code_version(PACKAGE)[:4].hex()
    return {
        "gridlanes": f"{sys.modules['gridlanes'].__version__} (code {code})",
        "Python": ".".join(map(str, sys.version_info[:2])),
        "machine": _instructions(),
        **_libraries(),
    }


def _instructions() -> str:
    one_dnn = "TF_ENABLE_ONEDNN_OPTS"
    return f"{platform.machine()} with {one_dnn}={os.environ.get(one_dnn)}"


def _libraries() -> dict[str, str]:
    # To look a version up among all that is installed takes a tenth of a second.
    loaded = {name: getattr(sys.modules.get(name), "__version__", None) for name in LIBRARIES}
    return {name: own or version(name) for name, own in loaded.items()}


def code_version(folder: Path) -> bytes:
    """Return a digest of the numeric modules of a package in a folder, as they are compiled.

    Docstrings, comments and layout play no part.
    """
    compiled = (
        content(compile((folder / f"{name}.py").read_bytes(), name, "exec", optimize=2))
        for name in NUMERIC
    )
    return digest(*compiled)
