"""Where results come from: the commit of what they depend on.

The commit is the last one that changed an input of the pipeline, not the newest: so a report says
the same after its own results have been committed, and in every clone. What was changed since is
named by its content, so that what the report says is true before and after that is committed, and
git finds the commit that holds it.
"""

import subprocess
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from stages.study import params

PIPELINE = Path("dvc.yaml")

#: What decides which libraries a clone computes with.
PINS = "requirements.txt"

#: Files that differ from the commit and are named one by one.
SHOWN = 5

#: Digits of the name of a content.
SHORT = 12


def inputs() -> list[str]:
    """Return the files that the pipeline depends on and does not write, but for the raw table."""
    try:
        stages = YAML(typ="safe").load(PIPELINE)["stages"].values()
    except FileNotFoundError:
        return []
    read = {path for stage in stages for path in stage["deps"]}
    # An output that git tracks is a mapping, of its path to how it is kept.
    written = {path for stage in stages for out in stage["outs"] for path in _paths(out)}
    # What a stage leaves may be read in parts.
    left = {path for path in read if not written & {path, *map(str, Path(path).parents)}}
    own = {path for path in left if not path.startswith("${")}
    return sorted(own | {str(params.PATH), str(PIPELINE), PINS})


def _paths(out: str | dict[str, Any]) -> list[str]:
    return [out] if isinstance(out, str) else list(out)


def revision(data_path: str) -> dict[str, Any]:
    """Return the commit that the inputs of the pipeline are of, and what differs from it.

    Returns
    -------
    dict
        ``commit``, None outside of git or before the first commit; ``changed``, the inputs that
        are not what it holds; ``blob``, the name that git gives to the content of one of them.
    """
    # The table itself, or what DVC wrote of it.
    table = [data_path, f"{data_path}.dvc"]
    inside = Path(data_path).resolve().is_relative_to(Path.cwd())
    paths = [*inputs(), *(table if inside else [])]
    commit = _git("log", "-1", "--format=%H", "--", *paths)
    status = _git("status", "--porcelain", "--untracked-files=all", "-z", "--", *paths)
    if not commit or status is None:
        return {"commit": None, "changed": [], "blob": None}
    # A path comes after two letters and a blank.
    changed = sorted({entry[3:] for entry in status.split("\0") if entry[2:3] == " "})
    blob = next(filter(None, (_git("hash-object", "--", path) for path in changed)), None)
    if not (inside and _git("ls-files", "--", *table)):
        # Ignored or elsewhere, it is in no commit.
        changed = sorted({*changed, data_path})
    more = len(changed) - SHOWN
    return {
        "commit": commit,
        "blob": blob and blob[:SHORT],
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
