"""params.yaml as typed sections: an unknown key or a bad value is an error that names its path.

As a command it checks what the file shows by itself: before DVC, which removes a stage's outputs
before it runs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from stages.study.agreement import of_seeds, unsuited, without_an_error
from stages.study.errors import InputError, run
from stages.study.schedule_ends import never_reached
from stages.study.sections.data import Data, Preprocess
from stages.study.sections.diagnosing import Diagnose
from stages.study.sections.model import Model
from stages.study.sections.searching import CrossValidate, GridSearch, NestedCV
from stages.study.sections.splitting import why_not
from stages.study.sections.values import Seed
from stages.study.training_forms import arguments, check_forms, without_entry
from stages.study.yaml_sections import Section, Whole, read

PATH = Path("params.yaml")


class Report(Section):
    """What the report shows.

    Attributes
    ----------
    title
        What the report is called.
    best
        How many rows the table of the best candidates has.
    """

    title: str
    best: Annotated[Whole, Field(ge=1)] = 10


class Params(Section):
    """All of params.yaml.

    Attributes
    ----------
    seed
        Decides the folds, the initial weights and the order of rows.
    data
        Where the table is, and what its columns are.
    preprocess
        What the table must be like; anything else stops the run.
    model
        The base model.
    cross_validate
        How the base model is judged.
    grid_search
        Which candidates are compared, and how.
    nested_cv
        What the choice of the best candidate is worth.
    diagnose
        What is asked of the winner once it is known.
    report
        What the report shows.
    """

    seed: Seed
    data: Data
    preprocess: Preprocess = Preprocess()
    model: Model
    cross_validate: CrossValidate
    grid_search: GridSearch
    nested_cv: NestedCV = NestedCV()
    diagnose: Diagnose = Diagnose()
    report: Report


def main() -> None:
    """Check the parameters of the study in this folder."""
    load()


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
    for wrong in _disagreeing(settings):
        raise InputError(f"{path}: {wrong}")
    check_forms(settings.model, settings.grid_search, path)
    for wrong in _unreached(settings):
        raise InputError(f"{path}: {wrong}")
    return settings


def _disagreeing(settings: Params) -> Iterator[str]:
    data, search = settings.data, settings.grid_search
    yield from unsuited(data, settings.cross_validate, search)
    yield from without_an_error(data, search)
    yield from of_seeds(settings.model, settings.cross_validate, search)
    yield from without_entry(settings.model, search)


def _unreached(settings: Params) -> Iterator[str]:
    asked = arguments()
    # A function that asks for it may mean anything by it.
    if asked is not None and "learning_rate" not in asked:
        yield from never_reached(settings.model, settings.grid_search, settings.seed)


if __name__ == "__main__":
    run(main, __doc__)
