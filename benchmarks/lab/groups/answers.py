"""Statuses, the waits that servers ask for, redirects, and writes of which nobody knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeAlias

from ..cases import Case, Expect, Script
from ..replies import cut, drip, hang, http, reset
from ..server import closed_port
from ..shapes import REFUSED, Shapes
from ..stage import Stage

STATUSES = {
    300: ("RedirectStatusError", 1),
    400: ("BadRequestError", 1),
    401: ("UnauthorizedError", 1),
    402: ("ClientStatusError", 1),
    403: ("ForbiddenError", 1),
    404: ("NotFoundError", 1),
    405: ("MethodNotAllowedError", 1),
    408: ("RequestTimeoutError", 3),
    409: ("ConflictError", 1),
    410: ("GoneError", 1),
    412: ("PreconditionFailedError", 1),
    413: ("ContentTooLargeError", 1),
    415: ("UnsupportedMediaTypeError", 1),
    418: ("ClientStatusError", 1),
    422: ("UnprocessableEntityError", 1),
    425: ("ClientStatusError", 3),
    429: ("TooManyRequestsError", 3),
    451: ("ClientStatusError", 1),
    500: ("InternalServerError", 3),
    501: ("ServerStatusError", 1),
    502: ("BadGatewayError", 3),
    503: ("ServiceUnavailableError", 3),
    504: ("GatewayTimeoutError", 3),
    507: ("ServerStatusError", 1),
    599: ("ServerStatusError", 1),
}
"""The error of each status, and how many times a read is sent."""
Value: TypeAlias = str | Callable[[], str]
"""A header, or what makes it: a date is made when the response is."""
APPLIED = " (may have been applied)"


def _failing(status: int) -> Script:
    return lambda v: [v.error(status)]


def _failing_once(status: int, response: str) -> Script:
    return lambda v: [v.error(status), v.record(1) if response == "record" else v.made(8)]


def statuses() -> Iterator[Case]:
    """Every status is its own error, with the vendor's words; what may pass is tried again."""
    for status, (error, requests) in STATUSES.items():
        expect = Expect((error,), requests, words=REFUSED)
        yield Case(
            id=f"statuses/{status}",
            group="statuses",
            title=f"a read gets {status}",
            script=_failing(status),
            calls=("get 1",),
            expect=expect,
        )
    for status in (408, 425, 429, 500, 502, 503, 504):
        yield Case(
            id=f"statuses/{status}-once",
            group="statuses",
            title=f"a read gets {status} once",
            script=_failing_once(status, "record"),
            calls=("get 1",),
            expect=Expect(("1",), 2),
        )
    for slug, title, script, error in (
        ("html-502", "a 502 of a gateway, in HTML", _page(502), "BadGatewayError"),
        ("empty-503", "a 503 without a body", _empty(503), "ServiceUnavailableError"),
        ("cut-500", "a 500 whose JSON ends early", _bad_json(500), "InternalServerError"),
        ("nul-404", "a 404 whose words are no text", _words(404), "NotFoundError"),
    ):
        yield Case(
            id=f"statuses/{slug}",
            group="statuses",
            title=title,
            script=script,
            calls=("get 1",),
            expect=Expect((error,)),
        )


def _page(status: int) -> Script:
    return lambda _: [http(b"<html><h1>Bad gateway</h1></html>", status, {"Content-Type": "text/html"})]


def _empty(status: int) -> Script:
    return lambda _: [http(b"", status, {"Content-Type": None})]


def _bad_json(status: int) -> Script:
    return lambda _: [http(b'{"error": {"mess', status)]


def _words(status: int) -> Script:
    return lambda _: [http(b'{"error": "\\ud800\xff\x00"}', status)]


