"""Print what a bug report needs: versions, machine and settings, and no path of this machine.

Loads none of the libraries, so that it answers where one of them does not load.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gridlanes.planning.machine import cores

#: What a fit depends on, and what a search or a study uses besides.
LIBRARIES = (
    "keras",
    "tensorflow",
    "numpy",
    "scipy",
    "scikit-learn",
    "joblib",
    "cloudpickle",
    "rich",
)
OPTIONAL = ("dvc", "pandas", "pyarrow", "pydantic", "skops", "distributed", "ray")

#: How variables of the environment begin that change how is computed, or how fast.
VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "DNNL_",
    "KERAS_BACKEND",
    "MKL_",
    "NVIDIA_TF32",
    "OMP_",
    "ONEDNN_",
    "OPENBLAS_",
    "TF_",
    "XLA_",
)

#: What Keras reads from its own file.
KERAS = ("backend", "floatx", "image_data_format")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m gridlanes.report_environment", description=__doc__
    )
    parser.parse_args()
    print("\n".join(f"{name}: {value}" for name, value in report()))


def report() -> Iterator[tuple[str, str]]:
    """Yield what there is to say, as names and values."""
    yield "gridlanes", sys.modules["gridlanes"].__version__
    yield "Python", f"{platform.python_version()} ({platform.python_implementation()})"
    yield "platform", platform.platform()
    yield "processor", f"{_processor()}, {cores()} of {os.cpu_count()} cores usable"
    yield "memory", _memory()
    for name in LIBRARIES:
        yield name, _version(name) or "missing"
    for name in OPTIONAL:
        yield name, _version(name) or "not installed"
    yield "environment", _listed(settings(os.environ)) or "nothing set that computing depends on"
    yield "keras.json", _listed(_keras_file()) or "none"


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that computing depends on, without the paths that they may hold."""
    chosen = {name: own for name, own in environment.items() if name.startswith(VARIABLES)}
    return {name: _without_paths(own) for name, own in sorted(chosen.items())}


def _without_paths(value: str) -> str:
    return "(a path)" if "/" in value or "\\" in value else value


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """Return the name of the processor, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def _memory() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return "unknown"
    return f"{size / 1e9:.1f} GB"


def _keras_file() -> dict[str, object]:
    """Return what Keras' own file of settings says; one that cannot be read says nothing."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    try:
        said = json.loads((home / "keras.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):
        return {}
    return {name: said[name] for name in KERAS if name in said} if isinstance(said, dict) else {}


if __name__ == "__main__":
    main()
