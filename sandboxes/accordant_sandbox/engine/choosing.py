"""Which of several operations a request means whose paths are alike: `/people/{id}` and `/people/{number}`."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.exchange import Request
from accordant_sandbox.http.routing import Match
from accordant_sandbox.http.schemas import Schemas

__all__ = ["meant"]


def meant(request: Request, matches: Sequence[Match]) -> Match:
    """The one whose path parameters fit, then whose query and body do, then whose path takes fewer values."""
    return max(
        matches,
        key=lambda each: (
            _path_fits(each),
            _query_fits(each.operation, request),
            _body_fits(each, request),
            _narrowness(each.operation),
        ),
    )


def _path_fits(match: Match) -> bool:
    schemas = match.operation.document.schemas
    return all(
        schemas.is_valid(each.pointer, schemas.coerce(each.schema, match.parameters[each.name]))
        for each in match.operation.parameters
        if each.where == "path" and each.name in match.parameters
    )


def _narrowness(operation: Operation) -> int:
    """How many path parameters take no text: `7` is the number of `/people/{number}`, although any name fits it."""
    schemas = operation.document.schemas
    paths = [each for each in operation.parameters if each.where == "path"]
    return sum(schemas.deref(each.schema).get("type", "string") != "string" for each in paths)


def _query_fits(operation: Operation, request: Request) -> tuple[bool, int, int]:
    """Whether what must be there is there, with one of its values where there are few, how much must be, and how much
    of what is there is known."""
    given = dict(request.query)
    known = [each for each in operation.parameters if each.where == "query"]
    needed = {each.name for each in known if each.required}
    schemas = operation.document.schemas
    chosen = all(
        schemas.is_valid(each.pointer, schemas.coerce(each.schema, given[each.name]))
        for each in known
        if each.name in given and "enum" in each.schema
    )
    return chosen and needed <= given.keys(), len(needed), len(given.keys() & {each.name for each in known})


def _body_fits(match: Match, request: Request) -> bool:
    """Whether a body of JSON fits its schema, or none is sent where none is needed; bodies of other kinds count as
    fitting where their media type is known."""
    content = match.operation.body_content
    if not request.body:
        return not match.operation.body_required
    pointer = content.get(request.media_type or next(iter(content), ""))
    if pointer is None:
        return False
    return "json" not in str(request.media_type) or _json_fits(match.operation.document.schemas, pointer, request.body)


def _json_fits(schemas: Schemas, pointer: str, body: bytes) -> bool:
    try:
        return schemas.is_valid(pointer, orjson.loads(body))
    except orjson.JSONDecodeError:
        return False
