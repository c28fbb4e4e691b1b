"""What goes into a winner and what comes out, as ``signature.json`` says it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stages.study.artifacts import read_json
from stages.study.column_kinds import Column
from stages.study.errors import InputError
from stages.study.predictions import probability_names
from stages.study.prepared import ROLES, Prepared
from stages.study.sections.data import Markers, Reading


class Threshold(BaseModel):
    """Which class a winner names where the probability of that class is at least so much."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    label: int | str = Field(alias="class")
    at: float


class Signature(BaseModel):
    """What goes into a winner and what comes out, as ``signature.json`` says it.

    Attributes
    ----------
    classes : list of int or str
        In the order of the network's outputs; empty for a regression.
    columns : dict of str to Column
        What the columns of a table mean that ``features`` are made of.
    ranges : dict of str to list of float
        By column the least and the largest number that the training had; of dates in days.
    others : list of str
        Columns of the study's table that the model does not take, the target first.
    missing : dict of str to list
        By column the values that mean missing besides an empty cell.
    missing_default : list
        What means missing in any column.
    reading : Reading
        How the study's table was read, as far as its file does not tell.
    inputs : dict of str to list of str
        Of a network with several inputs, which columns of the prepared rows each gets.
    target_missing : list of str
        What the target's cells held in rows that the study left out for it.
    target_transformed : bool
        Whether the network was trained on a transformed target, which ``target.skops`` undoes.
    logits : bool
        Whether the network's outputs are logits rather than probabilities.
    threshold : Threshold or None
        Of one of two classes; None where the likelier one is named.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    task: Literal["classification", "regression"]
    columns: dict[str, Column] = Field(min_length=1)
    features: list[str] = Field(min_length=1)
    ranges: dict[str, Annotated[list[float], Field(min_length=2, max_length=2)]]
    others: list[str]
    inputs: dict[str, list[str]]
    target: str
    target_missing: list[str] = Field(default_factory=list)
    target_transformed: bool
    classes: list[int] | list[str]
    missing: dict[str, Markers]
    missing_default: Markers
    reading: Reading
    logits: bool
    threshold: Threshold | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        made = [feature for name, own in self.columns.items() for feature in own.features(name)]
        if sorted(made) != sorted(self.features) or not {*self.ranges} <= {*self.columns}:
            raise ValueError("features and ranges must be those of columns")
        if self.threshold is not None and self.threshold.label not in self.classes:
            raise ValueError("threshold must be of one of classes")
        return self

    @property
    def answers(self) -> list[str]:
        """The names of the columns that say what is predicted."""
        return ["predicted", *probability_names(self.classes)]


def signature_of(
    estimator: Any, data: Prepared, threshold: dict[str, Any] | None = None, *, transformed: bool
) -> dict[str, Any]:
    """Return the content of ``signature.json``.

    Parameters
    ----------
    estimator : object
        The winner, refitted on the data.
    data : Prepared
    threshold : dict, optional
        What is not predicted by the likelier class.
    transformed : bool
        Whether the targets were.
    """
    return {
        "task": data.task,
        "columns": data.profile["columns"],
        "features": list(data.X.columns),
        "ranges": _ranges(data),
        "others": _others(data.profile),
        "inputs": _inputs(estimator),
        "target": str(data.y.name),
        "target_missing": data.profile["target_missing"],
        "target_transformed": transformed,
        "classes": getattr(estimator, "classes_", np.empty(0)).tolist(),
        "missing": data.profile["missing"],
        "missing_default": data.profile["missing_default"],
        "reading": data.profile["reading"],
        # Keras saves it with the loss, which not everyone can load.
        "logits": bool(getattr(estimator.model_.loss, "from_logits", False)),
        **({} if threshold is None else {"threshold": threshold}),
    }


def _ranges(data: Prepared) -> dict[str, list[float]]:
    found = {}
    for name, own in data.profile["columns"].items():
        values = data.X[Column(**own).features(name)[-1]].dropna()
        if own["kind"] in ("number", "date") and len(values):
            found[name] = [float(values.min()), float(values.max())]
    return found


def _others(profile: Mapping[str, Any]) -> list[str]:
    roles = [profile[role]["column"] for role in ROLES if role in profile]
    named = dict.fromkeys([profile["target"], *roles, *profile["unused"]])
    return [name for name in named if name and name not in profile["columns"]]


def _inputs(estimator: Any) -> dict[str, list[str]]:
    from gridlanes.networks.inputs import inputs_of, shares

    names, inputs = getattr(estimator, "feature_names_in_", ()), inputs_of(estimator.model_)
    if len(inputs) < 2:
        return {}
    places = shares(inputs, (1, len(names)), list(names))
    shared = zip(inputs, places, strict=True)
    return {own.name: [str(names[place]) for place in mine] for own, mine in shared}


def read_signature(path: Path) -> Signature:
    """Read and check a signature.

    Raises
    ------
    InputError
    """
    try:
        return Signature.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "content"
        raise InputError(
            f"{path}: {where}: {first['msg']}\n"
            "The folder is not one that this version of grid_search writes; `dvc repro` makes it"
        ) from None
