"""What the stages hand to each other: where it lies and in which format.

Every file is deterministic: equal content gives equal bytes, so that DVC sees a change only where
there is one.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stages.study.errors import InputError

PREPARED = Path("data/prepared")
SET_ASIDE = Path("data/set_aside")
CROSS_VALIDATE = Path("data/cross_validate")
GRID_SEARCH = Path("data/grid_search")
NESTED_CV = Path("data/nested_cv")
HOLDOUT = Path("data/holdout")
DIAGNOSE = Path("data/diagnose")
BEST = Path("models/best")
REPORTS = Path("reports")

#: Finished fits, in the workspace from which DVC was called: shared by its temporary ones.
FITS = Path(os.environ.get("DVC_ROOT") or ".") / ".gridlanes/fits.sqlite"

#: Columns of ``cv_results.csv`` and ``outer.csv`` that are not hyperparameters.
SCORES = (
    r"^(candidate|split\d+_(seed\d+_)?test_score|(mean|std|rank)_test_.+"
    r"|n_weights|n_steps|fold|repeat|rows|score|inner_score)$"
)

#: How a text begins that a spreadsheet computes, or that stands behind apostrophes for it. Of a
#: sign alone, as classes are called, nothing is computed.
FORMULA = re.compile(r"'*[=+\-@\t\r].", re.DOTALL)

#: Enough digits to give a float32 back, and few enough to read.
FLOAT_FORMAT = "%.10g"


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write a mapping with its keys in the order given. NaN, which JSON lacks, is an error."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a file that a stage before this one wrote."""
    with reading(path):
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
    with reading(path):
        # Only an empty cell is missing: "None" and "nan" may be values of a hyperparameter.
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
        return table.map(
            lambda cell: cell[1:] if str(cell)[:1] == "'" and _is_formula(cell) else cell
        )


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write a table with its column types, without its index."""
    table.to_parquet(path, index=False, compression="zstd")


def read_parquet(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a table that a stage before this one wrote, or some of its columns."""
    with reading(path):
        return pd.read_parquet(path, columns=columns)


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


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say of a file that is missing or damaged where it comes from."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; `dvc repro` makes it") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        kind = type(error).__name__
        raise InputError(f"{path}: damaged ({kind}); remove it, and `dvc repro` makes it") from None
