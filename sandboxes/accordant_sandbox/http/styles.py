"""Lists and objects in one parameter, as OpenAPI's styles write them: `a,b`, `.a.b`, `;name=a`, `key=value`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from accordant_sandbox.http.document import Parameter
from accordant_sandbox.http.json_types import is_array

__all__ = ["is_kind", "read_styled", "separator_of"]

_MARKS: Final[Mapping[str, tuple[str, str]]] = {"label": (".", "."), "matrix": (";", ";")}
"""What a style writes before everything, and between the items of what is exploded."""
_SEPARATORS: Final[Mapping[str, str]] = {"spaceDelimited": " ", "pipeDelimited": "|"}


def is_kind(parameter: Parameter, kind: str) -> bool:
    """Whether a parameter's schema names a JSON type."""
    types: Any = parameter.schema.get("type")
    return kind in types if is_array(types) else kind == types


def separator_of(parameter: Parameter) -> str:
    """What is between the items of a list that is not exploded."""
    return _SEPARATORS.get(str(parameter.data.get("style", "")), ",")


def read_styled(parameter: Parameter, values: Sequence[str]) -> str | list[str] | dict[str, str]:
    """What a parameter says: the texts of a list's items, those of an object's members, or one text."""
    style = str(parameter.data.get("style", ""))
    if is_kind(parameter, "array") and parameter.where == "query" and parameter.explode:
        return list(values)
    first, between = _MARKS.get(style, ("", ","))
    own = f"{parameter.name}=" if style == "matrix" else ""
    if not is_kind(parameter, "array") and not is_kind(parameter, "object"):
        return values[-1].removeprefix(first).removeprefix(own)
    text = (",".join(values) if parameter.where == "header" else values[-1]).strip().removeprefix(first)
    separator = separator_of(parameter)
    if is_kind(parameter, "array"):
        parts = text.split(between) if parameter.explode else text.removeprefix(own).split(separator)
        return [part.removeprefix(own).strip() for part in parts] if text else []
    if parameter.explode:
        return {name.strip(): value for name, _, value in (part.partition("=") for part in text.split(between))}
    parts = [part.strip() for part in text.removeprefix(own).split(separator)]
    return dict(zip(parts[::2], parts[1::2], strict=False))
