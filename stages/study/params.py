"""params.yaml as typed sections: an unknown key or a bad value is an error that names its path."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from stages.study.agreement import of_seeds, unsuited
from stages.study.errors import InputError
from stages.study.sections.data import Data, Preprocess
from stages.study.sections.model import Model
from stages.study.sections.searching import CrossValidate, GridSearch, NestedCV
from stages.study.sections.splitting import why_not
from stages.study.sections.values import Seed
from stages.study.training_forms import without_entry
from stages.study.yaml_sections import Section, Whole, read

PATH = Path("params.yaml")


class Report(Section):
    """What the report shows."""

    title: str
    best: Annotated[Whole, Field(ge=1)] = 10


class Params(Section):
    """All of params.yaml."""

    seed: Seed
    data: Data
    preprocess: Preprocess = Preprocess()
    model: Model
    cross_validate: CrossValidate
    grid_search: GridSearch
    nested_cv: NestedCV = NestedCV()
    report: Report


def load(path: Path = PATH) -> Params:
    """Read and check the parameters.

    Raises
    ------
    InputError
        If the file is missing, does not parse, or holds something that is not allowed.
    """
    settings = read(path, Params)
    for section in ("cross_validate", "grid_search", "nested_cv"):
        wrong = why_not(getattr(settings, section).split, settings.data)
        if wrong is not None:
            raise InputError(f"{path}: {section}.split.{wrong}")
    said = settings.data, settings.cross_validate, settings.grid_search
    search = settings.grid_search
    for wrong in (*unsuited(*said), *of_seeds(search), *without_entry(settings.model, search)):
        raise InputError(f"{path}: {wrong}")
    return settings
