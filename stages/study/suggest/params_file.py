"""Entries of params.yaml set in its text, which stays as it is everywhere else."""

import io
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from stages.study.errors import InputError
from stages.study.params import PATH, Params
from stages.study.suggest.reasons import without_reasons

#: Where comments begin, of entries that are indented by so much.
COLUMN, INDENT = 32, 2

#: How long a comment is at most.
WIDTH = 120

#: The order of the entries of ``data``, for those that are added.
ORDER = (
    *("path", "separator", "decimal", "thousands", "encoding", "comment", "sheet"),
    *("target", "features"),
    *("exclude", "categorical", "booleans", "dates", "task", "missing", "missing_default"),
    *("missing_target", "positive", "groups", "time", "weights"),
)


@dataclass(frozen=True)
class Entry:
    """What an entry of a section is set to.

    Attributes
    ----------
    value : object
        None removes the entry.
    why : str
        Its comment.
    whys : dict of str to str
        A comment for each item of a list, which then stands a line an item.
    """

    value: Any
    why: str = ""
    whys: Mapping[str, str] = field(default_factory=dict)


#: Removes an entry.
NONE = Entry(None)

Changes = Mapping[str, Mapping[str, Entry]]


def changed(text: str, changes: Changes) -> str:
    """Return the text of params.yaml with entries set, by section; all else stays as it stands.

    Raises
    ------
    InputError
        If sections or their entries do not stand one below the other, each for itself.
    """
    for name, entries in changes.items():
        try:
            text = _changed(text, name, entries)
        except YAMLError as error:
            problem = " ".join(str(getattr(error, "problem", error)).split())
            raise InputError(f"{PATH}: {name}: init cannot edit it: {problem}") from None
    return text


def _changed(text: str, name: str, entries: Mapping[str, Entry]) -> str:
    lines = text.splitlines(keepends=True)
    pieces = _pieces(lines, _yaml().load(text), "")
    if name in pieces:
        begin, end = pieces[name]
        lines[begin:end] = _section(lines[begin:end], name, entries)
    elif any(entry.value is not None for entry in entries.values()):
        lines += ["\n", *_section([f"{name}:\n"], name, entries)]
    return "".join(lines)