def _date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _old_date(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%A, %d-%b-%y %H:%M:%S GMT")


def _asctime(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%a %b %e %H:%M:%S %Y")


def _asking(status: int, headers: Mapping[str, Value]) -> Script:
    """A response that asks for a wait. Dates are made when it is sent: ``headers`` may hold functions."""

    def script(v: Shapes) -> list[bytes]:
        made: dict[str, str | None] = {
            name: value if isinstance(value, str) else value() for name, value in headers.items()
        }
        return [v.error(status, headers=made), v.record(1)]

    return script


_AFTER, _RESET, _LIMIT = "Retry-After", "X-RateLimit-Reset", "RateLimit"
FORMS: list[tuple[str, str, int, dict[str, Value], tuple[float, ...]]] = [
    ("seconds", "Retry-After: 2", 429, {_AFTER: "2"}, (2,)),
    ("zero", "Retry-After: 0", 429, {_AFTER: "0"}, ()),
    ("fraction", "Retry-After: 1.5", 429, {_AFTER: "1.5"}, (1.5,)),
    ("blanks", "Retry-After with blanks around it", 429, {_AFTER: "  2  "}, (2,)),
    ("date", "Retry-After as a date", 429, {_AFTER: lambda: _date(3)}, (2.5,)),
    ("old-date", "Retry-After as a date of RFC 850", 429, {_AFTER: lambda: _old_date(3)}, (2.5,)),
    ("asctime", "Retry-After as a date of asctime", 429, {_AFTER: lambda: _asctime(3)}, (2.5,)),
    ("past", "Retry-After as a date in the past", 429, {_AFTER: lambda: _date(-60)}, ()),
    (
        "their-clock",
        "a date by the server's own clock",
        429,
        {_AFTER: lambda: _date(-97), "Date": lambda: _date(-100)},
        (3,),
    ),
    ("negative", "Retry-After: -1", 429, {_AFTER: "-1"}, ()),
    ("junk", "Retry-After: soon", 429, {_AFTER: "soon"}, ()),
    ("empty", "an empty Retry-After", 429, {_AFTER: ""}, ()),
    ("unit", "Retry-After: 2s", 429, {_AFTER: "2s"}, ()),
    ("on-503", "Retry-After on a 503", 503, {_AFTER: "2"}, (2,)),
    ("on-500", "Retry-After on a 500", 500, {_AFTER: "2"}, (2,)),
    ("on-408", "Retry-After on a 408", 408, {_AFTER: "2"}, (2,)),
    ("on-425", "Retry-After on a 425", 425, {_AFTER: "2"}, (2,)),
    ("reset-seconds", "X-RateLimit-Reset: 2", 429, {_RESET: "2"}, (2,)),
    (
        "reset-epoch",
        "X-RateLimit-Reset in seconds since 1970",
        429,
        {_RESET: lambda: f"{time.time() + 3:.0f}"},
        (3,),
    ),
    (
        "reset-ms",
        "X-RateLimit-Reset in milliseconds",
        429,
        {_RESET: lambda: f"{(time.time() + 3) * 1000:.0f}"},
        (3,),
    ),
    ("reset-date", "X-RateLimit-Reset as a date", 429, {_RESET: lambda: _date(3)}, (2.5,)),
    ("reset-503", "X-RateLimit-Reset on a 503", 503, {_RESET: "2"}, (2,)),
    ("reset-500", "X-RateLimit-Reset on a 500 explains nothing", 500, {_RESET: "2"}, ()),
    ("reset-left", "X-RateLimit-Reset while calls remain", 429, {_RESET: "2", "X-RateLimit-Remaining": "5"}, ()),
    ("both", "Retry-After and X-RateLimit-Reset", 429, {_AFTER: "1", _RESET: "3"}, (1,)),
    ("draft", "RateLimit of the IETF draft", 429, {_LIMIT: '"default";r=0;t=2'}, (2,)),
    ("older-draft", "RateLimit of the older draft", 429, {_LIMIT: "limit=10, remaining=0, reset=2"}, (2,)),
    ("draft-reset", "RateLimit-Reset", 429, {"RateLimit-Reset": "2"}, (2,)),
]
"""Slug, title, status, headers, and the waits that they ask for."""


def waits() -> Iterator[Case]:
    """The wait that a server asks for is kept, in every form in which it asks."""
    for slug, title, status, headers, wanted in FORMS:
        yield Case(
            id=f"waits/{slug}",
            group="waits",
            title=title,
            script=_asking(status, headers),
            calls=("get 1",),
            settings={"deadline": 30.0},
            expect=Expect(("1",), 2, waits=wanted),
            peers=False,
        )
    for slug, value in (("hour", "3600"), ("endless", "9" * 400), ("far", "Fri, 31 Dec 9999 23:59:59 GMT")):
        yield Case(
            id=f"waits/{slug}",
            group="waits",
            title=f"Retry-After: {value[:30]}",
            script=_asking(429, {_AFTER: value}),
            calls=("get 1",),
            settings={"deadline": 30.0},
            # Nothing is gained by waiting: the error at once, or the usual backoff where the value is no number.
            expect=Expect(("1" if slug == "endless" else "TooManyRequestsError",), waits=()),
            peers=False,
        )


def _write(slug: str, title: str, script: Script, outcomes: str, requests: int | None, **more: Any) -> Case:
    calls = more.pop("calls", ("create",))
    expect = Expect(tuple(outcomes.split(", ")), requests)
    return Case(id=f"writes/{slug}", group="writes", title=title, script=script, calls=calls, expect=expect, **more)


def writes() -> Iterator[Case]:
    """A write is never sent twice after it may have been applied, and the error says so."""
    unknown = "AmbiguousOutcomeError"
    read_or_not = f"{unknown}|ResponseDecodeError"
    yield _write("cut", "cut after the write arrived", lambda _: [cut()], unknown, 1)
    yield _write("reset", "a reset after the write arrived", lambda _: [reset()], unknown, 1)
    yield _write("cut-status", "cut in the status line", lambda _: [cut(b"HTTP/1.1 2")], unknown, 1)
    yield _write("cut-head", "cut in the head of the 201", lambda v: [cut(v.made(8)[:40])], unknown, 1)
    yield _write("cut-body", "cut in the body of the 201", lambda v: [cut(v.made(8)[:-5])], read_or_not, 1)
    yield _write("no-http", "a response that is no HTTP", lambda _: [cut(b"SSH-2.0\r\n")], unknown, 1)
    short = {"timeout": 0.4, "deadline": 1.0}
    yield _write("hung", "no response", lambda _: [hang()], unknown, 1, settings=short)
    yield _write("trickle", "a response byte by byte", lambda v: [drip(v.made(8))], unknown, 1, settings=short)
    for status, error in ((500, "InternalServerError"), (502, "BadGatewayError"), (503, "ServiceUnavailableError")):
        yield _write(f"{status}", f"a write gets {status}", _failing(status), error + APPLIED, 1)
    yield _write("504", "a write gets 504", _failing(504), "GatewayTimeoutError" + APPLIED, 1)
    yield _write("408", "a write gets 408", _failing(408), "RequestTimeoutError" + APPLIED, 1)
    yield _write("425", "a write gets 425 once", _failing_once(425, "made"), "made 8", 2)
    yield _write("429", "a write gets 429 once", _failing_once(429, "made"), "made 8", 2)
    yield _write("422", "a write gets 422", _failing(422), "UnprocessableEntityError", 1)
    yield _write("409", "a write gets 409", _failing(409), "ConflictError", 1)
    yield _write("html", "a write gets an HTML page with a 200", _page(200), "ResponseDecodeError", 1)
    yield _write(
        "307",
        "a write gets a redirect",
        lambda _: [http(b"", 307, {"Location": "/elsewhere"})],
        "RedirectStatusError",
        1,
    )
    yield _write(
        "reset-at-once",
        "connections that are reset before the first byte",
        lambda v: [v.made(8)],
        unknown + "|ConnectError|NetworkError",
        0,
        greeting=reset(),
        peers=False,
    )
    yield _write("delete-cut", "a deletion is cut once", lambda v: [cut(), v.gone()], "gone", 2, calls=("delete 1",))
    yield _write(
        "delete-503", "a deletion gets 503 once", lambda v: [v.error(503), v.gone()], "gone", 2, calls=("delete 1",)
    )
    yield Case(
        id="writes/refused",
        group="writes",
        title="nobody listens: certainly not applied",
        run=_refused,
        expect=Expect(("ConnectError, not sent",)),
    )


def _refused(stage: Stage) -> str:
    with stage.player(base_url=f"http://127.0.0.1:{closed_port()}", retries=0) as player:
        try:
            player.value(stage.vendor.verb("create").start)
        except Exception as error:  # whatever comes is what is to be seen
            return f"{type(error).__name__}, {'sent' if getattr(error, 'sent', True) else 'not sent'}"
    return "no error"


def redirects() -> Iterator[Case]:
    """A redirect that the document does not promise is an error; credentials never travel to another host."""

    def to(status: int, where: str) -> Script:
        return lambda v: [http(b"", status, {"Location": v.other + where if where.startswith("/") else where})]

    for status in (301, 302, 303, 307, 308):
        yield Case(
            id=f"redirects/{status}",
            group="redirects",
            title=f"a {status} to another host",
            script=to(status, "/elsewhere"),
            elsewhere=lambda v: [v.record(666)],
            calls=("get 1",),
            expect=Expect(("RedirectStatusError",), 1, elsewhere=0),
        )
    for slug, title, where in (
        ("plain", "a redirect to plain http elsewhere", "http://vendor.test/x"),
        ("scheme", "a redirect to file:", "file:///etc/passwd"),
        ("loop", "a redirect to itself", "?again"),
        ("junk", "a redirect to no address", "http://[::bad"),
    ):
        yield Case(
            id=f"redirects/{slug}",
            group="redirects",
            title=title,
            script=to(302, where),
            calls=("get 1",),
            expect=Expect(("RedirectStatusError",), 1),
            peers=slug in ("loop",),
        )
    yield Case(
        id="redirects/no-location",
        group="redirects",
        title="a redirect to nowhere",
        script=lambda _: [http(b"", 302)],
        calls=("get 1",),
        expect=Expect(("RedirectStatusError",), 1),
    )
    yield Case(
        id="redirects/write",
        group="redirects",
        title="a write is sent to another host",
        script=to(308, "/elsewhere"),
        elsewhere=lambda v: [v.made(666)],
        calls=("create",),
        expect=Expect(("RedirectStatusError",), 1, elsewhere=0),
    )
    yield Case(
        id="redirects/token",
        group="redirects",
        title="the token endpoint points to another host",
        script=lambda v: [v.record(1)],
        tokens=to(307, "/token"),
        elsewhere=lambda v: [v.token()],
        login=True,
        calls=("get 1",),
        expect=Expect(("RedirectStatusError|CredentialError",), 0, elsewhere=0),
    )
