"""Files of a revision, and what dvc.lock says of its stages, read by DVC."""

from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc_data.index import DataIndexDirError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gridlanes.errors import in_a_line
from stages.study.errors import InputError
from stages.study.params import PATH

#: What DVC calls the files as they are.
WORKSPACE = "workspace"

LOCK = Path("dvc.lock")

#: The stages of the study. Where two ran with different parameters, the first says which count.
STAGES = (
    "grid_search",
    "preprocess",
    "cross_validate",
    "nested_cv",
    "diagnose",
    "holdout",
    "report",
)


def yaml_of(repo: Repo, name: str, path: Path) -> dict[str, Any] | None:
    """Return a file, or None if there is none."""
    text = text_of(repo, path)
    try:
        found = None if text is None else YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise InputError(f"{name}: {path}: not YAML: {in_a_line(error)}") from None
    return found if isinstance(found, dict) else None


def text_of(repo: Repo, path: Path) -> str | None:
    """Return the text of a file of the revision that DVC looks at; None if nobody has it."""
    try:
        content: bytes = repo.dvcfs.cat_file(f"/{path.as_posix()}")
        return content.decode()
    except (OSError, DvcException, DataIndexDirError):
        return None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text") from None


def ran_with(stage: dict[str, Any]) -> dict[str, Any]:
    """Return the sections of params.yaml with which a stage ran."""
    return dict(stage.get("params", {}).get(PATH.name, {}))
