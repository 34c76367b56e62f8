"""The view of what operations answer."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.union import UnionProperty

from ..errors import CodegenError
from ..read.document import follow
from ..text import quoted
from ..types.media import choose_content, is_json, successes
from ..types.typed import ANY, NULL, Typed, decoder, output_text
from .models import Catalogue

_REDIRECT = Typed("Redirect", "Redirect", "untyped", runtime=frozenset({"Redirect", "untyped"}))
_TEXT = Typed("str", "str", "string", "str", runtime=frozenset({"string"}))
_BYTES = Typed("bytes", "bytes", "untyped", runtime=frozenset({"untyped"}))


@frozen
class Answers:
    """The successes of one operation: the text of each, what a call returns, and every type that they mention."""

    texts: tuple[str, ...]
    returns: str
    kind: Typed


def view_answers(document: dict[str, Any], operation: dict[str, Any], catalogue: Catalogue) -> Answers:
    """The view of an operation's successes; several that differ make the return type a union."""
    types = catalogue.parsed.operations[operation["operationId"]].answers
    texts: list[str] = []
    kinds: list[Typed] = []
    for status in successes(operation):
        response = follow(document, operation["responses"][status])
        text, kind = _answer(operation, status, response, types.get(status), catalogue)
        texts.append(text)
        kinds.append(kind)
    results = [output_text(kind, optional=False) for kind in kinds]
    distinct = list(dict.fromkeys(result for result in results if result != "None"))
    if not distinct or "None" in results:
        distinct.append("None")
    kind = next((item for item in kinds if item.output != "None"), NULL)
    every = evolve(
        kind,
        models=frozenset[str]().union(*(item.models for item in kinds)),
        enums=frozenset[str]().union(*(item.enums for item in kinds)),
        runtime=frozenset[str]().union(*(item.runtime for item in kinds)),
        imports=frozenset[str]().union(*(item.imports for item in kinds)),
    )
    return Answers(tuple(texts), "Any" if "Any" in distinct else " | ".join(distinct), every)


def _answer(
    operation: dict[str, Any], status: str, response: dict[str, Any], prop: Any, catalogue: Catalogue
) -> tuple[str, Typed]:
    chosen = choose_content(response.get("content"))
    if status[0] == "3" and status != "304":
        return f'Answer({quoted(status)}, untyped, kind="redirect")', _REDIRECT
    if chosen is None:
        return f'Answer({quoted(status)}, null, kind="nothing")', NULL
    content_type, _ = chosen
    if not is_json(content_type):
        kind, reading = (_TEXT, "text") if content_type.startswith("text/") else (_BYTES, "bytes")
        media = f", content_type={quoted(content_type)}"
        return f'Answer({quoted(status)}, {kind.decode}, kind="{reading}"{media})', kind
    path = operation.get("x-accordant-envelope", "")
    pagination = operation.get("x-accordant-pagination")
    if pagination is not None:
        row = _row(operation, prop, pagination["items"], catalogue)
        return f"Answer({quoted(status)}, {decoder(row)})", row
    kind = ANY
    if prop is not None:
        inner = _inside(prop, path, catalogue)
        kind = catalogue.typed(prop if inner is None else inner)
    if "x-accordant-failure" in operation and operation.get("x-accordant-nullable") is not True:
        kind = evolve(kind, nullable=False)  # null is what the vendor's failures hold, and those raise
    envelope = f", envelope={quoted(path)}" if path else ""
    if path and operation.get("x-accordant-bare") is True:
        envelope += ", bare=True"
    return f"Answer({quoted(status)}, {decoder(kind)}{envelope})", kind


def _inside(prop: Any, path: str, catalogue: Catalogue) -> Any:
    """The property at a dotted path; None where the documented answer has none."""
    found = prop
    for name in path.split(".") if path else ():
        found = _beside_null(found)
        if not isinstance(found, ModelProperty):
            return None
        fields = catalogue.fields(str(found.class_info.name))
        found = next((item for _, facts, item in fields if facts.wire == name), None)
    return found


def _beside_null(prop: Any) -> Any:
    """The one alternative beside ``null``, or the property itself."""
    if not isinstance(prop, UnionProperty):
        return prop
    others = [inner for inner in prop.inner_properties if not isinstance(inner, NoneProperty)]
    return others[0] if len(others) == 1 else prop


def _row(operation: dict[str, Any], prop: Any, path: str, catalogue: Catalogue) -> Typed:
    rows = _beside_null(_inside(prop, path, catalogue))
    if not isinstance(rows, ListProperty):
        raise CodegenError(
            f"operation {operation['operationId']}: x-accordant-pagination.items {path!r} does not lead to an array"
        )
    return catalogue.typed(rows.inner_property)
