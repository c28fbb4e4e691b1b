"""Which code made a number: the version of everything between a fit and its result."""

import ast
import functools
import platform
from importlib.metadata import version
from pathlib import Path

from gridlanes.content import digest

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
    libraries = [f"{name} {version(name)}" for name in LIBRARIES]
    return digest(platform.machine(), *libraries, code_version(Path(__file__).parent))


def code_version(folder: Path) -> bytes:
    """Return a digest of the numeric modules in a folder.

    Docstrings, comments and layout play no part.
    """
    return digest(
        *(part for name in NUMERIC for part in (name, _dump((folder / f"{name}.py").read_text())))
    )


def _dump(source: str) -> str:
    """Return what a module's code means, without what it says."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                # An empty body would not be a body.
                node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)
