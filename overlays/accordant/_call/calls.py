"""What a client can run, each as one flow that both drivers perform."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from accordant_runtime import CallOptions, Operation, RawResponse

from .._flow.commands import Flow
from .._http.addresses import is_loopback, require_tls
from .._http.messages import HttpRequest, Sink
from .._settings import Defaults
from ..errors import ConfigurationError, ResponseDecodeError
from .attempts import CallState, exchange
from .captured import claim, note
from .request import http_request, is_keyed
from .response import ResponseReader
from .session import Session
from .status_errors import scrubbed, status_error

T = TypeVar("T")

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_HOPS = 3


def until(session: Session, defaults: Defaults) -> float | None:
    """The deadline of a call that begins now, on the monotonic clock."""
    return None if defaults.deadline is None else session.clock.monotonic() + defaults.deadline


def call(
    session: Session,
    defaults: Defaults,
    operation: Operation[T],
    arguments: Mapping[str, Any],
    options: CallOptions | None,
) -> Flow[T]:
    """Run an operation and decode its success."""
    chosen = defaults if options is None else defaults.for_call(options)
    reader = yield from succeeded(session, chosen, operation, arguments, options, until(session, chosen))
    result: T = reader.value()
    if session.capturing:
        claim(reader.state, (result,))
    return result


def raw(
    session: Session,
    defaults: Defaults,
    operation: Operation[T],
    arguments: Mapping[str, Any],
    options: CallOptions | None,
) -> Flow[RawResponse[T]]:
    """Run an operation and keep its success as it came; an error raises as in any other call."""
    chosen = defaults.for_call(options)
    reader = yield from succeeded(session, chosen, operation, arguments, options, until(session, chosen))
    state = reader.whole().state
    return raw_response(state, lambda: ResponseReader(operation, state).value())


def raw_response(state: CallState, parse: Any) -> RawResponse[Any]:
    """The response of a call as the user sees it before it is decoded."""
    request_id = state.session.request_id(state.response.headers)
    return RawResponse(
        status=state.response.status,
        headers=state.response.headers,
        content=state.response.content,
        request_id=None if request_id is None else state.redactor.text(request_id),
        elapsed=datetime.timedelta(seconds=state.elapsed),
        attempts=state.attempts,
        parse=parse,
    )


def succeeded(
    session: Session,
    chosen: Defaults,
    operation: Operation[Any],
    arguments: Mapping[str, Any],
    options: CallOptions | None,
    deadline: float | None,
    sink: Sink | None = None,
    query: Iterable[tuple[str, str]] = (),
) -> Flow[ResponseReader]:
    """Run an operation up to a response that is a success, before ``deadline`` on the monotonic clock."""
    if session.closed:
        session.require_open()
    request = http_request(session, chosen, operation, arguments, options, query)
    safe, vendor = operation.safe, session.vendor
    state = CallState(
        session,
        operation.id,
        request,
        chosen,
        deadline,
        authenticated=any(operation.security) and (not vendor.caller_security or vendor.authenticates(operation)),
        security=operation.security,
        repeatable=safe or operation.idempotent or is_keyed(session, operation, request),
        write=not safe and operation.entity.action not in ("get", "list"),
        sink=sink,
    )
    kept = session.catalogues.find(operation.id, request) if operation.id in session.catalogues.operations else None
    if kept is not None:
        state.response = kept
    else:
        yield from exchange(state)
    if session.capturing:
        note(state)
    reader = ResponseReader(operation, state)
    if kept is not None:
        return reader
    error = reader.failed()
    if error is not None:
        raise error
    return reader


def download(
    session: Session,
    defaults: Defaults,
    operation: Operation[Any],
    arguments: Mapping[str, Any],
    options: CallOptions | None,
    sink: Sink | None,
) -> Flow[bytes]:
    """Run an operation that returns a file, or the place where it is.

    A redirect is followed without any credentials, wherever it leads, and only over TLS. (Plain HTTP to loopback is
    followed where the client's own address is on loopback, as in tests; a vendor elsewhere has no say there.) With a
    ``sink`` the content goes there, and the result is empty; a long transfer is not cut off by the client's own
    deadline then, only by one that the call itself gives.
    """
    chosen = defaults.for_call(options)
    deadline = until(session, chosen)
    if sink is not None and (options is None or options.deadline is None):
        deadline = None
    reader = yield from succeeded(session, chosen, operation, arguments, options, deadline, sink)
    state = reader.state
    for _ in range(_MOST_HOPS):
        if state.response.status not in _REDIRECTS:
            break
        url = _target(state)
        request = HttpRequest("GET", url, (("Accept", "*/*"), ("User-Agent", session.user_agent)))
        state = CallState(session, operation.id, request, chosen, deadline, sink=sink)
        yield from exchange(state)
    response = state.response
    if response.broken is not None and response.ok:
        what = "the file was not read" if response.too_large else "the file was cut short"
        raise _unreadable(state, f"{what}: {response.broken}")
    if not response.ok:
        raise status_error(
            session, response, operation=operation.id, method="GET", path=state.path, attempts=state.attempts
        )
    return response.content


def _target(state: CallState) -> str:
    location = state.response.headers.get("location")
    if not location:
        raise _unreadable(state, "the redirect names no Location")
    try:
        target = urljoin(state.request.url, location)
        require_tls(target, "the place of the file")
        if urlsplit(target).scheme != "https" and not is_loopback(state.session.origin[1]):
            raise ConfigurationError("the vendor, which is not on this machine, leads to plain http on this machine")
    except (ConfigurationError, ValueError) as error:
        raise _unreadable(state, f"the redirect cannot be followed: {error}") from None
    return target


def _unreadable(state: CallState, message: str) -> ResponseDecodeError:
    session = state.session
    response = scrubbed(session, state.response)
    return ResponseDecodeError(
        session.redactor.text(message),
        operation=state.operation,
        status=response.status,
        content_type=response.headers.get("content-type", ""),
        request_id=session.request_id(response.headers),
        body=response.content,
    )
