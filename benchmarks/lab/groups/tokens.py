"""Token endpoints: what they send, when they are down, and how often they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from accordant import RetryPolicy

from ..cases import Case, Expect, Script
from ..replies import body_of, cut, http, late, unless, with_body
from ..shapes import REFUSED, Shapes, jwt

OAUTH = ("dispatch", "dibop")
"""Vendors whose token responses name a lifetime."""
MANY = 32


def _token(
    slug: str,
    title: str,
    tokens: Script,
    outcomes: str,
    count: int | None,
    script: Script | None = None,
    **more: Any,
) -> Case:
    calls = more.pop("calls", ("get 1", "get 2"))
    words = more.pop("words", None)
    expect = Expect(tuple(outcomes.split(", ")), tokens=count, words=words, within=more.pop("within", 6.0))
    return Case(
        id=f"tokens/{slug}",
        group="tokens",
        title=title,
        script=script or (lambda v: [v.record(1), v.record(2)]),
        tokens=tokens,
        calls=calls,
        expect=expect,
        login=True,
        peers=False,
        **more,
    )


def _lasting(value: Any) -> Script:
    return lambda v: [v.token(expires_in=value)]


def _raw_lifetime(text: bytes) -> Script:
    return lambda v: [with_body(v.token(expires_in="LIFE"), lambda body: body.replace(b'"LIFE"', text))]


def _changed(change: Callable[[bytes], bytes], **headers: str) -> Script:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda v: [with_body(v.token(), change, fields)]


def tokens() -> Iterator[Case]:
    """One tolerant reader for all token responses; one request however many wait."""
    yield from _lifetimes()
    yield from _forms()
    yield from _refusals()
    yield from _crowds()


def _lifetimes() -> Iterator[Case]:
    for slug, value, count in (
        ("number", 3600, 1),
        ("text", "3600", 1),
        ("float", 3600.5, 1),
        ("text-float", "3600.0", 1),
        ("zero", 0, 2),
        ("zero-text", "0", 2),
        ("negative", -5, 2),
        ("null", None, 1),
        ("words", "soon", 1),
        ("list", [3600], 1),
        ("true", True, 1),
        ("huge", 10**18, 1),
    ):
        title = f"expires_in is {value!r}" if slug != "null" else "expires_in is null"
        yield _token(f"expires-{slug}", title, _lasting(value), "1, 2", count, vendors=OAUTH)
    yield _token("expires-400", "expires_in has 400 digits", _raw_lifetime(b"9" * 400), "1, 2", 1, vendors=OAUTH)
    yield _token("expires-nan", "expires_in is NaN", _raw_lifetime(b"NaN"), "1, 2", 1, vendors=OAUTH)
    dime = ("dime_scheduler",)
    for slug, end, count in (("past", 1, 2), ("future", 4e9, 1), ("words", "soon", 1), ("huge", 10**400, 1)):
        yield _token(
            f"jwt-{slug}",
            f"a JWT that ends in the {slug}" if end in (1, 4e9) else f"a JWT whose end is {slug}",
            _jwt(end),
            "1, 2",
            count,
            vendors=dime,
        )
    yield _token("jwt-broken", "a token with dots that is no JWT", lambda v: [v.token("a.b.c")], "1, 2", 1)


def _jwt(end: Any) -> Script:
    return lambda v: [v.token(jwt(end))]


def _forms() -> Iterator[Case]:
    yield _token("bom", "a token response with a BOM", _changed(lambda body: b"\xef\xbb\xbf" + body), "1, 2", 1)
    yield _token(
        "utf16", "a token response in UTF-16", _changed(lambda body: body.decode().encode("utf-16")), "1, 2", 1
    )
    yield _token(
        "form",
        "a token response as a form",
        lambda _: [
            http(b"access_token=lab&expires_in=3600", headers={"Content-Type": "application/x-www-form-urlencoded"})
        ],
        "1, 2",
        1,
        vendors=OAUTH,
    )
    yield _token(
        "text-html",
        "a token response that says text/html",
        _changed(lambda body: body, Content_Type="text/html"),
        "1, 2",
        1,
    )
    for slug, title, body in (
        ("empty", "an empty token response", b""),
        ("html", "an HTML page for a token", b"<html>sign in</html>"),
        ("half", "half a token response", b'{"access_tok'),
        ("null", "null for a token", b"null"),
        ("list", "a list for a token", b"[1, 2]"),
        ("deep", "a token response nested 100,000 deep", b"[" * 100_000 + b"]" * 100_000),
    ):
        yield _token(slug, title, _body(body), "ResponseDecodeError|CredentialError", 1, calls=("get 1",))
    for slug, title, value in (
        ("number", "a token that is a number", 4711),
        ("object", "a token that is an object", {"value": "x"}),
        ("newline", "a token with a line end in it", "lab\r\nX-Injected: yes"),
        ("umlaut", "a token that is not ASCII", "t\u00f6ken"),
        ("blank", "a token of blanks", "   "),
    ):
        yield _token(
            f"value-{slug}",
            title,
            _access(value),
            "ResponseDecodeError|CredentialError",
            1,
            calls=("get 1",),
            script=lambda v: [unless(b"X-Injected", v.error(400, "injected"), v.record(1))],
        )


def _body(body: bytes) -> Script:
    return lambda _: [http(body)]


def _access(value: Any) -> Script:
    return lambda v: [v.token(value)]


def _refusals() -> Iterator[Case]:
    one = ("get 1",)
    yield _token(
        "refused",
        "credentials that are refused",
        lambda v: [v.refused()],
        "CredentialError",
        1,
        calls=one,
        words=REFUSED,
    )
    yield _token(
        "refused-400",
        "refused with a 400",
        lambda v: [http(body_of(v.refused()), 400)],
        "CredentialError",
        1,
        calls=one,
        words=REFUSED,
    )
    yield _token(
        "refused-200",
        "refused in a 200 response",
        lambda v: [http(body_of(v.refused()))],
        "CredentialError",
        1,
        calls=one,
        words=REFUSED,
    )
    yield _token(
        "refused-html",
        "refused with an HTML page",
        lambda _: [http(b"<html>no</html>", 403, {"Content-Type": "text/html"})],
        "CredentialError",
        1,
        calls=one,
    )
    yield _token(
        "busy",
        "the endpoint says temporarily_unavailable",
        lambda _: [http({"error": "temporarily_unavailable"}, 400)],
        "ServiceUnavailableError|InternalServerError|CredentialError|BadRequestError",
        None,
        calls=one,
    )
    yield from _outages()
    yield from _revocations()


def _outages() -> Iterator[Case]:
    one = ("get 1",)
    yield _token("down", "the endpoint is down", lambda v: [v.error(500)], "InternalServerError", 3, calls=one)
    yield _token("down-once", "the endpoint fails once", lambda v: [v.error(503), v.token()], "1, 2", 2)
    yield _token("cut-once", "the endpoint is cut once", lambda v: [cut(), v.token()], "1, 2", 2)
    yield _token(
        "limited",
        "the endpoint asks for a wait",
        lambda v: [v.error(429, headers={"Retry-After": "1"}), v.token()],
        "1, 2",
        2,
    )


def _revocations() -> Iterator[Case]:
    one = ("get 1",)
    yield _token(
        "revoked",
        "a token that is revoked",
        lambda v: [v.token("first"), v.token("second")],
        "1",
        2,
        calls=one,
        script=lambda v: [unless(b"Bearer second", v.record(1), v.error(401))],
    )
    yield _token(
        "always-401",
        "a 401 that no token helps against",
        lambda v: [v.token("first"), v.token("second")],
        "UnauthorizedError",
        2,
        calls=one,
        script=lambda v: [v.error(401)],
    )
    yield _token(
        "write-401",
        "a write gets a 401 once",
        lambda v: [v.token("first"), v.token("second")],
        "made 8",
        2,
        calls=("create",),
        script=lambda v: [unless(b"Bearer second", v.made(8), v.error(401))],
    )
    yield _token(
        "rotating",
        "a refresh token that is good once",
        _rotating,
        "1, 2",
        2,
        vendors=("dispatch",),
        script=lambda v: [
            unless(b"Bearer first", v.record(1), v.error(400)),
            v.error(401),
            unless(b"Bearer second", v.record(2), v.error(400)),
        ],
    )
    yield _token(
        "refresh-refused",
        "a refresh token that is refused",
        _lost_refresh,
        "1, 2",
        3,
        vendors=("dispatch",),
        script=lambda v: [v.record(1), v.error(401), unless(b"Bearer third", v.record(2), v.error(400))],
    )


def _rotating(v: Shapes) -> list[Any]:
    return [
        v.token("first", refresh_token="refresh-one", expires_in=3600),
        unless(b"refresh-one", v.token("second", refresh_token="refresh-two", expires_in=3600), v.refused()),
    ]


def _lost_refresh(v: Shapes) -> list[Any]:
    first = v.token("first", refresh_token="refresh-one", expires_in=3600)
    return [first, v.refused(), unless(b"refresh-one", v.refused(), v.token("third"))]


def _crowds() -> Iterator[Case]:
    crowd = (f"{MANY} x get 1",)
    real: dict[str, Any] = {"real_waits": True}
    quick = {"retries": RetryPolicy(2, base=0.05), "timeout": 3.0, "deadline": 5.0}
    yield _token(
        "single-flight",
        f"{MANY} callers, no token yet",
        lambda v: [v.token()],
        f"{MANY} x 1",
        1,
        calls=crowd,
        settings=quick,
        **real,
        script=lambda v: [v.record(1)],
    )
    yield _token(
        "single-renewal",
        f"{MANY} callers, a revoked token",
        lambda v: [v.token("first"), v.token("second")],
        f"{MANY} x 1",
        2,
        calls=crowd,
        settings=quick,
        **real,
        script=lambda v: [unless(b"Bearer second", v.record(1), v.error(401))],
    )
    yield _token(
        "crowd-refused",
        f"{MANY} callers, credentials refused",
        lambda v: [late(0.6, v.refused())],
        f"{MANY} x CredentialError",
        1,
        calls=crowd,
        settings=quick,
        **real,
    )
    yield _token(
        "crowd-down",
        f"{MANY} callers, the endpoint is down",
        lambda v: [late(0.6, v.error(500))],
        f"{MANY} x InternalServerError",
        3,
        calls=crowd,
        settings=quick,
        within=4.0,
        **real,
    )
