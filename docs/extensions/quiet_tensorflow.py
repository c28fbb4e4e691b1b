"""TensorFlow, of which some modules of the reference have need, loaded without what it says."""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from gridlanes.compat.load_keras import load_keras


def load(app: Sphinx) -> None:
    """Load it where there is a reference, before its pages are written."""
    if (Path(app.srcdir) / "reference/api.rst").exists():
        load_keras()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("builder-inited", load, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
