"""What the stages hand to each other: where it lies and in which format.

Every file is deterministic: equal content gives equal bytes, so that DVC sees a change only where
there is one.
"""

import glob
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import psutil
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from numpy.typing import NDArray

from stages.study.errors import InputError

PREPARED = Path("data/prepared")
CROSS_VALIDATE = Path("data/cross_validate")
GRID_SEARCH = Path("data/grid_search")
NESTED_CV = Path("data/nested_cv")
BEST = Path("models/best")
REPORTS = Path("reports")

#: What a column may say of each row.
ROLES = ("groups", "time", "weights")

#: Finished fits, in the workspace from which DVC was called: shared by its temporary ones.
FITS = Path(os.environ.get("DVC_ROOT") or ".") / ".gridlanes/fits.sqlite"

#: Columns of ``cv_results.csv`` and ``outer.csv`` that are not hyperparameters.
SCORES = (
    r"^(candidate|split\d+_(seed\d+_)?test_score|mean_test_score|std_test_score"
    r"|rank_test_score|n_weights|n_steps|fold|rows|score|inner_score)$"
)

#: How a text begins that a spreadsheet computes, or that stands behind apostrophes for it. Of a
#: sign alone, as classes are called, nothing is computed.
FORMULA = re.compile(r"'*[=+\-@\t\r].", re.DOTALL)

#: Enough digits to give a float32 back, and few enough to read.
FLOAT_FORMAT = "%.10g"


@dataclass(frozen=True)
class Prepared:
    """The table that ``preprocess`` leaves, and its profile.

    Attributes
    ----------
    X, y : DataFrame, Series
    profile : dict
        What the table holds, in figures.
    groups, time, weights : Series or None
        Of each row its group, as text; its time, a number or date; its weight.
    """

    X: pd.DataFrame
    y: pd.Series
    profile: dict[str, Any]
    groups: pd.Series | None = None
    time: pd.Series | None = None
    weights: pd.Series | None = None

    @property
    def task(self) -> str:
        """``classification`` or ``regression``."""
        return str(self.profile["task"])

    @property
    def positive(self) -> Any:
        """The label of the class that ``data.positive`` names, or None."""
        return self.profile.get("positive")

    def rows(self, positions: NDArray[np.int64]) -> "Prepared":
        """Return some of the rows; the profile stays that of all."""
        own = {role: getattr(self, role) for role in ROLES}
        some = {role: own[role].iloc[positions] for role in own if own[role] is not None}
        return replace(self, X=self.X.iloc[positions], y=self.y.iloc[positions], **some)


@contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """Give a folder to write into, whose entries move to ``folder`` when all are written.

    After an error ``folder`` is as it was. Entries replace those of the same name; others stay.
    What a process that was killed has left is removed.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _remove_left(folder)
        with _partial(folder) as partial:
            yield partial
            for entry in sorted(partial.iterdir()):
                goal = folder / entry.name
                if entry.is_dir() and goal.is_dir():
                    shutil.rmtree(goal)
                entry.replace(goal)


@contextmanager
def _partial(goal: Path) -> Iterator[Path]:
    """Give a folder beside a goal, which says whose it is, and is removed at the end."""
    prefix = f".partial-{goal.name}-{os.getpid()}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=goal.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left(goal: Path) -> None:
    """Remove the partial folders of a goal whose processes have ended."""
    prefix = f".partial-{goal.name}-"
    for left in goal.parent.glob(f"{glob.escape(prefix)}*"):
        process = left.name.removeprefix(prefix).partition("-")[0]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def replacing(path: Path) -> Iterator[Any]:
    """Give a text file to write into, which takes its place when all is written.

    After an error or an interrupt ``path`` is as it was.
    """
    goal = path.resolve()
    with _writing(path):
        _remove_left(goal)
        with _partial(goal) as folder:
            with (folder / goal.name).open("w", encoding="utf-8", newline="") as file:
                yield file
            if goal.exists():
                shutil.copymode(goal, folder / goal.name)
            (folder / goal.name).replace(goal)


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write a mapping with its keys in the order given. NaN, which JSON lacks, is an error."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a file that a stage before this one wrote."""
    with _reading(path):
        return json.loads(path.read_text(encoding="utf-8"))


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which texts that a spreadsheet would compute begin with an apostrophe.

    So do those that begin with apostrophes before such a text, so that one can be taken away again.
    """
    return table.map(
        lambda cell: f"'{cell}" if isinstance(cell, str) and _is_formula(cell) else cell
    )


def _is_formula(text: str) -> bool:
    if not FORMULA.match(text):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False


def write_csv(
    table: pd.DataFrame,
    path: Path | IO[str],
    *,
    header: bool = True,
    beside: pd.DataFrame | None = None,
) -> None:
    """Write a table for people and for ``dvc plots``, without its index and without formulas.

    In front of it the columns of ``beside`` as they stand.
    """
    pd.concat([beside, without_formulas(table)], axis="columns").to_csv(
        path, index=False, header=header, float_format=FLOAT_FORMAT, lineterminator="\n"
    )


def read_csv(path: Path) -> pd.DataFrame:
    """Read a table that a stage before this one wrote."""
    with _reading(path):
        # Only an empty cell is missing: "None" and "nan" may be values of a hyperparameter.
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
        return table.map(
            lambda cell: cell[1:] if str(cell)[:1] == "'" and _is_formula(cell) else cell
        )


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table with its column types, without its index."""
    table.to_parquet(path, index=False, compression="zstd")


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a table that a stage before this one wrote."""
    with _reading(path):
        return pd.read_parquet(path)


def render(template: Path, **content: Any) -> str:
    """Fill a template, which may name others in its folder; what goes into HTML is escaped."""
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=template.name.endswith(".html.jinja"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template.name).render(content)


def write_prepared(prepared: Prepared, folder: Path) -> None:
    """Write the table, its column types kept, and its profile; what is said of rows apart."""
    table = prepared.X.assign(**{str(prepared.y.name): prepared.y})
    write_parquet(table, folder / "table.parquet")
    own = {role: getattr(prepared, role) for role in ROLES if role in prepared.profile}
    if own:
        write_parquet(pd.DataFrame(own), folder / "rows.parquet")
    write_json(prepared.profile, folder / "profile.json")


def read_prepared() -> Prepared:
    """Read what ``preprocess`` wrote."""
    profile = read_json(PREPARED / "profile.json")
    path = PREPARED / "table.parquet"
    table = read_parquet(path)
    with _reading(path):
        target = profile["target"]
        own = dict(read_rows(profile))
        return Prepared(table.drop(columns=target), table[target], profile, **own)


def read_rows(profile: Mapping[str, Any]) -> pd.DataFrame:
    """Read what ``preprocess`` wrote of each row: columns ``groups``, ``time`` and ``weights``."""
    roles = [role for role in ROLES if role in profile]
    path = PREPARED / "rows.parquet"
    # Without any, a file that is there is of another study.
    table = read_parquet(path) if roles else pd.DataFrame()
    with _reading(path):
        return table[roles]


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say of a file that is missing or damaged where it comes from."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; `dvc repro` makes it") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        kind = type(error).__name__
        raise InputError(f"{path}: damaged ({kind}); remove it, and `dvc repro` makes it") from None
