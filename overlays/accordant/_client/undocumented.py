"""Endpoints that the document does not know: any method on any path of the vendor, with an untyped response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    is_array,
    to_wire,
)

from .._auth.context import UNDOCUMENTED
from .._call.attempts import CallState
from .._call.calls import raw_response, succeeded, until
from .._call.request import query_pair
from .._call.response import ResponseReader
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
    reader = yield from succeeded(
        session, chosen, operation, arguments, options, until(session, chosen), query=_pairs(query or {})
    )
    return raw_response(reader.whole().state, lambda: _value(operation, reader.state))


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
        answers=(Answer("2XX", kind="bytes", content_type="*/*"), Answer("3XX", kind="redirect")),
        security=UNDOCUMENTED,
        idempotent=method.upper() in ("PUT", "DELETE"),  # no document says more than HTTP does (RFC 9110, 9.2.2)
    )


def _pairs(query: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in query.items():
        wire = to_wire(value)
        for item in wire if is_array(wire) else [wire]:
            if item is not None:
                yield query_pair(name, item)


def _value(operation: Operation[Any], state: CallState) -> Any:
    """JSON as JSON, text as text, a redirect as one, anything else as bytes; ``None`` for an empty body."""
    response = state.response
    if response.ok and not response.content and response.broken is None:
        return None
    kind = response.media_type
    if response.ok and ("json" in kind or kind.startswith("text/")):
        answer: Answer[Any] = Answer("2XX") if "json" in kind else Answer("2XX", kind="text", content_type=kind)
        operation = evolve(operation, answers=(answer,))
    return ResponseReader(operation, state).value()