def check(text: str) -> None:
    """Check that a text is valid as params.yaml."""
    Params.model_validate(YAML(typ="safe", pure=True).load(text))


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 10_000
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    # Otherwise nothing would be written of it.
    yaml.representer.add_representer(
        type(None), lambda own, _: own.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return yaml


def _pieces(lines: list[str], content: CommentedMap, where: str) -> dict[str, tuple[int, int]]:
    """Return where each entry begins and ends, without the comments above the next one."""
    places = [content.lc.key(name) for name in content]
    starts = [line for line, _ in places]
    if len({column for _, column in places}) > 1 or len({*starts}) < len(starts):
        raise InputError(f"{PATH}: {where or 'sections'}: for init each must have lines of its own")
    ends = [*starts[1:], len(lines)]
    for number, start in enumerate(starts):
        while ends[number] > start + 1 and not lines[ends[number] - 1].partition("#")[0].strip():
            ends[number] -= 1
    return dict(zip(content, zip(starts, ends, strict=True), strict=True))


def _section(lines: list[str], name: str, entries: Mapping[str, Entry]) -> list[str]:
    """Return the lines of a section with entries set."""
    content = _yaml().load("".join(lines))[name] or CommentedMap()
    if content and content.fa.flow_style():
        content.fa.set_block_style()
        lines = _dumped(CommentedMap({name: content}))
        content = _yaml().load("".join(lines))[name]
    pieces = _pieces(lines, content, name) if content else {}
    indent = " " * (content.lc.key(next(iter(content)))[1] if content else 2)
    own = {key: lines[begin:end] for key, (begin, end) in pieces.items()}
    # What stands between the entries, by the entry above it.
    first = min((begin for begin, _ in pieces.values()), default=len(lines))
    between = {key: _after(lines, pieces, key) for key in pieces}
    order = _placed([*pieces], [key for key in entries if entries[key].value is not None], name)
    for key, entry in entries.items():
        before = own.get(key, [])
        own[key] = _entry(before, key, entry, indent)
        # Those of data are of a table.
        if name != "data" and entry.why and before != own[key]:
            own[key] = [*_comment(before, indent), *own[key]]
    head = lines[:first] if content else [f"{name}:\n"]
    return [*head, *(line for key in order for line in (*own[key], *between.get(key, [])))]


def _after(lines: list[str], pieces: Mapping[str, tuple[int, int]], key: str) -> list[str]:
    end = pieces[key][1]
    return lines[end : min((begin for begin, _ in pieces.values() if begin >= end), default=end)]


def _placed(before: list[str], wanted: list[str], name: str) -> list[str]:
    """Return all entries in order, each new one after those that come before it."""
    order = ORDER if name == "data" else [*Params.model_fields[name].annotation.model_fields]  # type: ignore[union-attr]
    placed = [*before]
    for key in sorted(set(wanted) - {*before}, key=order.index):
        earlier = order[: order.index(key)]
        place = max((n for n, own in enumerate(placed, 1) if own in earlier), default=0)
        placed.insert(place, key)
    return placed


def _entry(lines: list[str], key: str, entry: Entry, indent: str) -> list[str]:
    """Return the lines of an entry as it is to be; as they are if it is that already."""
    content = _yaml().load("".join(line[len(indent) :] for line in lines)) or CommentedMap()
    if entry.value is None:
        # `null` asks for nothing, and is the place where a person would ask for something.
        return lines if content.get(key, entry) is None else []
    if content.get(key) == entry.value and not (entry.why or entry.whys):
        return lines
    _set(content, key, entry)
    return [indent + line for line in _dumped(content)]


def _comment(lines: list[str], indent: str) -> list[str]:
    """Return the user's comment behind an entry as a line of its own, to stand above it."""
    content = _yaml().load("".join(line[len(indent) :] for line in lines)) or CommentedMap()
    found = [token for tokens in content.ca.items.values() for token in tokens if token]
    said = found[0].value.splitlines()[0] if found else ""
    own = without_reasons(f" {said}").strip()
    return [f"{indent}{own}\n"] if own else []


def _dumped(content: CommentedMap) -> list[str]:
    out = io.StringIO()
    _yaml().dump(content, out)
    return out.getvalue().splitlines(keepends=True)


def _set(content: CommentedMap, key: str, entry: Entry) -> None:
    before = content.get(key)
    if isinstance(before, CommentedSeq) and [*before] == entry.value[: len(before)]:
        _extend(before, entry)
        return
    content[key] = _as_yaml(entry)
    if entry.why:
        content.ca.items.pop(key, None)
        content.yaml_add_eol_comment(_in_a_line(entry.why), key=key, column=COLUMN - INDENT)


def _extend(items: CommentedSeq, entry: Entry) -> None:
    for number, item in enumerate(entry.value):
        if number == len(items):
            items.append(item)
        _say_why(items, number, entry)


def _as_yaml(entry: Entry) -> Any:
    if isinstance(entry.value, Mapping):
        return CommentedMap({key: _flow(own) for key, own in entry.value.items()})
    if not isinstance(entry.value, list):
        return entry.value
    if not entry.whys:
        return _flow(entry.value)
    items = CommentedSeq(entry.value)
    for number in range(len(items)):
        _say_why(items, number, entry)
    return items


def _say_why(items: CommentedSeq, number: int, entry: Entry) -> None:
    if why := entry.whys.get(items[number]):
        items.ca.items.pop(number, None)
        items.yaml_add_eol_comment(_in_a_line(why), number, column=COLUMN - INDENT)


def _in_a_line(why: str) -> str:
    """Return a comment that is no longer than a line, whatever of the table it shows."""
    return textwrap.shorten(why, WIDTH)


def _flow(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    items = CommentedSeq(value)
    items.fa.set_flow_style()
    return items
