"""Whether a revision's outputs are those of its inputs, and of its dvc.lock."""

from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo

from gridlanes.errors import in_a_line
from stages.reporting.comparing.revision_files import LOCK, STAGES, WORKSPACE, ran_with, yaml_of
from stages.study.errors import warn
from stages.study.params import PATH

#: How many names are listed.
SHOWN = 3


def warn_of_what_is_stale(repo: Repo, name: str, lock: dict[str, Any]) -> None:
    """Say what has changed since the outputs were made, and which are not those of dvc.lock."""
    if name == WORKSPACE:
        changed, others = _status(repo)
    else:
        changed, others = _other_params(repo, name, lock), []
    if changed:
        verb = "has" if len(changed) == 1 else "have"
        warn(f"{name}: {_listed(changed)} {verb} changed since the outputs were made; `dvc repro`")
    if others:
        verb = "is" if len(others) == 1 else "are"
        warn(f"{name}: {_listed(others)} {verb} not what {LOCK} says; `dvc checkout`")


def _other_params(repo: Repo, name: str, lock: dict[str, Any]) -> list[str]:
    params = yaml_of(repo, name, PATH) or {}
    ran = [ran_with(lock.get(stage, {})) for stage in STAGES]
    stale = any(params.get(section) != value for own in ran for section, value in own.items())
    return [PATH.name] * stale


def _status(repo: Repo) -> tuple[list[str], list[str]]:
    """Return what ``dvc status`` calls changed: what stages depend on, and what they left."""
    try:
        status = repo.status()
    except DvcException as error:
        warn(f"{WORKSPACE}: cannot be checked for changes: {in_a_line(error)}")
        return [], []
    reasons = [reason for stage in STAGES for reason in status.get(stage, [])]
    left, needed = (
        {path for reason in reasons if isinstance(reason, dict) for path in reason.get(kind, {})}
        for kind in ("changed outs", "changed deps")
    )
    return sorted(needed - left, key=lambda path: (path != PATH.name, path)), sorted(left)


def _listed(names: list[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
