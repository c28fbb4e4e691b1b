"""What only the user can decide, as lines of params.yaml that hold beside each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stages.study.params import Data
from stages.study.tables.rows import roles
from stages.study.yaml_sections import in_flow

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

    Of rows that could be split or weighed by several columns the first is taken.
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
        f"{key}: {in_flow(_short(key, value))}"
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
    for key in _USES:
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
