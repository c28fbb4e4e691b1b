"""One revision's grid search, read from git and from DVC's cache by DVC itself.

Nothing is checked out and nothing is trained. What the cache lacks has to be fetched first: DVC
takes a remote's relative path, as that of this repository, for another one when it reads a commit.
Parameters are those of ``dvc.lock``, with which the outputs were made.
"""

import io
import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pandas as pd
from dvc.exceptions import DvcException, NotDvcRepoError
from dvc.repo import Repo
from dvc.scm import NoSCM, RevError
from dvc_data.index import DataIndexDirError

from gridlanes.errors import did_you_mean
from stages.reporting.comparing.revision_files import (
    LOCK,
    STAGES,
    WORKSPACE,
    ran_with,
    text_of,
    yaml_of,
)
from stages.reporting.comparing.snapshot import Snapshot
from stages.reporting.comparing.staleness import warn_of_what_is_stale
from stages.reporting.evidence.tested_rows import read_tested
from stages.reporting.evidence.verdict import SIZES
from stages.reporting.spelling.parameters import at, canonical
from stages.study.artifacts import GRID_SEARCH, REPORTS, SCORES
from stages.study.errors import InputError

CANDIDATES, PREDICTIONS = GRID_SEARCH / "cv_results.csv", GRID_SEARCH / "predictions.parquet"
VERDICT, METRICS = REPORTS / "verdict.json", REPORTS / "metrics.json"

#: Where stages leave what others read; all else that a stage depends on is code.
DATA = "data/"

#: How many names may be meant.
SHOWN = 3


def read(names: Sequence[str]) -> list[Snapshot]:
    """Return the snapshot of each revision.

    Parameters
    ----------
    names : sequence of str
        What git or DVC resolves: a commit, a branch, a tag, the name of an experiment, ``HEAD~1``,
        or ``workspace``.

    Raises
    ------
    InputError
        If this is no DVC repository, a revision is unknown or has no outcome of a grid search.
    """
    try:
        repository = Repo()
    except NotDvcRepoError:
        raise InputError(
            f"{Path.cwd()}: not inside a DVC repository; run from the folder of the project"
        ) from None
    with closing(repository) as repo:
        if isinstance(repo.scm, NoSCM) and set(names) != {WORKSPACE}:
            raise InputError(f"{repo.root_dir}: not a git repository, so there are no revisions")
        # DVC would take no name for the workspace.
        return [_read(repo, name or "''") for name in names]


def _read(repo: Repo, name: str) -> Snapshot:
    try:
        with ExitStack() as looking:
            _look_at(repo, name, looking)
            lock = _stages(repo, name)
            found = _snapshot(repo, name, lock)
            warn_of_what_is_stale(repo, name, lock)
            return found
    except (RevError, AttributeError) as error:
        # What is no commit, such as a file in one, has none of a commit's attributes.
        raise InputError(_unknown(repo, name, str(error))) from None
    except DvcException as error:
        raise InputError(f"{name}: cannot be read by DVC: {error}") from None


def _look_at(repo: Repo, name: str, looking: ExitStack) -> None:
    try:
        looking.enter_context(repo.switch(name))
    except ValueError as error:
        # What git cannot even be asked for: too long a name, or one whose bytes are no text.
        raise InputError(_unknown(repo, name, str(error))) from None


def _snapshot(repo: Repo, name: str, lock: dict[str, Any]) -> Snapshot:
    params = _params(lock)
    searched = _digests(lock["grid_search"].get("deps", []))
    raw = _digests(lock.get("preprocess", {}).get("deps", []))
    cells, scores = _candidates(repo, name)
    figures = _figures(repo, name)
    return Snapshot(
        name,
        params,
        table=raw.get(params.get("data", {}).get("path"), ""),
        code={path: own for path, own in searched.items() if not path.startswith(DATA)},
        cells=cells,
        scores=scores,
        tested=_tested(repo),
        nested=figures.get("nested_cv"),
        verdict=next(iter(figures.get("in_words", [])), None),
        ratio=figures.get("grid_search", {}).get(SIZES),
        repeats=at(params, "grid_search.split.repeats") or 1,
    )


