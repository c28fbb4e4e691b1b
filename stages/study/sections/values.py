"""Types of values that several sections have."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from stages.study.yaml_sections import Whole, whole


def whole_everywhere(value: Any) -> Any:
    """Apply :func:`stages.study.yaml_sections.whole` to every value in a tree."""
    if isinstance(value, dict):
        return {key: whole_everywhere(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole_everywhere(item) for item in value]
    return whole(value)


def empty_mapping(value: Any) -> Any:
    """Read a key with nothing below it as an empty mapping."""
    return {} if value is None else value


def by_name(key: str) -> BeforeValidator:
    """Read a name as a mapping with no more than this key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def distinct(values: list[Any]) -> list[Any]:
    """Return a list in which nothing stands twice."""
    repeated = [value for n, value in enumerate(values) if value in values[:n]]
    if repeated:
        raise ValueError(f"{repeated[0]!r} is listed twice")
    return values


Distinct = BeforeValidator(lambda values: distinct(values) if type(values) is list else values)
Network = Annotated[dict[str, Any], BeforeValidator(whole_everywhere)]
Seed = Annotated[Whole, Field(ge=0, lt=2**32)]
Label = str | int | float | bool
Columns = Annotated[list[str], Distinct]
