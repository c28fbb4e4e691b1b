"""Which code made a number: the version of everything between a fit and its result."""

import functools
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from gridlanes.content import content, digest

#: The modules whose code can change the result of a fit. All others either decide what is asked
#: for, which is part of a fit's content, or what is done with its result.
NUMERIC = (
    "backends",
    "building",
    "fingerprint",
    "functional",
    "keras_private",
    "lane",
    "opening",
    "optimizers",
    "plan",
    "program",
    "reference",
    "rider",
    "riding",
    "rounding",
    "states",
    "streams",
    "survey",
    "targets",
    "training",
    "watching",
)

#: The packages that compute.
LIBRARIES = ("keras", "numpy", "tensorflow")


@functools.cache
def numeric_version() -> bytes:
    """Return a digest of the code and the libraries that a fit's numbers come from."""
    # To look a version up among all that is installed takes a tenth of a second.
    loaded = {name: getattr(sys.modules.get(name), "__version__", None) for name in LIBRARIES}
    libraries = [f"{name} {own or version(name)}" for name, own in loaded.items()]
    instructions = f"{platform.machine()} {os.environ.get('TF_ENABLE_ONEDNN_OPTS')}"
    return digest(instructions, *libraries, code_version(Path(__file__).parent))


def code_version(folder: Path) -> bytes:
    """Return a digest of the numeric modules in a folder, as they are compiled.

    Docstrings, comments and layout play no part.
    """
    compiled = (
        content(compile((folder / f"{name}.py").read_bytes(), name, "exec", optimize=2))
        for name in NUMERIC
    )
    return digest(*compiled)
