"""The page of commands, with what each says of itself."""

import ast
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]

MARKER = "<!-- what commands say -->"


def commands() -> list[str]:
    """Return the modules that are commands: those that have a ``main``."""
    found = []
    for file in [*ROOT.glob("stages/*.py"), *ROOT.glob("gridlanes/**/*.py")]:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if any(isinstance(own, ast.FunctionDef) and own.name == "main" for own in tree.body):
            path = file.relative_to(ROOT).with_suffix("")
            found.append(".".join(path.parts).removesuffix(".__main__"))
    return sorted(found)


def said(module: str) -> str:
    """Return what a command says of itself, in lines of 88 characters."""
    # Python writes bold words and colours where an environment asks for them.
    environment = {**os.environ, "COLUMNS": "88", "NO_COLOR": "1"}
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.rstrip()


def section(module: str) -> str:
    """Return the part of the page that a command has."""
    return f"## {module}\n\n```console\n$ python -m {module} --help\n{said(module)}\n```"


def read(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Write what commands say where the page has the marker for it."""
    if docname == "reference/commands":
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            source[0] = source[0].replace(MARKER, "\n\n".join(pool.map(section, commands())))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("source-read", read)
    return {"parallel_read_safe": True}
