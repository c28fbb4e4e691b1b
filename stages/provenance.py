"""Where results come from: the commit of what they depend on.

The commit is the last one that changed an input of the pipeline, not the newest: so a report says
the same after its own results have been committed, and in every clone.
"""

import subprocess
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from stages import params

PIPELINE = Path("dvc.yaml")

#: Files with uncommitted changes that are named one by one.
SHOWN = 5


def inputs(data_path: str) -> list[str]:
    """Return the files that the pipeline depends on and does not write."""
    try:
        stages = YAML(typ="safe").load(PIPELINE)["stages"].values()
    except FileNotFoundError:
        return []
    own = {path for stage in stages for path in stage["deps"] if path.endswith((".py", ".jinja"))}
    return sorted(own | {str(params.PATH), data_path})


def revision(data_path: str) -> dict[str, Any]:
    """Return the commit that the inputs of the pipeline are of, and what differs from it.

    Returns
    -------
    dict
        ``commit``, None outside of git or before the first commit; ``changed``, the inputs with
        uncommitted changes.
    """
    paths = inputs(data_path)
    commit = _git("log", "-1", "--format=%H", "--", *paths)
    status = _git("status", "--porcelain", "--untracked-files=all", "-z", "--", *paths)
    if not commit or status is None:
        return {"commit": None, "changed": []}
    # A path comes after two letters and a blank.
    changed = sorted({entry[3:] for entry in status.split("\0") if entry[2:3] == " "})
    more = len(changed) - SHOWN
    return {
        "commit": commit,
        "changed": changed[:SHOWN] + ([f"{more} more"] if more > 0 else []),
    }


def _git(*arguments: str) -> str | None:
    """Return what git prints, None where it cannot be asked."""
    try:
        done = subprocess.run(  # noqa: S603, the arguments are a list, which no shell reads
            ["git", *arguments],  # noqa: S607, git is wherever the user has it
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip("\n")