def _stages(repo: Repo, name: str) -> dict[str, Any]:
    """Return what dvc.lock says of each stage."""
    found = yaml_of(repo, name, LOCK)
    stages = found.get("stages") if found else None
    if not isinstance(stages, dict) or "grid_search" not in stages:
        what = "does not know the stage grid_search" if found else "is not there"
        raise InputError(
            f"{name}: has no grid search to compare: {LOCK} {what}\n"
            "compare revisions that hold the outcome of `dvc repro`"
        )
    return stages


def _params(lock: dict[str, Any]) -> dict[str, Any]:
    """Return the sections of params.yaml with which the stages ran."""
    found: dict[str, Any] = {}
    for stage in STAGES:
        for section, value in ran_with(lock.get(stage, {})).items():
            found.setdefault(section, value)
    return found


def _digests(files: list[dict[str, Any]]) -> dict[str, str]:
    return {file["path"]: str(file.get("md5")) for file in files}


def _candidates(repo: Repo, name: str) -> tuple[list[dict[str, str]], Any]:
    """Return hyperparameters and fold scores of each cell."""
    text = text_of(repo, CANDIDATES)
    if text is None:
        raise InputError(f"{name}: {CANDIDATES} is not in DVC's cache\n{_mend(name)}")
    try:
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        folds = table.filter(regex=r"^split\d+_test_score$").replace("", "nan").astype("float64")
    except (ValueError, TypeError) as error:
        raise InputError(f"{name}: {CANDIDATES}: damaged: {error}") from None
    if len(folds) < 1 or folds.shape[1] < 2:
        raise InputError(
            f"{name}: {CANDIDATES}: damaged: {len(folds)} candidates on {folds.shape[1]} folds"
        )
    settings = table.loc[:, ~table.columns.str.match(SCORES)]
    texts = {str(column): [*map(canonical, own)] for column, own in settings.items()}
    rows = zip(*texts.values(), strict=True)
    # What a candidate's grid does not have is an empty cell, and null is a text.
    cells = [{name: own for name, own in zip(texts, row, strict=True) if own} for row in rows]
    return cells, folds.to_numpy()


def _tested(repo: Repo) -> pd.DataFrame | None:
    """Return which rows were tested in which fold; None if the file is not there or another's."""
    try:
        with repo.dvcfs.open(f"/{PREDICTIONS.as_posix()}", "rb") as file:
            return read_tested(file)
    except (OSError, DvcException, DataIndexDirError, ValueError, KeyError):
        return None


def _mend(name: str) -> str:
    if name == WORKSPACE:
        return "`dvc checkout` or `dvc pull` brings it back, `dvc repro` makes it"
    return (
        "`dvc fetch --all-commits` brings what was pushed, `dvc exp pull REMOTE NAME` an "
        f"experiment;\nin a checkout of {name} `dvc repro` makes it again"
    )


def _figures(repo: Repo, name: str) -> dict[str, Any]:
    """Return the report's figures; nothing if there was no report yet."""
    # A revision without the one may have all figures in the other.
    texts = ((path, text_of(repo, path)) for path in (VERDICT, METRICS))
    path, text = next(((path, text) for path, text in texts if text), (VERDICT, "{}"))
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(f"{name}: {path}: damaged: {error}") from None
    return found if isinstance(found, dict) else {}


def _unknown(repo: Repo, name: str, error: str) -> str:
    """Return what to say of a revision that neither git nor DVC resolves."""
    if "ambiguous" in error:
        return f"{name}: the name of several experiments; give its commit (`dvc exp list --sha`)"
    hint = did_you_mean(name, _names(repo.scm.iter_refs()), SHOWN)
    return (
        f"unknown revision {name!r}{hint}\nAllowed are a commit, branch, tag, the name of an "
        f"experiment (`dvc exp list --all-commits`) or {WORKSPACE}"
    )


def _names(refs: Iterable[str]) -> list[str]:
    """Return branches, tags and experiments; DVC files these by the commit they started from."""
    found = {"HEAD", WORKSPACE}
    for ref in refs:
        kind, *rest = ref.removeprefix("refs/").split("/")
        if kind in ("heads", "tags", "remotes"):
            found.add("/".join(rest))
        elif kind == "exps" and len(rest) == 3:
            found.add(rest[-1])
    return sorted(found)
