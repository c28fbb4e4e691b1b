"""Which code made a number: the version of everything between a fit and its result."""

import functools
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from gridlanes.store.content_digest import content
from gridlanes.store.digests import digest

#: The modules whose code can change the result of a fit. All others either decide what is asked
#: for, which is part of a fit's content, or what is done with its result.
NUMERIC = (
    "compat/compiled_models",
    "compat/keras",
    "compat/keras_attention",
    "compat/keras_layers",
    "compat/keras_optimizers",
    "compat/random_seed",
    "compat/sequential_models",
    "compat/tensorflow",
    "compat/tensorflow_math",
    "networks/building",
    "networks/compiling",
    "networks/front",
    "networks/given_models",
    "networks/inputs",
    "networks/lane",
    "networks/model_content",
    "networks/own_activations",
    "networks/reference",
    "networks/routed",
    "networks/seeding",
    "networks/shapes",
    "networks/shared_traces",
    "networks/targets",
    "planning/costs",
    "planning/fingerprint",
    "planning/fit_survey",
    "planning/fronts",
    "planning/network_inspection",
    "planning/planner",
    "planning/reference_fits",
    "planning/runs",
    "planning/surveyed",
    "programs/bitwise_equality",
    "programs/callbacks",
    "programs/gradient",
    "programs/held_out",
    "programs/held_out_parts",
    "programs/lane_arithmetic",
    "programs/lane_by_lane",
    "programs/lane_cells",
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
    "programs/lane_time",
    "programs/layer_calls",
    "programs/layer_description",
    "programs/marks",
    "programs/layer_functions",
    "programs/mini_batches",
    "programs/network_description",
    "programs/objective",
    "programs/objective_description",
    "programs/one_thread",
    "programs/optimizer_description",
    "programs/optimizer_step",
    "programs/optimizer_updates",
    "programs/optimizers",
    "programs/own_functions",
    "programs/penalties",
    "programs/planned_lane",
    "programs/predictions",
    "programs/program",
    "programs/running_lanes",
    "programs/schedules",
    "programs/settings",
    "programs/sizes",
    "programs/stateless_network",
    "programs/states",
    "programs/supported",
    "programs/tensor_updates",
    "programs/traced_lanes",
    "programs/training_loop",
    "programs/training_step",
    "programs/watch",
    "programs/weights",
    "programs/wiring",
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

#: How variables of the environment begin by which TensorFlow and what it is made of choose how to
#: compute.
SWITCHES = ("DNNL_", "NVIDIA_TF32", "ONEDNN_", "TF_", "XLA_")

#: Those that change no number: how much is printed, how many threads there are, how memory is got.
HARMLESS = (
    "TF_CPP_",
    "TF_FORCE_GPU_ALLOW_GROWTH",
    "TF_GPU_ALLOCATOR",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)


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
    switches = (
        f" {name}={value}"
        for name, value in sorted(os.environ.items())
        if name.startswith(SWITCHES) and not name.startswith(HARMLESS)
    )
    return platform.machine() + "".join(switches)


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
