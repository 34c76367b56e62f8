"""From an operation and its arguments to the HTTP request that is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus, unquote
from uuid import UUID

from accordant_runtime import (
    CallOptions,
    Joined,
    Operation,
    Request,
    Unset,
    build_request,
    dumps,
    form_texts,
    header_trouble,
    is_object,
    loads,
    to_text,
    to_wire,
)

from .._http.messages import HttpRequest, StreamedBody
from .._http.multipart import FileBody, MultipartBody
from .._http.secrets import Secret, secret_fields
from .._settings import Defaults
from ..errors import RequestError
from .servers import server_of
from .session import Session
from .time_zones import require_aware, wall_clock

_SAFE_IN_QUERY = ",:/@"
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f#\ud800-\udfff]")
_TIMELESS = frozenset({str, int, bool, float, type(None), Unset, UUID})
"""Types of arguments that hold no time; most arguments are one of these."""
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def http_request(
    session: Session,
    defaults: Defaults,
    operation: Operation[Any],
    arguments: Mapping[str, Any],
    options: CallOptions | None,
    query: Iterable[tuple[str, str]] = (),
) -> HttpRequest:
    """The request of one call, without its credentials; ``query`` holds further pairs."""
    try:
        if session.zone is not None:
            arguments = {name: wall_clock(value, session.zone) for name, value in arguments.items()}
        if not session.vendor.wall_clock:
            for name, value in arguments.items():
                if type(value) not in _TIMELESS:
                    require_aware(value, name)
    except RecursionError:
        raise RequestError(f"{operation.id}: an argument is nested too deeply, or holds itself") from None
    if operation.body is not None and operation.body.model is not None:
        session.redactor.notice(*_secret_arguments(operation.body.model.target, arguments))
    built = build_request(operation, arguments)
    body, content_type = _body(session, built, options) if operation.body or options else (b"", None)
    headers = [("Accept", _accept(operation)), ("User-Agent", session.user_agent), *built.headers]
    if content_type is not None:
        headers.append(("Content-Type", content_type))
    pairs = [*built.query, *query, *(_query(options) if options else ())]
    root = server_of(session, operation) if operation.servers else session.base_url
    request = HttpRequest(operation.method, address(root, built.path, pairs), tuple(headers), body)
    for name, value in defaults.headers.items():
        request = request.with_header(*_checked_header(session, name, value))
    if options is None and operation.idempotency_header is None:
        return request
    return _with_key(session, operation, options, request)


def is_keyed(session: Session, operation: Operation[Any], request: HttpRequest) -> bool:
    """Whether a request carries a key by which the vendor tells a repeat of it from a new one."""
    header = operation.idempotency_header or session.vendor.idempotency_header
    return header is not None and bool(request.header(header))


def _secret_arguments(model: type, arguments: Mapping[str, Any]) -> Iterator[Secret]:
    """The arguments that the document calls passwords: a vendor may echo them as it may a client's own."""
    for name in secret_fields(model):
        value: object = arguments.get(name)
        if isinstance(value, str):
            yield Secret(value)


def address(root: str, path: str, query: Sequence[tuple[str, str]] = ()) -> str:
    """The URL of a path below an address."""
    if not path.startswith("/") or _UNFIT.search(path):
        what = "blanks, control characters, lone surrogates or #"
        raise RequestError(f"a path starts with / and holds no {what}: {path!a}")
    if ("/." in path or "/%" in path) and _climbs(path):
        raise RequestError(f"a path holds no '.' or '..' between its slashes, which would lead elsewhere: {path!a}")
    if not query:
        return f"{root}{path}"
    pairs = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in query)
    return f"{root}{path}{'&' if '?' in path else '?'}{pairs}"


def _climbs(path: str) -> bool:
    """Whether a path has dot segments, which URLs resolve; ``%2e`` is a dot to them (RFC 3986, 6.2.2)."""
    segments = path.partition("?")[0].split("/")
    return any(unquote(segment) in (".", "..") for segment in segments if segment[:1] in (".", "%"))


def _encoded(text: str) -> str:
    return text.encoded if isinstance(text, Joined) else quote(text, safe=_SAFE_IN_QUERY)


def _query(options: CallOptions) -> list[tuple[str, str]]:
    return [query_pair(name, value) for name, value in options.query.items()]


def query_pair(name: str, value: Any) -> tuple[str, str]:
    """A further pair of the query; raises ``RequestError``, which names the parameter, for what has no text."""
    try:
        return to_text(name), to_text(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestError(f"query parameter {_printable(name)!r}: {error}") from None


def _printable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


def _accept(operation: Operation[Any]) -> str:
    """The media types that the successes of an operation are documented in; any other is welcome where it is a file."""
    if len(operation.answers) == 1 and operation.answers[0].kind == "json":  # most are this one
        return operation.answers[0].content_type
    kinds = [answer.content_type for answer in operation.answers if answer.kind not in ("nothing", "redirect")]
    if kinds == ["*/*"]:
        return kinds[0]
    listed = ", ".join(dict.fromkeys(kinds)) or "application/json"
    return f"{listed}, */*;q=0.5" if any(answer.kind in ("bytes", "text") for answer in operation.answers) else listed


def _body(session: Session, built: Request, options: CallOptions | None) -> tuple[bytes | StreamedBody, str | None]:
    extra = dict(options.body) if options else {}
    operation = built.operation.id
    if built.files or (built.content_type or "").startswith("multipart/"):
        fields, kind = [*built.form, *_fields(operation, extra)], built.content_type or "multipart/form-data"
        multipart = MultipartBody(fields, built.files, session.clock.nonce(), kind)
        return multipart, multipart.content_type
    if built.form:
        return _form(built.form, _fields(operation, extra)), built.content_type
    if built.upload is not None and not extra:
        return FileBody(built.upload), built.content_type
    if not extra:
        return built.content or b"", built.content_type
    document: Any = loads(built.content or b"{}") if "json" in (built.content_type or "application/json") else None
    if not is_object(document):
        raise RequestError(f"{operation}: further properties need a body that is a JSON object")
    try:
        return dumps({**document, **to_wire(extra)}), built.content_type or "application/json"
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestError(f"{operation}: the further properties cannot be sent: {error}") from None


def _form(*fields: Iterable[tuple[str, str]]) -> bytes:
    """A urlencoded form."""
    pairs = [
        f"{quote_plus(name)}={text.encoded if isinstance(text, Joined) else quote_plus(text)}"
        for each in fields
        for name, text in each
    ]
    return "&".join(pairs).encode()


def _fields(operation: str, extra: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Further properties as fields of a form."""
    try:
        return [(name, text) for name, value in extra.items() for text in form_texts(name, to_wire(value))]
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestError(f"{operation}: the further properties cannot be sent: {error}") from None


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


def _checked_header(session: Session, name: str, value: Any) -> tuple[str, str]:
    """Refuse headers that the client itself is responsible for, and what would break out of its line.

    The value stays out of the message: it may be a secret.
    """
    if name.lower() in session.vendor.protected_headers:
        raise RequestError(f"the header {name!r} is the client's own; it cannot be set for a call")
    if _HEADER_NAME.fullmatch(name) is None:
        raise RequestError(f"{name!r} is no header name")
    if not isinstance(value, str):
        raise RequestError(f"the value of the header {name!r} must be text, not {type(value).__name__}")
    trouble = header_trouble(value)
    if trouble is not None:
        raise RequestError(f"the value of the header {name!r} must be one line of ASCII, and holds {trouble}")
    return name, value
