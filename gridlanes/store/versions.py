"""Which code made a number: the version of everything between a fit and its result."""

import functools
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from gridlanes.store.content_digest import content, digest

#: The files whose code can change the result of a fit: all that stands between its lane and its
#: numbers. What the others do is either to decide what is asked for, which is part of a fit's
#: content, or something with its result.
NUMERIC = (
    "compat/keras.py",
    "networks/*.py",
    "planning/*.py",
    "programs/*.py",
    "workers/*.py",
)

#: Those among them that cannot change it after all.
NOT_NUMERIC = frozenset(
    [
        "networks/audit.py",
        "networks/parameters.py",
        "planning/fit_key.py",
        "planning/joblib_backend.py",
        "planning/machine.py",
        "planning/plan.py",
        "planning/stored_fits.py",
    ]
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
    """Return a digest of the numeric code of a package in a folder, as it is compiled.

    Docstrings, comments and layout play no part.
    """
    compiled = (
        content(compile((folder / name).read_bytes(), name, "exec", optimize=2))
        for name in numeric_files(folder)
    )
    return digest(*compiled)


def numeric_files(folder: Path) -> list[str]:
    """Return the numeric files of a package in a folder, as paths within it."""
    found = (path for pattern in NUMERIC for path in folder.glob(pattern))
    return sorted({path.relative_to(folder).as_posix() for path in found} - NOT_NUMERIC)
