"""Where a measurement was made."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

import gridlanes

LIBRARIES = ("tensorflow", "keras", "scikit-learn", "scikeras", "jax", "optax", "numpy")


def machine(libraries: Sequence[str] = LIBRARIES) -> dict[str, Any]:
    """Return the processor, cores, memory and versions."""
    versions = {"python": platform.python_version(), "gridlanes": gridlanes.__version__}
    for library in libraries:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            versions[library] = "missing"
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.machine()}",
        "versions": versions,
    }


def told(machine: Mapping[str, Any]) -> str:
    """Return a machine in words."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    memory = machine["memory"] / 2**30
    return (
        f"{machine['processor']}, {machine['cores']} cores, {memory:.0f} GB, {machine['system']}; "
        f"{versions}."
    )


def _processor() -> str:
    """Return the model of the processor, which ``platform`` does not know on Linux."""
    path = Path("/proc/cpuinfo")
    text = path.read_text() if path.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.processor() or "unknown"
