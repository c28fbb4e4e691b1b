"""The page of all keys of ``params.yaml``, from the sections that check them."""

import inspect
import typing
from collections.abc import Iterator
from typing import Any

from numpydoc.docscrape import NumpyDocString
from pydantic.fields import FieldInfo
from schema_words import allowed, bounded
from sphinx.application import Sphinx

from stages import architecture
from stages.study.compute import Compute
from stages.study.params import Params
from stages.study.sections.training import SCHEDULES, EarlyStopping, ReduceOnPlateau
from stages.study.yaml_sections import Section, in_flow

BELOW = "mapping of the keys below it"

#: Where it is told what the keys of a section are for, by the section's name.
USES = {
    "data": "[Your own data](../how-to/your-data.md)",
    "preprocess": "[Your own data](../how-to/your-data.md)",
    "model": "[Designs of the network](../how-to/studies.md#the-network)",
    "cross_validate": "[Designs of splits](../how-to/studies.md#splits)",
    "grid_search": "[Designs of searches](../how-to/studies.md#searches)",
    "nested_cv": "[What the best candidate is worth](../explain/worth.md)",
    "diagnose": "[The study](../start/study.md)",
    "report": "[The study](../start/study.md)",
}

#: Where on the page the keys go: the word in the marker is that of :data:`PARTS`.
MARKER = "<!-- keys of {} -->"


def descriptions(kind: type[Section]) -> dict[str, str]:
    """Return what the docstrings of a section and those that it extends say of its keys."""
    said: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, Section):
            parsed = NumpyDocString(inspect.getdoc(base) or "")
            said |= {own.name: " ".join(own.desc) for own in parsed["Attributes"]}
    return {name: text.replace("``", "`") for name, text in said.items()}


def section_of(field: FieldInfo) -> type[Section] | None:
    """Return the section that stands below a key, if one does."""
    for kind in (field.annotation, *typing.get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    return None


def keys(kind: type[Section], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path of each key below a section, with what is said of it as Markdown."""
    schemas, said = kind.model_json_schema()["properties"], descriptions(kind)
    for name, field in kind.model_fields.items():
        below = section_of(field)
        words = BELOW if below else allowed(bounded(field, schemas[name]))
        end = f"{_default(field, below)}; {words}".removesuffix("; ")
        yield f"{path}{name}", f"{said[name]}\n\n{end}."
        if below is not None:
            yield from keys(below, f"{path}{name}.")


def _default(field: FieldInfo, below: type[Section] | None) -> str:
    if field.is_required():
        return "Has to be given"
    if below is not None:
        return "May be left out"
    value = field.get_default(call_default_factory=True)
    return f"Default `{in_flow(value)}`"


def entries(kind: type[Section], path: str = "") -> str:
    """Return the keys of a section as Markdown, each a heading of its own."""
    level = "####" if path else "###"
    return "\n\n".join(f"{level} `{key}`\n\n{text}" for key, text in keys(kind, path))


def study() -> str:
    """Return all keys, each section of the file as one of the page."""
    fields, said, parts = Params.model_fields, descriptions(Params), []
    for name, text in keys(Params):
        level = "##" if name in fields else "###"
        below = name in fields and section_of(fields[name]) is not None
        use = f"\n\nWhat to do with it: {USES[name]}." if name in USES else ""
        parts.append(f"{level} `{name}`\n\n{said[name] if below else text}{use}")
    return "\n\n".join(parts)


def arguments() -> str:
    """Return the arguments of the build function that the repository has, with their defaults."""
    own = inspect.signature(architecture.create_model).parameters
    said = (inspect.getdoc(architecture.create_model) or "").partition("\n\n")[2]
    rows = [
        f"| `{name}` | `{in_flow(value.default)}` |"
        for name, value in own.items()
        if name != "meta"
    ]
    table = "\n".join(["| Argument | Default |", "| --- | --- |", *rows])
    return said.replace("``", "`").replace("\n", " ") + "\n\n" + table


def schedules() -> str:
    """Return the kinds of schedules, each with its keys."""
    parts = []
    for name, kind in SCHEDULES.items():
        rows = [f"`{key}`: {' '.join(text.split())}" for key, text in keys(kind)]
        first = (inspect.getdoc(kind) or "").partition("\n")[0].replace("``", "`")
        parts.append("\n- ".join([f"**{name}**: {first}\n", *rows]))
    return "\n\n".join(parts)


#: What is written where.
PARTS = {
    "params.yaml": study,
    "create_model": arguments,
    "early_stopping": lambda: entries(EarlyStopping, "early_stopping."),
    "reduce_on_plateau": lambda: entries(ReduceOnPlateau, "reduce_on_plateau."),
    "learning_rate": schedules,
    "compute.yaml": lambda: entries(Compute),
}


def read(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Write the keys where a page has a marker for them."""
    if docname != "reference/params":
        return
    for name, part in PARTS.items():
        source[0] = source[0].replace(MARKER.format(name), part())


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("source-read", read)
    return {"parallel_read_safe": True}
