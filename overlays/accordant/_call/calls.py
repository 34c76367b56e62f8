"""What a client can run, each as one flow that both drivers perform."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from accordant_runtime import CallOptions, Operation, RawResponse

from .._flow.commands import Flow
from .._http.addresses import is_loopback, require_tls
from .._http.messages import HttpRequest, Sink
from .._settings import Defaults
from ..errors import ConfigurationError, ResponseDecodeError
from .attempts import Exchange, Plan, exchange
from .request import http_request, is_keyed
from .response import Reading
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
    chosen = defaults.for_call(options)
    reading = yield from answered(session, chosen, operation, arguments, options, until(session, chosen))
    result: T = reading.value()
    return result


def raw(
    session: Session,
    defaults: Defaults,
    operation: Operation[T],
    arguments: Mapping[str, Any],
    options: CallOptions | None,
) -> Flow[RawResponse[T]]:
    """Run an operation and keep its success as it came; an error raises as ever."""
    chosen = defaults.for_call(options)
    reading = yield from answered(session, chosen, operation, arguments, options, until(session, chosen))
    return raw_response(session, reading.whole().done, partial(_value, session, operation, reading.done))


def raw_response(session: Session, done: Exchange, parse: Any) -> RawResponse[Any]:
    """An answer as the user sees it before it is decoded."""
    return RawResponse(
        status=done.response.status,
        headers=done.response.headers,
        content=done.response.content,
        request_id=_shown_id(session, done),
        elapsed=datetime.timedelta(seconds=done.elapsed),
        attempts=done.attempts,
        parse=parse,
    )


def _shown_id(session: Session, done: Exchange) -> str | None:
    found = session.request_id(done.response.headers)
    return None if found is None else session.redactor.text(found)


def _value(session: Session, operation: Operation[Any], done: Exchange) -> Any:
    return Reading(session, operation, done).value()


def answered(
    session: Session,
    chosen: Defaults,
    operation: Operation[Any],
    arguments: Mapping[str, Any],
    options: CallOptions | None,
    deadline: float | None,
    sink: Sink | None = None,
    query: Iterable[tuple[str, str]] = (),
) -> Flow[Reading]:
    """Run an operation up to an answer that is a success, before ``deadline`` on the monotonic clock."""
    session.require_open()
    request = http_request(session, chosen, operation, arguments, options, query)
    kept = session.catalogues.find(operation.id, request)
    if kept is not None:
        return Reading(session, operation, Exchange(kept.plan, kept.response, 0, 0.0, may_have_been_applied=False))
    plan = Plan(
        operation=operation.id,
        request=request,
        defaults=chosen,
        until=deadline,
        authenticated=session.vendor.authenticates(operation),
        repeatable=operation.safe or operation.idempotent or is_keyed(session, operation, request),
        write=not operation.safe and operation.entity.action not in ("get", "list"),
        sink=sink,
    )
    done = yield from exchange(session, plan)
    reading = Reading(session, operation, done)
    error = reading.failed()
    if error is not None:
        raise error
    return reading


def download(
    session: Session,
    defaults: Defaults,
    operation: Operation[Any],
    arguments: Mapping[str, Any],
    options: CallOptions | None,
    sink: Sink | None,
) -> Flow[bytes]:
    """Run an operation that answers with a file, or with the place where it is.

    A redirect is followed without any credentials, wherever it leads, and only over TLS. (Plain HTTP to loopback is
    followed where the client's own address is on loopback, as in tests; a vendor elsewhere has no say there.) With a
    ``sink`` the content goes there, and the result is empty; a long transfer is not cut off by the client's own
    deadline then, only by one that the call itself gives.
    """
    chosen = defaults.for_call(options)
    deadline = until(session, chosen)
    if sink is not None and (options is None or options.deadline is None):
        deadline = None
    reading = yield from answered(session, chosen, operation, arguments, options, deadline, sink)
    url = reading.done.plan.request.url
    done = reading.done
    for _ in range(_MOST_HOPS):
        if done.response.status not in _REDIRECTS:
            break
        url = _target(session, operation, done, url)
        request = HttpRequest("GET", url, (("Accept", "*/*"), ("User-Agent", session.user_agent)))
        plan = Plan(
            operation.id, request, chosen, deadline, authenticated=False, repeatable=True, write=False, sink=sink
        )
        done = yield from exchange(session, plan)
    response = done.response
    if response.broken is not None and response.ok:
        what = "the file was not read" if response.too_large else "the file was cut short"
        raise _unreadable(session, operation, done, f"{what}: {response.broken}")
    if not response.ok:
        raise status_error(
            session, response, operation=operation.id, method="GET", path=done.path, attempts=done.attempts
        )
    return response.content


def _target(session: Session, operation: Operation[Any], done: Exchange, url: str) -> str:
    location = done.response.headers.get("location")
    if not location:
        raise _unreadable(session, operation, done, "the redirect names no Location")
    target = urljoin(url, location)
    try:
        require_tls(target, "the place of the file")
        if urlsplit(target).scheme != "https" and not is_loopback(session.origin[1]):
            raise ConfigurationError("the vendor, which is not on this machine, leads to plain http on this machine")
    except (ConfigurationError, ValueError) as error:
        raise _unreadable(session, operation, done, f"the redirect cannot be followed: {error}") from None
    return target


def _unreadable(session: Session, operation: Operation[Any], done: Exchange, message: str) -> ResponseDecodeError:
    response = scrubbed(session, done.response)
    return ResponseDecodeError(
        session.redactor.text(message),
        operation=operation.id,
        status=response.status,
        content_type=response.headers.get("content-type", ""),
        request_id=session.request_id(response.headers),
        body=response.content,
    )
