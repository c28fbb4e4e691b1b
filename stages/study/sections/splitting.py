"""The key ``split``: how rows are divided into folds, and which ways suit what a table says."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from stages.study.sections.data import Data
from stages.study.yaml_sections import Section, Whole

Kind = Literal["stratified", "kfold", "stratified_group", "group", "time"]

#: More repeats say nothing more: what is left of the noise is that of the rows.
MOST = 100


class Splitting(Section):
    """How rows are divided into folds.

    Attributes
    ----------
    kind
        Which rows may stand on both sides of a split; ``auto`` goes by ``data.groups``, by
        ``data.time``, else by the classes. The key above it may be this name alone.
    repeats
        How often the folds are drawn: by the seed, the seed + 1 and so on.
    shuffle
        ``false`` takes rows or groups as they come; null is ``true``, unless folds go by a
        time.
    """

    kind: Literal["auto", Kind] = "auto"
    repeats: Annotated[Whole, Field(ge=1, le=MOST)] = 1
    #: None is true, unless folds go by a time.
    shuffle: bool | None = None


def split_beside(folds: str) -> BeforeValidator:
    """Read a key ``split`` beside the key of this name, which is the number of folds."""

    def read(value: Any) -> Any:
        if isinstance(value, dict) and "folds" in value:
            raise ValueError(f"takes no folds: how many there are is the key {folds} beside it")
        if isinstance(value, str):
            return {"kind": value}
        return {} if value is None else value

    return BeforeValidator(read)


def why_not(split: Splitting, data: Data) -> str | None:
    """Return the key below ``split`` that cannot be with the table, and why; None if all can."""
    wrong = _wrong_kind(split.kind, data)
    if wrong is not None:
        allowed = ", ".join(["auto", *_kinds(data)])
        return f"kind: {wrong}; allowed are {allowed}; found {split.kind!r}"
    if data.time and split.shuffle:
        return "shuffle: cannot be true with data.time, whose order the folds keep"
    again = "with data.time" if data.time else "without shuffle"
    if split.repeats > 1 and (data.time or split.shuffle is False):
        return f"repeats: must be 1 {again}: the same folds again; found {split.repeats}"
    return None


def _kinds(data: Data) -> list[Kind]:
    """Return the ways to split that suit a table."""
    if data.time:
        return ["time"]
    plain: list[Kind] = ["group"] if data.groups is not None else ["kfold"]
    if data.task == "regression":
        return plain
    return [*plain, "stratified_group" if data.groups is not None else "stratified"]


def _wrong_kind(kind: str, data: Data) -> str | None:
    if kind == "auto" or kind in _kinds(data):
        return None
    if data.time:
        return "would train on rows that are later than those tested, in spite of data.time"
    if kind == "time":
        return "needs data.time, the column of times"
    if kind.endswith("group") and data.groups is None:
        return "needs data.groups, the column whose groups stay together"
    if data.groups is not None and not kind.endswith("group"):
        return (
            f"would have rows of one {data.groups} on both sides of a split, so that what is "
            "learnt of it leaks into the test, in spite of data.groups"
        )
    return "keeps the shares of classes, which a regression has not"
