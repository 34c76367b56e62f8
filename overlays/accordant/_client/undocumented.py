"""The way to endpoints that the document does not know: any method on any path of the vendor, answered untyped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from attrs import evolve

from accordant_runtime import (
    UNSET,
    Answer,
    Body,
    CallOptions,
    Entity,
    Operation,
    RawResponse,
    Redirect,
    is_array,
    to_wire,
)

from .._call.attempts import Exchange
from .._call.calls import answered, raw_response, until
from .._call.request import query_pair
from .._call.response import Reading
from .._call.session import Session
from .._flow.commands import Flow
from .._settings import Defaults
from ..errors import RequestError


def free_request(
    session: Session,
    defaults: Defaults,
    method: str,
    path: str,
    query: Mapping[str, Any] | None,
    json: Any,
    content: bytes | None,
    options: CallOptions | None,
) -> Flow[RawResponse[Any]]:
    """Run a method on a path with this client's credentials, retries and deadline."""
    if not path.startswith("/") or path.startswith("//"):
        raise RequestError(f"give the path alone, starting with one slash: {path!r}")
    if json is not UNSET and content is not None:
        raise RequestError("give json or content, not both")
    operation = _operation(method, path, json, content)
    chosen = defaults.for_call(options)
    arguments = {} if operation.body is None else {"body": json if content is None else content}
    reading = yield from answered(
        session, chosen, operation, arguments, options, until(session, chosen), query=_pairs(query or {})
    )
    return raw_response(session, reading.whole().done, partial(_value, session, operation, reading.done))


def _operation(method: str, path: str, json: Any, content: bytes | None) -> Operation[Any]:
    if not (method.isascii() and method.isalpha()):
        raise RequestError(f"{method!r} is no HTTP method")
    body = None
    if content is not None:
        body = Body("application/octet-stream", "bytes")
    elif json is not UNSET:
        body = Body()
    return Operation(
        id=f"{method.upper()} {path.partition('?')[0]}",
        method=method.upper(),
        path=path,
        resource="",
        name="request",
        entity=Entity("", "custom"),
        body=body,
        answers=(Answer("2XX", kind="bytes"), Answer("3XX", kind="redirect")),
        security=(("client",),),
        idempotent=method.upper() in ("PUT", "DELETE"),  # no document says more than HTTP does (RFC 9110, 9.2.2)
    )


def _pairs(query: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in query.items():
        wire = to_wire(value)
        for item in wire if is_array(wire) else [wire]:
            if item is not None:
                yield query_pair(name, item)


def _value(session: Session, operation: Operation[Any], done: Exchange) -> Any:
    """JSON as JSON, text as text, a redirect as one, anything else as bytes; ``None`` for an empty body."""
    content: Any = Reading(session, operation, done).value()
    kind = done.response.media_type
    if isinstance(content, Redirect):
        return content
    if not content:
        return None
    if "json" in kind:
        return _as(session, operation, done, Answer("2XX"))
    if kind.startswith("text/"):
        return _as(session, operation, done, Answer("2XX", kind="text", content_type=kind))
    return content


def _as(session: Session, operation: Operation[Any], done: Exchange, answer: Answer[Any]) -> Any:
    return Reading(session, evolve(operation, answers=(answer,)), done).value()
