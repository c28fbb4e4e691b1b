"""What only the user can decide, as lines of params.yaml that hold beside each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stages.study.counts import listed
from stages.study.sections.data import Data
from stages.study.tables.rows import roles
from stages.study.yaml_sections import in_flow, in_yaml

#: So many columns are named in a comment.
SHOWN = 5

#: Entries that are lists or mappings of columns; those of which one column can be only one.
_USES = ("exclude", "categorical", "dates")


@dataclass(frozen=True)
class Paste:
    """What may be said of a column.

    Attributes
    ----------
    name : str
    use : str
        The entry of ``data`` that is to name it, and no other; empty if it stays what it is,
        ``number`` if none has to name it.
    form : str
        Of dates.
    markers : list or None
        What means missing in it; an empty list for nothing.
    """

    name: str
    use: str = ""
    form: str = ""
    markers: list[Any] | None = None


def lines(data: Data, pastes: Iterable[Paste]) -> list[str]:
    """Return the entries of ``data`` that change, whole, as lines to paste in place of theirs.

    Of rows that could be split or weighed by several columns the first is taken. A line that no
    longer names a column says in a comment which other one does.
    """
    before = _content(data)
    content = _content(data)
    split = any(role in ("groups", "time") for role in roles(data))
    for paste in pastes:
        if paste.use == "weights" and content["weights"] is not None:
            continue
        if paste.use in ("groups", "time"):
            if split:
                continue
            split = True
        _apply(paste, content)
    return [
        f"{key}: {in_flow(_short(key, value))}{_moved(key, before, content)}"
        for key, value in content.items()
        if value != before[key] and (value or before[key])
    ]


def _short(key: str, value: Any) -> Any:
    """Return an entry in its shortest form: dates of which none needs a format as their names."""
    if key == "dates" and not any(value.values()):
        return [*value]
    if key == "time" and not any(value.values()):
        return next(iter(value))
    return value


def _moved(key: str, before: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Return a comment on columns that leave an entry for another one."""
    if key not in _USES:
        return ""
    gone = [name for name in before[key] if name not in content[key]]
    places = {
        name: other
        for name in gone
        for other in (*_USES, "groups", "time")
        if content[other] == name or (content[other] != "auto" and name in (content[other] or ()))
    }
    said = listed((f"{in_yaml(name)}: see {place}" for name, place in places.items()), SHOWN)
    return f"  # {said}" if said else ""


def _content(data: Data) -> dict[str, Any]:
    categorical = data.categorical if data.categorical == "auto" else [*data.categorical]
    missing = {name: [*own] for name, own in data.missing.items()}
    return {
        "exclude": [*data.exclude],
        "categorical": categorical,
        "dates": {**data.dates},
        "missing": missing,
        "groups": data.groups,
        "time": {**data.time},
        "weights": data.weights,
    }


def _apply(paste: Paste, content: dict[str, Any]) -> None:
    name = paste.name
    if paste.markers is not None:
        content["missing"][name] = [*content["missing"].get(name, []), *paste.markers]
    if not paste.use:
        return
    # Groups may be excluded besides, and a time may be a date.
    leaves = {"groups": ("categorical", "dates"), "time": ()}.get(paste.use, _USES)
    for key in leaves:
        own = content[key]
        if isinstance(own, dict):
            own.pop(name, None)
        elif name in own and own != "auto":
            own.remove(name)
    if paste.use in ("groups", "weights"):
        content[paste.use] = name
    elif paste.use in ("dates", "time"):
        content[paste.use][name] = paste.form
    elif paste.use != "number" and content[paste.use] != "auto":
        content[paste.use].append(name)
