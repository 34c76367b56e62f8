"""From an operation and its arguments to the HTTP request that is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from treaty_runtime import CallOptions, Operation, Request, build_request, dumps, is_object, loads, to_wire

from ._body import MultipartBody
from ._messages import Body, HttpRequest
from ._session import Session
from ._settings import Defaults
from ._zones import require_aware, wall_clock
from .errors import RequestError

_SAFE_IN_QUERY = ",:/@"
_UNFIT = re.compile(r"[\x00-\x20#]")


def http_request(
    session: Session,
    defaults: Defaults,
    operation: Operation[Any],
    arguments: Mapping[str, Any],
    options: CallOptions | None,
    query: Iterable[tuple[str, str]] = (),
) -> HttpRequest:
    """The request of one call, without its credentials; ``query`` holds further pairs."""
    if session.zone is not None:
        arguments = {name: wall_clock(value, session.zone) for name, value in arguments.items()}
    if not session.vendor.wall_clock:
        for name, value in arguments.items():
            require_aware(value, name)
    built = build_request(operation, arguments)
    body, content_type = _body(session, built, options)
    headers = [("Accept", _accept(operation)), ("User-Agent", session.user_agent), *built.headers]
    if content_type is not None:
        headers.append(("Content-Type", content_type))
    pairs = [*built.query, *query, *(options.query.items() if options else ())]
    request = HttpRequest(built.method, address(session, built.path, pairs), tuple(headers), body)
    for name, value in defaults.headers.items():
        request = request.with_header(*_checked_header(session, name, value))
    return _with_key(session, operation, options, request)


def is_keyed(session: Session, operation: Operation[Any], request: HttpRequest) -> bool:
    """Whether a request carries a key by which the vendor tells a repeat of it from a new one."""
    header = operation.idempotency_header or session.vendor.idempotency_header
    return header is not None and bool(request.header(header))


def address(session: Session, path: str, query: Iterable[tuple[str, str]] = ()) -> str:
    """The URL of a path below the client's address."""
    if not path.startswith("/") or _UNFIT.search(path):
        raise RequestError(f"a path starts with / and holds neither blanks nor #: {path!r}")
    pairs = urlencode(list(query), quote_via=quote, safe=_SAFE_IN_QUERY)
    separator = ("&" if "?" in path else "?") if pairs else ""
    return f"{session.base_url}{path}{separator}{pairs}"


def _accept(operation: Operation[Any]) -> str:
    kinds = {answer.kind for answer in operation.answers}
    return "*/*" if kinds & {"bytes", "text"} else "application/json"


def _body(session: Session, built: Request, options: CallOptions | None) -> tuple[bytes | Body, str | None]:
    extra = dict(options.body) if options else {}
    operation = built.operation.id
    if built.files or (built.content_type or "").startswith("multipart/"):
        fields = [*built.form, *((name, str(value)) for name, value in extra.items())]
        multipart = MultipartBody(fields, built.files, session.clock.nonce())
        return multipart, multipart.content_type
    if built.form:
        return urlencode(
            [*built.form, *((name, str(value)) for name, value in extra.items())]
        ).encode(), built.content_type
    if not extra:
        return built.content or b"", built.content_type
    document: Any = loads(built.content or b"{}")
    if not is_object(document) or "json" not in (built.content_type or "application/json"):
        raise RequestError(f"{operation}: further properties need a body that is a JSON object")
    return dumps({**document, **to_wire(extra)}), built.content_type or "application/json"


def _with_key(
    session: Session, operation: Operation[Any], options: CallOptions | None, request: HttpRequest
) -> HttpRequest:
    """The request with the caller's key, or with a new one where the operation takes one and none is there.

    It is made once for the call, so that all its attempts carry the same.
    """
    header = operation.idempotency_header or session.vendor.idempotency_header
    key = options.idempotency_key if options else None
    if key is not None:
        if header is None:
            title = session.vendor.title
            raise RequestError(f"{operation.id}: {title} has no idempotency keys; leave idempotency_key out")
        if not key.strip():
            raise RequestError(f"{operation.id}: idempotency_key is empty; leave it out")
    elif operation.idempotency_header is not None and not request.header(operation.idempotency_header):
        key = session.clock.nonce()
    return request if key is None or header is None else request.with_header(*_checked_header(session, header, key))


def _checked_header(session: Session, name: str, value: str) -> tuple[str, str]:
    """Refuse headers that the client itself is responsible for, and what would break out of its line."""
    if name.lower() in session.vendor.protected_headers:
        raise RequestError(f"the header {name!r} is the client's own; it cannot be set for a call")
    if not name or not name.isascii() or any(character in name for character in " \t\r\n:"):
        raise RequestError(f"{name!r} is no header name")
    if not value.isascii() or any(character in value for character in "\r\n\0"):
        raise RequestError(f"the value of the header {name!r} must be one line of ASCII")
    return name, value
