"""What a value of ``params.yaml`` may be, in words, from the JSON schema that pydantic makes."""

import re
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from stages.study.yaml_sections import in_flow

WORDS = {
    "array": "list",
    "boolean": "`true` or `false`",
    "integer": "whole number",
    "null": "`null`",
    "number": "number",
    "object": "mapping",
    "string": "text",
}

#: Bounds of JSON schemas.
BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minLength": "at least {} characters",
    "minProperties": "at least {} entries",
    "maxProperties": "at most {} entries",
}


#: Bounds of whole numbers by their names in types: pydantic's schema loses those of a number that
#: is read as one before it is checked.
OF_TYPES = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}


def bounded(field: FieldInfo, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a field with the bounds of its whole numbers."""
    bounds = dict(_of_whole_numbers(field.annotation, field.metadata))
    return _with(schema, bounds)


def _of_whole_numbers(kind: Any, notes: Any) -> Iterator[tuple[str, Any]]:
    if typing.get_origin(kind) is typing.Annotated:
        inner, *own = typing.get_args(kind)
        yield from _of_whole_numbers(inner, own)
    elif kind is int:
        for note in (part for own in notes for part in getattr(own, "metadata", [own])):
            yield from (
                (OF_TYPES[name], getattr(note, name)) for name in OF_TYPES if hasattr(note, name)
            )
    else:
        for part in typing.get_args(kind):
            yield from _of_whole_numbers(part, ())


def _with(schema: Mapping[str, Any], bounds: Mapping[str, Any]) -> dict[str, Any]:
    own = {**schema, **(bounds if schema.get("type") == "integer" else {})}
    for key in ("anyOf", "oneOf"):
        if key in own:
            own[key] = [_with(part, bounds) for part in own[key]]
    if isinstance(own.get("items"), Mapping):
        own["items"] = _with(own["items"], bounds)
    return own


def allowed(schema: Mapping[str, Any]) -> str:
    """Return what a value may be; nothing of one that is anything to the schema."""
    several = schema.get("anyOf") or schema.get("oneOf")
    if several:
        return ", or ".join(dict.fromkeys(map(allowed, several)))
    if "$ref" in schema or "allOf" in schema:
        return "mapping of the keys below it"
    if "const" in schema:
        return f"`{in_flow(schema['const'])}`"
    if "enum" in schema:
        *others, last = (f"`{in_flow(own)}`" for own in schema["enum"])
        return f"{', '.join(others)} or {last}"
    if "type" not in schema:
        return ""
    return f"{WORDS[schema['type']]}{_inside(schema)}{_bounds(schema)}"


def _inside(schema: Mapping[str, Any]) -> str:
    """Return what a list or mapping holds, nothing if that may be anything."""
    inside = schema.get("items") or schema.get("additionalProperties")
    if not isinstance(inside, Mapping) or not inside:
        return ""
    return f" of ({allowed(inside)})" if " " in allowed(inside) else f" of {allowed(inside)}"


def _bounds(schema: Mapping[str, Any]) -> str:
    said = [words.format(schema[key]) for key, words in BOUNDS.items() if key in schema]
    text = "".join(f", {own}" for own in said)
    text = re.sub(r"at least (\d+) entries, at most \1 entries", r"\1 entries", text)
    return re.sub(r"at least 1 (entries|characters)", "not empty", text)
