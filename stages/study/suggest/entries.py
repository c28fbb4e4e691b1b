"""What is found of a table as entries of params.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stages.study.sections.data import Data, Preprocess
from stages.study.suggest.folds import as_entries, scorers
from stages.study.suggest.found import Found
from stages.study.suggest.params_file import NONE, Entry
from stages.study.suggest.split import Split

#: Sections that say how rows are split.
SECTIONS = ("cross_validate", "grid_search", "nested_cv")


def entries(
    found: Found, split: Split, reading: Mapping[str, Entry]
) -> dict[str, dict[str, Entry]]:
    """Return what params.yaml may say, by section.

    Of a table of which it says something, only what is missing or cannot be.

    Parameters
    ----------
    found : Found
    split : Split
    reading : mapping of str to Entry
        How the file has to be read; of a table of which something is said, what was told now.
    """
    changes = as_entries(split.folds, split.why, found.current)
    changes["model"] = _of_model(found)
    if found.said is not None:
        changes["data"] = {**reading, **_missing(found), **_columns(found, split)}
        if "missing_target" in found.goal.data and found.said.missing_target == "error":
            changes["data"]["missing_target"] = found.goal.data["missing_target"]
        rare = found.goal.preprocess.get("min_class_rows")
        if rare is not None and found.current.preprocess.min_class_rows == 1:
            changes["preprocess"] = {"min_class_rows": rare}
        return changes
    changes["data"] = {
        **dict.fromkeys(Data.model_fields, NONE),
        **_as_said(found.data),
        **reading,
        **found.goal.data,
        **_missing(found),
        **_columns(found, split),
    }
    expected = found.current.preprocess
    # Which rows are set aside was said of another table, and so was how they are split.
    stay = sorted(expected.model_fields_set - {"holdout"})
    allowed = {key: Entry(getattr(expected, key)) for key in stay}
    for section in SECTIONS:
        changes.setdefault(section, {})["split"] = NONE
    changes["preprocess"] = {
        **dict.fromkeys(Preprocess.model_fields, NONE),
        **allowed,
        **found.goal.preprocess,
    }
    changes["report"] = {"title": Entry(f"{found.data.target} in {Path(found.data.path).stem}")}
    scoring, why = scorers(found.goal)
    changes.setdefault("cross_validate", {})["scoring"] = Entry(scoring)
    changes.setdefault("grid_search", {})["scoring"] = Entry(scoring[0], why)
    return changes


def _as_said(data: Data) -> dict[str, Entry]:
    own = {"path": data.path, "target": data.target, "features": "all", "task": data.task}
    return {key: Entry(value) for key, value in own.items()}


def _missing(found: Found) -> dict[str, Entry]:
    """Return the entry of markers, if there are any that it lacks."""
    missing: dict[str, list[Any]] = {**found.data.missing}
    own = {found.data.target: found.goal.markers}
    for name, markers in (own | {name: one.markers for name, one in found.columns.items()}).items():
        if markers:
            missing[name] = [*missing.get(name, []), *markers]
    return {"missing": Entry(missing)} if missing != found.data.missing else {}


def _columns(found: Found, split: Split) -> dict[str, Entry]:
    """Return the entries that name columns."""
    named: dict[str, dict[str, str]] = {"exclude": {}, "categorical": {}, "dates": {}}
    own: dict[str, Entry] = {}
    for name, one in found.columns.items():
        if split.role and name == split.name:
            in_order = "the rows stand in its order"
            own[split.role] = Entry(name, one.why if split.role == "groups" else in_order)
        elif one.key == "groups":
            named["exclude"][name] = "an id: " + one.why.partition(",")[0]
        elif one.key:
            named[one.key][name] = one.why
    if found.data.categorical == "auto":
        del named["categorical"]
    return own | {key: _names(found.data, key, one) for key, one in named.items() if one}


def _names(data: Data, key: str, columns: Mapping[str, str]) -> Entry:
    before: Any = getattr(data, key)
    if key == "dates" and any(before.values()):
        return Entry({**before, **dict.fromkeys(columns, "")})
    return Entry([*before, *columns], whys=columns)


def _of_model(found: Found) -> dict[str, Entry]:
    model, own = found.current.model, {}
    if model.imputer.strategy == "none" and any(one.gaps for one in found.columns.values()):
        own["imputer"] = Entry("median", "there are gaps")
    if found.goal.task == "classification":
        return own | ({"target": NONE} if model.target != "none" else {})
    if found.said is not None:
        return own
    below = model.target == "log1p" and found.goal.y.min() <= -1
    if below or (found.goal.far and model.target in ("none", "standard")):
        own["target"] = Entry("standard", found.goal.far)
    elif model.target == "standard":
        own["target"] = NONE
    return own
