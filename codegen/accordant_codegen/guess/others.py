"""The guesses about single parts of a document: references between records, success codes, idempotency keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from accordant_runtime import is_object

from ..names import snake
from ..read.document import follow
from .facts import Guess, Shape, Subject, plain, quoted

_SUFFIXES = ("uuid", "uid", "guid", "sid", "identifier")
_IDEMPOTENCY = re.compile(r"(x-)?(idempotency|idempotent|idempotence)-?(key|token|id)", re.IGNORECASE)


def references(document: dict[str, Any], raw: dict[str, Any], entities: set[str]) -> Iterator[Guess]:
    """`<entity>_uuid` and its like hold the key of that kind of record; `<entity>_id` is taken so without a guess."""
    schemas: Any = raw.get("components", {}).get("schemas", {})
    for name, schema in schemas.items() if is_object(schemas) else ():
        stated = schema.get("properties") if is_object(schema) else None
        properties: dict[str, Any] = stated if is_object(stated) else {}
        for wire, node in properties.items():
            found = re.fullmatch(rf"(\w+?)_({'|'.join(_SUFFIXES)})s?", snake(wire))
            if not found or found[1] not in entities or not is_object(node) or "$ref" in node:
                continue
            if "x-accordant-reference" in node or Shape(document, node).is_record or _may_be_own(found[2], properties):
                continue
            target = f"$.components.schemas{quoted(name)}.properties{quoted(wire)}"
            reason = f"`{wire}` is spelt like the {found[2]} of one of the document's own records."
            yield Guess(target, "reference", reason, {"x-accordant-reference": found[1]})


def _may_be_own(suffix: str, properties: dict[str, Any]) -> bool:
    """Whether the record has no other key: this may then be its own."""
    return not {plain(name) for name in properties} & {"id", suffix}


def success_code(subject: Subject, action: str) -> Guess | None:
    """The code of a success that is documented as `2XX` only, or not at all."""
    responses: dict[str, Any] = subject.data.get("responses", {})
    codes = [code for code in responses if code.startswith(("2", "3"))]
    if not codes and "default" in responses:
        return None  # which may be the success
    if not codes:
        code = "204" if subject.method == "delete" else "200"
        reason = f"No success is documented, and there must be one: {code} without a body, so nothing is promised."
        update = {"responses": {code: {"description": "Success; the document does not show it."}}}
        return Guess(subject.target, "success", reason, update)
    if codes != ["2XX"]:
        return None
    empty = not follow(subject.document, responses["2XX"]).get("content")
    code = "201" if action == "create" and not empty else "204" if action == "delete" and empty else "200"
    says = {"201": "what makes a record returns 201", "204": "a deletion without a body returns 204"}
    reason = f"The document says 2XX; {says.get(code, 'most successes are 200')}."
    return Guess(subject.target, "success", reason, {"x-accordant-success": code})


def idempotency(subject: Subject) -> Guess | None:
    """The header in which the vendor takes a key of the call."""
    if "x-accordant-idempotency-key" in subject.data or subject.method == "get":
        return None
    for parameter in subject.data.get("parameters", []):
        name = str(parameter.get("name", ""))
        if parameter.get("in") == "header" and _IDEMPOTENCY.fullmatch(name):
            reason = f"`{name}` is spelt like a key under which the vendor does a call once."
            return Guess(subject.target, "idempotency", reason, {"x-accordant-idempotency-key": name})
    return None


def entities(subjects: list[Subject]) -> set[str]:
    """The kinds of record that have an operation on one record: others are words of a path."""
    found = {str(each.data["x-accordant-entity"]) for each in subjects if each.by_id}
    return {each for each in found if plain(each) not in ("", "root")}
